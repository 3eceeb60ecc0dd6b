package config

import (
	"maps"
	"net/url"
	"slices"
	"time"
	_ "time/tzdata" // for machines without zone files

	"github.com/soglia-sso/soglia/templates"
)

// people builds what people see and type: languages, branding, session limits, passwords, contacts.
func (b *builder) people(c *Config) {
	f := b.file
	c.Locales = Locales{Default: f.Locales.Default, Zone: f.Locales.Zone, Offered: orElse(f.Locales.Offered, templates.Languages()...)}
	if !slices.Contains(c.Locales.Offered, c.Locales.Default) {
		b.errorf("locales.default", didYouMean("", c.Locales.Offered), "default language %q is not offered", c.Locales.Default)
	}
	if _, err := time.LoadLocation(f.Locales.Zone); err != nil || f.Locales.Zone == "Local" {
		b.errorf("locales.zone", "", "zone %q is no time zone such as Europe/Rome", f.Locales.Zone)
	}
	b.twice("locales.offered", f.Locales.Offered)
	b.twice("identifiers", f.Identifiers)
	c.Branding = b.branding()
	c.Sessions = Sessions{Idle: f.Sessions.Idle, Absolute: f.Sessions.Absolute, RememberMe: time.Duration(f.Sessions.RememberMe)}
	if f.Registration != nil {
		c.Registration = Registration{Open: f.Registration.Mode == "open", PeopleAPI: f.Registration.PeopleAPI}
	}
	if f.Sessions.Idle > f.Sessions.Absolute {
		b.errorf("sessions.idle", "", "idle must not be longer than absolute (%s)", formatDuration(f.Sessions.Absolute))
	}
	c.Password = Password{Min: f.Password.Min, Memory: uint32(f.Password.Memory), Iterations: uint32(f.Password.Iterations)}
	c.Contacts, c.Invitation = Contacts{Cooling: f.Contacts.Cooling, Revert: f.Contacts.Revert}, f.Invitation
	if f.Lifetimes.RefreshIdle > f.Lifetimes.RefreshAbsolute {
		b.errorf("lifetimes.refresh_idle", "", "refresh_idle must not be longer than refresh_absolute")
	}
}

func (b *builder) branding() Branding {
	f := b.file.Branding
	out := Branding{Name: f.Name, Accent: f.Accent, Support: f.Support}
	switch ratio, ok := contrastWithWhite(f.Accent); {
	case !ok:
		b.errorf("branding.accent", "", `accent must be a colour such as "#0b5fff"`)
	case ratio < 4.5:
		b.errorf("branding.accent", "take a darker one", "accent %s has a contrast of %.1f:1 with white; text needs 4.5:1 (WCAG 1.4.3)", f.Accent, ratio)
	}
	for _, lang := range sortedKeys(f.Support.URL) {
		at := "branding.support.url." + lang
		if problem := b.wrongPage(f.Support.URL[lang]); problem != "" {
			b.errorf(at, "", "support url %q %s", f.Support.URL[lang], problem)
		}
	}
	if len(f.Support.URL) == 0 && f.Support.Phone == "" {
		b.mistakes.warn(b.places.of("branding.support"), "", "branding.support is empty: people who are stuck are told to contact support, and not where")
	}
	if f.Logo != "" && !b.places.isBad("branding.logo") {
		data, err := b.files.read(b.files.join(b.places.root.source.dir, f.Logo))
		if err != nil {
			b.errorf("branding.logo", "", "logo %s cannot be read", f.Logo)
		} else if problem := wrongLogo(data); problem != "" {
			b.errorf("branding.logo", "", "logo %s %s", f.Logo, problem)
		}
		out.LogoSVG = string(data)
	}
	return out
}

// wrongPage returns why s is no address to send people to, or "".
func (b *builder) wrongPage(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.User != nil || odd(s):
		return "is not an address such as https://www.example.it/page"
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return "must be https"
	}
	return ""
}

func sortedKeys[T any](m map[string]T) []string {
	return slices.Sorted(maps.Keys(m))
}
