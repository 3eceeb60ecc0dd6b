package op

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// scopeClaims are the claims of each scope (OIDC Core §5.4). A new claim is a name here, and, when it does not come from
// the person's profile, a line in person.claim.
var scopeClaims = map[string][]string{
	oidc.ScopeProfile: {
		"name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website", "gender",
		"birthdate", "zoneinfo", "locale", "updated_at", "preferred_username",
	},
	oidc.ScopeEmail:   {"email", "email_verified"},
	oidc.ScopeAddress: {"address"},
	oidc.ScopePhone:   {"phone_number", "phone_number_verified"},
}

// profileClaims are kept by an operator as JSON.
var profileClaims = func() map[string]bool {
	out := map[string]bool{"address": true}
	for _, name := range scopeClaims[oidc.ScopeProfile] {
		out[name] = true
	}
	return out
}()

// claimNames are all claims we can give, for discovery.
var claimNames = func() []string {
	out := slices.Clone(protocolClaims)
	for _, s := range standardScopes {
		out = append(out, scopeClaims[s]...)
	}
	return append(out, tokens.ClaimAuthn)
}()

// wanted lists the claims about the person that scopes and wishes ask for, each once. granted are the scopes of the token,
// of which scopes are those whose claims belong in this answer.
func (c *client) wanted(granted, scopes []string, wishes map[string]*claimWish) []string {
	n := len(wishes)
	for _, s := range scopes {
		n += len(scopeClaims[s])
	}
	out := make([]string, 0, n)
	for i, s := range scopes {
		if !slices.Contains(scopes[:i], s) {
			out = append(out, scopeClaims[s]...)
		}
	}
	for name := range wishes {
		if !slices.Contains(out, name) && !isProtocolClaim(name) && c.mayWish(name, granted) {
			out = append(out, name)
		}
	}
	return out
}

// mayWish reports whether the claims parameter may ask for a claim beside the scopes of the token. It opens nothing that the
// scope of the claim would not: the client must still have that scope, and where a level or the person's word stands before
// it, it must be among the granted ones.
func (c *client) mayWish(name string, granted []string) bool {
	for scope, names := range scopeClaims {
		if !slices.Contains(names, name) {
			continue
		}
		terms, may := c.terms.Scopes[scope]
		free := terms.Level == "" && terms.MaxAge == 0 && !consent.Asks(c.Client)
		return may && (free || slices.Contains(granted, scope))
	}
	return true
}

// personClaims adds to m the part of names that the person has. A claim is never null or empty: it is left out
// (OIDC Core §5.3.2).
func personClaims(m tokens.Members, p *storage.Person, names []string, authn *tokens.Authn) (tokens.Members, error) {
	s := subject{Person: p}
	var err error
	for _, name := range names {
		var v any
		switch {
		case name != tokens.ClaimAuthn:
			v = s.claim(name)
		case authn != nil:
			v = authn
		}
		if v == nil {
			continue
		}
		if m, err = m.Value(name, v); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// subject is a person seen as claims.
type subject struct {
	*storage.Person
	extra map[string]json.RawMessage
}

// claim returns the value of one claim, nil when there is none.
func (s *subject) claim(name string) any {
	switch name {
	case "preferred_username":
		return some(s.Username)
	case "locale":
		if s.Locale != "" {
			return s.Locale
		}
	case "updated_at":
		if !s.Updated.IsZero() {
			return s.Updated.Unix()
		}
		return nil
	case "email":
		if c := s.contact("email"); c != nil {
			return some(c.Address)
		}
		return nil
	case "email_verified":
		return verified(s.contact("email"))
	case "phone_number":
		if c := s.contact("phone"); c != nil {
			return some(c.Canonical) // E.164 (OIDC Core §5.1)
		}
		return nil
	case "phone_number_verified":
		return verified(s.contact("phone"))
	}
	if !profileClaims[name] {
		return nil
	}
	return s.profile(name)
}

// profile reads a claim that an operator keeps for the person.
func (s *subject) profile(name string) any {
	if s.extra == nil {
		s.extra = map[string]json.RawMessage{}
		if len(s.Profile) > 0 {
			// Ours, written by us; a broken one is a person without these claims.
			_ = json.Unmarshal(s.Profile, &s.extra)
		}
	}
	switch v := s.extra[name]; string(bytes.TrimSpace(v)) {
	case "", "null", `""`, "{}", "[]":
		return nil
	default:
		return v
	}
}

// contact returns the primary contact of a channel, else the first.
func (s *subject) contact(channel string) *storage.Contact {
	var first *storage.Contact
	for _, c := range s.Contacts {
		if c.Channel != channel {
			continue
		}
		if c.Primary {
			return c
		}
		if first == nil {
			first = c
		}
	}
	return first
}

func verified(c *storage.Contact) any {
	if c == nil {
		return nil
	}
	return !c.VerifiedAt.IsZero()
}

func some(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// idTokenClaims are the claims about the person that go into the ID token: those the claims parameter asks for there,
// and those of the scopes where YAML says claims_in: id_token. With scope openid alone there are none.
func (m *minting) idTokenClaims() []string {
	var scopes []string
	if slices.Contains(m.client.ClaimsIn, "id_token") {
		scopes = m.scopes
	}
	var wishes map[string]*claimWish
	if c := m.claims(); c != nil {
		wishes = c.IDToken
	}
	names := m.client.wanted(m.scopes, scopes, wishes)
	if len(m.scopes) > 1 && m.auth && !slices.Contains(names, tokens.ClaimAuthn) {
		names = append(names, tokens.ClaimAuthn)
	}
	return names
}

// protocolClaims are made by us for every ID token, never looked up.
var protocolClaims = []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid", "jti"}

func isProtocolClaim(name string) bool { return slices.Contains(protocolClaims, name) }

func (m *minting) claims() *claimsRequest {
	if len(m.grant.Claims) == 0 {
		return nil
	}
	c, err := parseClaims(m.grant.Claims)
	if err != nil {
		return nil // it was parsed before it was stored
	}
	return c
}
