package step

import (
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

func TestWhichWayIsAskedFirst(t *testing.T) {
	option := map[string]acr.Option{
		"mail": {Method: acr.Email, Credential: "m", Independent: true}, "dependent": {Method: acr.Email, Credential: "d"},
		"chat": {Method: acr.WhatsApp, Credential: "p", Independent: true}, "text": {Method: acr.SMS, Credential: "p", Independent: true},
		"app": {Method: acr.TOTP, Credential: "a", Own: true, Independent: true}, "codes": {Method: acr.Recovery, Own: true, Independent: true},
		"own chat": {Method: acr.WhatsApp, Credential: "f", Own: true, Independent: true}, "own text": {Method: acr.SMS, Credential: "f", Own: true, Independent: true},
	}
	for _, row := range []struct{ offered, chosen, want string }{
		{"mail, chat, text", "", "mail, chat, text"},
		{"chat, text", "", "text, chat"},
		{"chat, text, dependent", "", "text, chat, dependent"},
		{"chat, dependent", "", "dependent, chat"},
		{"chat", "", "chat"},
		{"mail, chat, text", "whatsapp:p", "chat, mail, text"},
		{"chat, text", "whatsapp:p", "chat, text"},
		{"chat, text", "whatsapp:gone", "text, chat"},
		{"mail, chat, text", "sms:p", "text, mail, chat"},
		{"text, dependent", "email:d", "text, dependent"},
		{"app, own text, codes", "sms:f", "own text, app, codes"},
		{"app, own text, codes", "", "app, own text, codes"},
		{"own chat, own text, codes", "", "own chat, own text, codes"}, // switched on by WhatsApp
		{"", "", ""},
	} {
		var ways []acr.Option
		for name := range strings.SplitSeq(row.offered, ", ") {
			if name != "" {
				ways = append(ways, option[name])
			}
		}
		var got []string
		for _, o := range InOrder(&storage.Person{ChosenWay: row.chosen}, ways) {
			for name, is := range option {
				if is == o {
					got = append(got, name)
				}
			}
		}
		if s := strings.Join(got, ", "); s != row.want {
			t.Errorf("of %s, %q chosen: %s, want %s", row.offered, row.chosen, s, row.want)
		}
	}
}
