package config

import (
	"cmp"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/phonenumber"
)

// Account stands for the account area where a sign-in begins there and at no panel. It is in no YAML, so op knows no such client
// and gives it neither code nor token, and people are not asked whether it may see what is theirs.
var Account = &Client{ID: "account", Scopes: []string{"openid"}, InitiateLoginURI: "/account"}

// Client returns the client with that id, or nil.
func (c *Config) Client(id string) *Client {
	if id == Account.ID {
		return Account
	}
	return c.Clients[id]
}

// Provider returns the social provider of that name, or nil.
func (c *Config) Provider(name string) *Provider {
	if i := slices.IndexFunc(c.Providers, func(p Provider) bool { return p.Name == name }); i >= 0 {
		return &c.Providers[i]
	}
	return nil
}

// ScopeTitle is a scope in words: in the language, else in the default one; "" when nobody described it.
func (c *Config) ScopeTitle(name, lang string) string {
	titles := c.Scopes[name].Title
	return cmp.Or(titles[lang], titles[c.Locales.Default])
}

// KnownScopes are all there are here, whoever may have them.
func (c *Config) KnownScopes() []string { return slices.Concat(standardScopes, sortedKeys(c.Scopes)) }

// HomeURL is where a sign-in begins at the home panel, where / and /login lead; "" when there is none.
func (c *Config) HomeURL() string {
	if client := c.Client(c.Home); client != nil {
		return client.InitiateLoginURI
	}
	return ""
}

// TakesCodes reports whether messages go to a number (E.164): a mobile of a country that is served.
func (c *Config) TakesCodes(number string) bool {
	country, mobile := phonenumber.Mobile(number)
	return mobile && slices.Contains(c.Policy.Countries, country)
}

// Offline reports whether grants of this client may outlive the session. OIDC Core §11 wants prompt=consent "unless other
// conditions for processing the request permitting offline access are in place". They are for clients that need no
// consent, the operator's own panels, whose YAML lists the scope and the refresh_token grant; a client that asks people
// must ask (package request).
func (c *Client) Offline() bool {
	return slices.Contains(c.Scopes, "offline_access") && slices.Contains(c.Grants, "refresh_token")
}

// Terms are what the YAML demands of a client of this configuration, whatever it asks for.
func (c *Config) Terms(of *Client) acr.Terms {
	t := acr.Terms{
		Floor: of.RequireAcr, DefaultAcrValues: of.DefaultAcrValues, BestEffort: of.BestEffort,
		Required: of.RequireScopes, Scopes: make(map[string]acr.Scope, len(of.Scopes)),
	}
	tell := func(name string) {
		if name != "" && !slices.Contains(t.KnownLevels, name) {
			t.KnownLevels = append(t.KnownLevels, name)
		}
	}
	tell(of.RequireAcr)
	for _, n := range of.DefaultAcrValues {
		tell(n)
	}
	for _, name := range of.Scopes {
		s := c.Scopes[name]
		asked := acr.Scope{Name: name, Level: s.Level, MaxAge: s.MaxAge, Required: slices.Contains(of.RequireScopes, name)}
		if s.Level != "" || s.MaxAge != 0 { // without a floor nothing can be unmet
			asked.OnUnmet = of.Unmet(s)
		}
		t.Scopes[name] = asked
		tell(s.Level)
	}
	return t
}
