package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestF07TheCapsOfCodesToTelephonesAreInForceWithoutAWord(t *testing.T) {
	c, err := parse(t, small, Options{})
	if err != nil {
		t.Fatal(err)
	}
	caps := FileTollCaps{
		PerHour: 3000, PerDay: 20000, AccountPerHour: 10, AccountPerDay: 20, CountryPerHour: 100, CountryPerDay: 1000,
		PrefixPerHour: 20, PrefixPerDay: 100, AccountsPerNumber: 5,
	}
	grace := 2 * time.Minute
	want := FileToll{
		Home: []string{"IT"}, SMS: caps, WhatsApp: caps,
		Breaker: FileTollBreaker{Codes: 20, Window: time.Hour, Entered: 25, Lasts: time.Hour, Grace: &grace},
	}
	if diff := cmp.Diff(want, c.Limits.Toll); diff != "" {
		t.Error(diff)
	}
	if c.Limits.Toll.Caps("sms") == nil || c.Limits.Toll.Caps("whatsapp") == nil || c.Limits.Toll.Caps("email") != nil {
		t.Error("telephones cost, mail does not")
	}
}

func TestF07EveryCapGoesDownToOne(t *testing.T) {
	c, err := parse(t, small+`limits: {toll: {home: [IT, SM], sms: {per_hour: 1, per_day: 1, account_per_hour: 1, account_per_day: 1, country_per_hour: 1,
  country_per_day: 1, prefix_per_hour: 1, prefix_per_day: 1, accounts_per_number: 1}, breaker: {codes: 1, window: 1s, entered: 1, lasts: 1s, grace: 0s}}}
`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if toll := c.Limits.Toll; toll.SMS.PerHour != 1 || toll.WhatsApp.PerHour != 3000 || *toll.Breaker.Grace != 0 || !slices.Equal(toll.Home, []string{"IT", "SM"}) {
		t.Errorf("%+v", toll)
	}
}

func TestHomeIsTheCountryOfTheDefaultLanguage(t *testing.T) {
	for text, want := range map[string]string{"": "IT", "locales: {default: en}\n": "US", "limits: {toll: {home: [CH]}}\n": "CH"} {
		c, err := parse(t, small+text, Options{})
		if err != nil || !slices.Equal(c.Limits.Toll.Home, []string{want}) {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
	for _, country := range []string{"it", "ITA", "EU", "XX1", "41"} {
		if _, err := parse(t, small+"limits: {toll: {home: ["+country+"]}}\n", Options{}); err == nil {
			t.Errorf("%s is taken for a country", country)
		}
	}
}

// In English home would be the United States, where by default no code goes.
func TestAHomeThatNoCodeGoesToIsWarnedOf(t *testing.T) {
	for text, want := range map[string]bool{
		"locales: {default: en}\nchannels: {sms: [{driver: outbox}]}\n":                               true,
		"locales: {default: en}\n":                                                                    false,
		"channels: {sms: [{driver: outbox}]}\n":                                                       false,
		"locales: {default: en}\nlimits: {toll: {home: [GB]}}\nchannels: {sms: [{driver: outbox}]}\n": false,
	} {
		c, err := parse(t, small+text, Options{Dev: true})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(c.Warnings, func(m Mistake) bool { return strings.Contains(m.Message, "no code goes to US") })
		if warned != want {
			t.Errorf("%q: %v", text, c.Warnings)
		}
	}
}

func TestAlertsNeedAnAddressAndMail(t *testing.T) {
	mail := "channels: {email: {driver: outbox, from: a@example.it}}\n"
	for text, want := range map[string]string{
		mail + "alerts: {email: noc@example.it}\n": "",
		mail + "alerts: {email: noc}\n":            "is no mail address",
		"alerts: {email: noc@example.it}\n":        "alerts by mail need channels.email",
	} {
		_, err := parse(t, small+text, Options{Dev: true})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
