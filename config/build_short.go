package config

import (
	"net/url"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/templates"
)

// textMessages warns of what makes text messages dear or nameless: they end with a line that has the issuer's host.
func (b *builder) textMessages(c *Config) {
	issuer, err := url.Parse(c.Issuer)
	if !slices.Contains(b.policy.Channels, acr.SMS) || err != nil {
		return
	}
	fit, named, err := templates.TextMessages(c.Branding.Name, issuer.Hostname(), c.Factors.Codes.Digits, int(c.Factors.Codes.TTL.Minutes()))
	switch {
	case err != nil:
	case !fit:
		b.mistakes.warn(b.places.of("issuer"), "", "%s is so long that a code by SMS takes two messages, and each is paid: its last line names the host, so that phones offer the code there only", issuer.Hostname())
	case !named:
		b.mistakes.warn(b.places.of("branding.name"), "", "there is no room for branding.name in some codes by SMS, or the GSM alphabet cannot write it: those name the service by %s alone", issuer.Hostname())
	}
}
