package tokens

import (
	"bytes"
	"encoding/json"

	"github.com/soglia-sso/soglia/storage"
)

// ScopeClaims are the claims of each scope (OIDC Core §5.4). A new claim is a name here, and, when it does not come from
// the person's profile, a line in subject.claim.
var ScopeClaims = map[string][]string{
	"profile": {
		"name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website", "gender",
		"birthdate", "zoneinfo", "locale", "updated_at", "preferred_username",
	},
	"email":   {"email", "email_verified"},
	"address": {"address"},
	"phone":   {"phone_number", "phone_number_verified"},
}

// profileClaims are kept by an operator as JSON.
var profileClaims = func() map[string]bool {
	out := map[string]bool{"address": true}
	for _, name := range ScopeClaims["profile"] {
		out[name] = true
	}
	return out
}()

// PersonClaims adds to m the part of names that the person has. A claim is never null or empty: it is left out
// (OIDC Core §5.3.2).
func PersonClaims(m Members, p *storage.Person, names []string, authn *Authn) (Members, error) {
	s := subject{Person: p}
	var err error
	for _, name := range names {
		var v any
		switch {
		case name != ClaimAuthn:
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
		return isVerified(s.contact("email"))
	case "phone_number":
		if c := s.contact("phone"); c != nil {
			return some(c.Canonical) // E.164 (OIDC Core §5.1)
		}
		return nil
	case "phone_number_verified":
		return isVerified(s.contact("phone"))
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

func isVerified(c *storage.Contact) any {
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
