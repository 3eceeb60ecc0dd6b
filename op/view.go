package op

import (
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/jwks"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// standardScopes need no entry in YAML.
var standardScopes = []string{
	oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, oidc.ScopeAddress, oidc.ScopePhone, oidc.ScopeOfflineAccess,
}

// view is one configuration snapshot with what can be computed from it once.
type view struct {
	cfg       *config.Config
	clients   map[string]*client
	known     map[string]bool // every scope anyone may have; others are unknown and ignored
	discovery *web.Document
	since     time.Time // when it came into force here
}

// client is one of the YAML with its requirements worked out.
type client struct {
	*config.Client
	terms   acr.Terms           // what the YAML demands of it
	keys    []jose.JSONWebKey   // inline ones, for private_key_jwt
	opens   map[string][]string // the claims of each of its scopes, as far as it opens any
	overlap bool                // two of them open the same claim
}

func newView(cfg *config.Config, now time.Time) *view {
	v := &view{cfg: cfg, since: now, clients: map[string]*client{}, known: map[string]bool{}}
	for _, s := range standardScopes {
		v.known[s] = true
	}
	for s := range cfg.Scopes {
		v.known[s] = true
	}
	for id, c := range cfg.Clients {
		v.clients[id] = newClient(cfg, c)
		for _, s := range c.Scopes {
			v.known[s] = true
		}
	}
	v.discovery = discovery(cfg, v.known)
	return v
}

func newClient(cfg *config.Config, c *config.Client) *client {
	out := &client{Client: c, terms: cfg.Terms(c), opens: map[string][]string{}}
	seen := map[string]bool{}
	for _, scope := range c.Scopes {
		names := cfg.Opens(scope)
		if len(names) > 0 {
			out.opens[scope] = names
		}
		for _, name := range names {
			out.overlap = out.overlap || seen[name]
			seen[name] = true
		}
	}
	if len(c.JWKS) > 0 {
		out.keys, _ = jwks.Parse(c.JWKS) // checked with the configuration; without keys nothing is proved
	}
	return out
}

// anySensitive reports whether any of the scopes is a sensitive one.
func (v *view) anySensitive(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool {
		c := v.cfg.Scopes[s]
		return c.Level != "" || c.MaxAge != 0
	})
}

// may reports whether the client has the grant type.
func (c *client) may(grant oidc.GrantType) bool { return slices.Contains(c.Grants, string(grant)) }

// answers reports whether the client takes answers in that response mode.
func (c *client) answers(mode oidc.ResponseMode) bool {
	if mode != oidc.ResponseModeQuery && mode != oidc.ResponseModeFormPost {
		return false
	}
	return len(c.ResponseModes) == 0 || slices.Contains(c.ResponseModes, string(mode))
}

// mode is how the client is answered when it does not say, or says something impossible.
func (c *client) mode() oidc.ResponseMode {
	if c.answers(oidc.ResponseModeQuery) {
		return oidc.ResponseModeQuery
	}
	return oidc.ResponseModeFormPost
}
