package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQ46CodesInAnHourAreANumberOrAMapByChannel(t *testing.T) {
	file := func(codes string) string {
		return small + "channels: {email: {driver: outbox, from: a@example.it}}\nfactors: {totp: {}, codes: {channels: [email]" + codes + "}}\n"
	}
	day := map[string]int{"email": 20, "whatsapp": 12, "sms": 8}
	for codes, want := range map[string][2]map[string]int{
		"":                       {{"email": 10, "whatsapp": 6, "sms": 5}, day},
		", per_hour: 3":          {{"email": 3, "whatsapp": 3, "sms": 3}, day},
		", per_hour: {email: 7}": {{"email": 7, "whatsapp": 6, "sms": 5}, day},
		", per_day: {email: 4}":  {{"email": 10, "whatsapp": 6, "sms": 5}, {"email": 4, "whatsapp": 12, "sms": 8}},
		", per_hour: {}":         {{"email": 10, "whatsapp": 6, "sms": 5}, day},
	} {
		c, err := parse(t, file(codes), Options{Dev: true})
		if err != nil {
			t.Errorf("%q: %v", codes, err)
			continue
		}
		if diff := cmp.Diff(want, [2]map[string]int{c.Factors.Codes.PerHour, c.Factors.Codes.PerDay}); diff != "" {
			t.Errorf("%q: %s", codes, diff)
		}
	}
	for _, codes := range []string{", per_hour: 0", ", per_hour: many", ", per_hour: {email: 0}", ", per_hour: {fax: 3}", ", per_hour: [3]"} {
		if _, err := parse(t, file(codes), Options{Dev: true}); err == nil {
			t.Errorf("%q is taken", codes)
		}
	}
}
