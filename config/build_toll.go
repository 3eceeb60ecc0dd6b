package config

import (
	"fmt"

	"golang.org/x/text/language"

	"github.com/soglia-sso/soglia/mailaddress"
)

// tollHome is where codes to telephones are no journey: what the file says, or the country most people of a language live in.
func (b *builder) tollHome(lang string) []string {
	home := b.file.Limits.Toll.Home
	b.twice("limits.toll.home", home)
	for i, country := range home {
		if r, err := language.ParseRegion(country); err != nil || !r.IsCountry() || r.String() != country {
			b.errorf(fmt.Sprintf("limits.toll.home[%d]", i), "", "%q is no country: two capital letters of ISO 3166, such as IT", country)
		}
	}
	if len(home) > 0 {
		return home
	}
	region, _ := language.Make(lang).Region()
	return []string{region.String()}
}

// alerts needs mail, where somebody is to be told.
func (b *builder) alerts(c *Config) Alerts {
	f := b.file.Alerts
	if f.Email == "" {
		return f
	}
	if _, err := mailaddress.Parse(f.Email); err != nil {
		b.errorf("alerts.email", "", "%q is no mail address", f.Email)
	}
	if len(c.Channels["email"]) == 0 {
		b.errorf("alerts.email", "", "alerts by mail need channels.email")
	}
	return f
}
