package config

import (
	"slices"
	"strings"
	"testing"
)

func TestF07CodesGoToTheCountriesOfTheFile(t *testing.T) {
	phones := func(countries string) string {
		return small + "channels: {sms: [{driver: outbox, name: sms}]}\nfactors: {totp: {}, codes: {channels: [sms]}" + countries + "}\n"
	}
	for text, want := range map[string]int{"": 31, ", sms: {countries: [EU]}": 27, ", sms: {countries: [IT, EU, CH]}": 28, ", sms: {countries: [SM]}": 1} {
		c, err := parse(t, phones(text), Options{Dev: true})
		if err != nil || len(c.Policy.Countries) != want || slices.Contains(c.Policy.Countries, "EU") {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
	for list, want := range map[string]string{
		"it":     `did you mean "IT"?`,
		"el":     `did you mean "GR"?`,
		"ITA":    `unknown country "ITA"`,
		"UK":     `did you mean "GB"?`,
		`"+39"`:  `unknown country "+39"`,
		`""`:     `countries is empty`,
		"IT, IT": "in the list twice",
	} {
		_, err := parse(t, phones(", sms: {countries: ["+list+"]}"), Options{Dev: true})
		if err == nil || strings.Count(err.Error(), "soglia.yaml:") != 1 || strings.Contains(err.Error(), "mean") != strings.Contains(want, "mean") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
}
