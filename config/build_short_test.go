package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
)

// F09: the last line of a text message names the host. A long one doubles what each message costs, a long name is left out.
func TestF09ATextMessageWithoutRoomIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		host, name, sms, warned string
	}{
		{"sso.example.it", "Example Hosting", "", ""},
		{strings.Repeat("h", 45-len(".example.it")) + ".example.it", "B", "", "there is no room for branding.name"},
		{strings.Repeat("h", 46-len(".example.it")) + ".example.it", "B", "", "takes two messages"},
		{"sso.example.it", strings.Repeat("B", 30), "", ""},
		{"sso.example.it", strings.Repeat("B", 31), "", "there is no room for branding.name in some codes by SMS"},
		{"sso.example.it", "Пример", "", "there is no room for branding.name in some codes by SMS"},
		{strings.Repeat("h", 60) + ".example.it", "B", "none", ""},
	} {
		sms, codes := "sms: [{driver: outbox}]", "sms"
		if c.sms == "none" {
			sms, codes = `email: {driver: outbox, from: "a <a@example.it>"}`, "email"
		}
		text := fmt.Sprintf(`version: 1
issuer: https://%s
secrets: {master_key: "${env:KEY}"}
storage: {url: "sqlite:soglia.db"}
branding: {name: %q, support: {phone: "+39 0000 000000"}}
channels: {%s}
factors: {codes: {channels: [%s]}}
`, c.host, c.name, sms, codes)
		got, err := config.Parse([]byte(text), config.Options{Dev: true, Drivers: notify.Drivers(), Env: func(string) (string, bool) {
			return "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G", true
		}})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, w := range got.Warnings {
			said += w.String()
		}
		if !strings.Contains(said, c.warned) || (c.warned == "") == strings.Contains(said, "SMS") {
			t.Errorf("%s, %q: %s", c.host, c.name, said)
		}
	}
}
