package server

import (
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
)

// Brand is what pages and messages show of a configuration.
func Brand(c *config.Config) templates.Brand {
	return templates.Brand{
		Name: c.Branding.Name, LogoSVG: c.Branding.LogoSVG, Accent: c.Branding.Accent,
		SupportURL: c.Branding.Support.URL, SupportPhone: c.Branding.Support.Phone,
		Offered: c.Locales.Offered, DefaultLang: c.Locales.Default, Dev: c.Dev, Host: host(c),
		Has: has(c),
	}
}

// has is what the texts may speak of.
func has(c *config.Config) templates.Has {
	codes := func(m acr.Method) bool {
		return c.Policy.ContactCodes != acr.Never && slices.Contains(c.Policy.Channels, m)
	}
	h := templates.Has{
		Usernames: slices.Contains(c.Identifiers, user.ByUsername), Emails: slices.Contains(c.Identifiers, user.ByEmail),
		App: slices.Contains(c.Policy.Enrollable, acr.TOTP), Reserve: c.ReserveCodes(), EverySignIn: c.Policy.EverySignIn,
		Mail: codes(acr.Email), Phone: codes(acr.SMS) || codes(acr.WhatsApp),
	}
	for _, s := range c.Scopes {
		h.Areas = h.Areas || s.Level != ""
	}
	return h
}
