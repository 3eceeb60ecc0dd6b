package server

import (
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// newProviders makes the social providers of a configuration. It makes no request to them.
func newProviders(c *config.Config, box *secret.Box, out *outbound.Client) (*federation.Providers, error) {
	settings := make([]federation.Settings, len(c.Providers))
	for i, p := range c.Providers {
		settings[i] = federation.Settings{
			Name: p.Name, Type: p.Type, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret,
			RedirectURI: c.Callback(p.Name),
			Graph:       p.Graph, HostedDomain: p.HostedDomain, Private: p.Private,
		}
	}
	return federation.New(settings, box, out)
}
