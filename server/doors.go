package server

import (
	"net/http"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/secret"
)

// doors are the social providers of a configuration. Making them reaches nobody.
func doors(c *config.Config, box *secret.Box, transport http.RoundTripper) (*federation.Providers, error) {
	settings := make([]federation.Settings, len(c.Providers))
	for i, p := range c.Providers {
		settings[i] = federation.Settings{
			Name: p.Name, Type: p.Type, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret,
			RedirectURI: c.Issuer + "/callback/" + p.Name,
		}
	}
	return federation.New(settings, box, federation.Options{Transport: transport, Loopback: c.Dev})
}
