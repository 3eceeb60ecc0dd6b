package federation

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// Settings are one provider as configured.
type Settings struct {
	Name         string // key in YAML and in our URLs
	Type         string // protocol: oidc, google, facebook
	Issuer       string
	ClientID     string
	ClientSecret string
	RedirectURI  string   // our callback, registered at the provider
	Scopes       []string // empty = openid email profile
	Graph        string   // facebook: version of its interface; "" = the library's
	HostedDomain string   // google: only people of this Workspace; "" = everybody
	Private      bool     // this provider may live in a private network
}

// Providers are the providers of one configuration. To make them reaches nobody: discovery is loaded when first needed.
type Providers struct {
	box    *secret.Box
	byName map[string]provider
}

// provider is one provider's protocol: everything from the redirect to the identity, but for the state, which is ours.
type provider interface {
	// authorize returns where to send the browser. ErrUnavailable.
	authorize(ctx context.Context, q question) (string, error)
	// identify turns the answer into an identity, or says why not: ErrInvalid, ErrDenied, ErrUnavailable.
	identify(ctx context.Context, a answer) (*Identity, error)
}

// question is what goes into an authorization request besides the client's own settings.
type question struct {
	state, nonce, verifier string
	ask                    Ask
}

// answer is a callback whose state was good.
type answer struct {
	code, iss       string // "" = was not there
	failure         string // error parameter; "" = none
	nonce, verifier string
	now             time.Time
}

// types are the protocols spoken. A provider that is not plain OpenID Connect is a file and a line here.
var types = map[string]func(Settings, *outbound.Client) (provider, error){
	"oidc":     newOIDC,
	"google":   newGoogle,
	"facebook": newFacebook,
}

// New makes the providers; out is how providers are reached. An error is a mistake in settings, by provider name.
func New(settings []Settings, box *secret.Box, out *outbound.Client) (*Providers, error) {
	p := &Providers{box: box, byName: map[string]provider{}}
	for _, s := range settings {
		construct, ok := types[s.Type]
		if !ok {
			return nil, fmt.Errorf("federation: provider %s: unknown type %q", s.Name, s.Type)
		}
		reach := out
		if s.Private {
			reach = out.Private()
		}
		d, err := construct(s, reach)
		if err != nil {
			return nil, fmt.Errorf("federation: provider %s: %w", s.Name, err)
		}
		p.byName[s.Name] = d
	}
	return p, nil
}
