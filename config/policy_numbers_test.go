package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestANumberCanBeSwitchedOnWhereSomethingReachesItAndALevelTakesIt(t *testing.T) {
	const channels = "channels: {email: {driver: outbox}, sms: [{driver: outbox, name: texts}], whatsapp: {driver: outbox}}\n"
	named := func(f *File) { f.Channels.WhatsApp.Name = "chats" } // three gateways of one kind
	levels := func(second string) string { return "acr: [{name: sfa}, {name: mfa, second: [" + second + "]}]\n" }
	for _, row := range []struct{ text, enrollable, says string }{
		{"factors: {totp: {}, sms: {}, codes: {channels: [whatsapp, sms]}}\n", "[totp sms whatsapp]", ""},
		{"factors: {totp: {}, codes: {channels: [whatsapp, sms]}}\n", "[totp]", ""},
		{"factors: {totp: {}, sms: {}, codes: {channels: [email, whatsapp]}}\n", "[totp whatsapp]", ""},
		{"factors: {totp: {}, sms: {}, codes: {channels: [email, whatsapp, sms]}}\n" + levels("totp, sms"), "[totp sms]", ""},
		{"factors: {totp: {}, sms: {}, codes: {channels: [email, whatsapp, sms]}}\n" + levels("totp, email"), "[totp]", ""},
		{"factors: {totp: {}, sms: {}, codes: {channels: [email]}}\n", "", "factors.sms needs sms or whatsapp among factors.codes.channels"},
	} {
		c, err := parse(t, small+channels+row.text, Options{Dev: true, Overlay: named})
		switch {
		case row.says != "":
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%s: %v", row.text, err)
			}
		case err != nil:
			t.Errorf("%s: %v", row.text, err)
		case fmt.Sprint(c.Policy.Enrollable) != row.enrollable:
			t.Errorf("%s: %v, want %s", row.text, c.Policy.Enrollable, row.enrollable)
		}
	}
}
