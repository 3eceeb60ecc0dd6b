package config

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/soglia-sso/soglia/mailaddress"
	"github.com/soglia-sso/soglia/phonenumber"
)

// tollHome is where codes to telephones are no journey: what the file says, or the country most people of a language live in.
func (b *builder) tollHome(c *Config) []string {
	lang := c.Locales.Default
	home := b.file.Limits.Toll.Home
	b.twice("limits.toll.home", home)
	for i, country := range home {
		if phonenumber.Prefix(country) == "" {
			b.errorf(fmt.Sprintf("limits.toll.home[%d]", i), "", "%q is no country: two capital letters of ISO 3166, such as IT", country)
		}
	}
	if len(home) == 0 {
		region, _ := language.Make(lang).Region()
		home = []string{region.String()}
	}
	served := func(country string) bool { return slices.Contains(b.policy.Countries, country) }
	if (len(c.Channels["sms"]) > 0 || len(c.Channels["whatsapp"]) > 0) && !slices.ContainsFunc(home, served) {
		b.mistakes.warn(b.places.of("limits.toll.home"), "name where most customers live",
			"no code goes to %s, which limits.toll takes for home: every number has the caps of one abroad", strings.Join(home, ", "))
	}
	return home
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
