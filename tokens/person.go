package tokens

import (
	"encoding/json"
	"strings"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// PersonClaims adds to m the part of names that the person has. A claim is never null or empty: it is left out
// (OIDC Core §5.3.2). A claim that does not come from the person's profile has a line in ofRow. own are the names that the
// client has for claims, and its constants; cfg knows what groups give.
func PersonClaims(m Members, cfg *config.Config, p *storage.Person, names []string, own []config.ClientClaim, authn *Authn) Members {
	var room [24]member // of the profile
	var kept []member   // nil = not read yet
	for _, name := range names {
		if name == ClaimAuthn {
			m = m.authn(authn)
			continue
		}
		from, constant := source(own, name)
		if constant != nil {
			m = m.Raw(name, constant)
			continue
		}
		var known bool
		if m, known = ofRow(m, cfg, p, from, name); known {
			continue
		}
		if kept == nil {
			kept = profileOf(room[:0], p.Profile)
		}
		for _, k := range kept {
			if string(k.name) == from && !k.empty() {
				m = m.Raw(name, k.value)
				break
			}
		}
	}
	return m
}

// source is the claim that stands behind a name, or the constant that does.
func source(own []config.ClientClaim, name string) (from string, constant []byte) {
	for i := range own {
		if c := &own[i]; c.Name == name {
			return c.From, c.Value
		}
	}
	return name, nil
}

// ofRow adds, under a name, a claim that the person's row, groups or contacts have; false for all others.
func ofRow(m Members, cfg *config.Config, p *storage.Person, claim, name string) (Members, bool) {
	switch claim {
	case "preferred_username":
		return m.Some(name, p.Username), true
	case "locale":
		return m.Some(name, p.Locale), true
	case "updated_at":
		if !p.Updated.IsZero() {
			m = m.Number(name, p.Updated.Unix())
		}
		return m, true
	case "email", "phone_number":
		if c := contactOf(p, claim); c != nil && claim == "email" {
			m = m.Some(name, c.Address)
		} else if c != nil {
			m = m.Some(name, c.Canonical) // E.164 (OIDC Core §5.1)
		}
		return m, true
	case "email_verified", "phone_number_verified":
		if c := contactOf(p, claim); c != nil {
			m = m.Flag(name, !c.VerifiedAt.IsZero())
		}
		return m, true
	case config.CustomerNumber:
		return m.Some(name, p.CustomerNumber), true
	case config.GroupsClaim:
		return m.Texts(name, cfg.GroupsOf(p.Canonical, p.Groups)), true
	case config.RolesClaim:
		return m.Texts(name, cfg.RolesOf(cfg.GroupsOf(p.Canonical, p.Groups))), true
	}
	return m, false
}

// profileOf are the claims that are kept as JSON, standard ones and, under "claims", the operator's own. No name is in
// both (config.OwnClaims). It is ours, written by us; a broken one is a person without these claims.
func profileOf(list []member, profile []byte) []member {
	if !json.Valid(profile) {
		return list
	}
	list = membersOf(list, profile)
	for i, m := range list {
		if string(m.name) == "claims" {
			list[i].value = nil
			return membersOf(list, m.value)
		}
	}
	return list
}

// contactOf is the contact that a claim is about, email… or phone…: the primary one, else the first.
func contactOf(p *storage.Person, claim string) *storage.Contact {
	var first *storage.Contact
	for _, c := range p.Contacts {
		if !strings.HasPrefix(claim, c.Channel) {
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
