package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// StandardClaims are the claims of the standard scopes (OIDC Core §5.4).
var StandardClaims = map[string][]string{
	"profile": {
		"name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website", "gender",
		"birthdate", "zoneinfo", "locale", "updated_at", "preferred_username",
	},
	"email":   {"email", "email_verified"},
	"address": {"address"},
	"phone":   {"phone_number", "phone_number_verified"},
}

// CustomerNumber is a claim that an account has and no standard scope opens: a scope of the operator's own names it.
const CustomerNumber = "customer_number"

// The claims of groups (see Config.GroupsOf, Config.RolesOf), opened in the same way. Both are lists of texts, and nobody can
// say them as claims of their own: what gives rights in panels has one source.
const (
	GroupsClaim = "groups"
	RolesClaim  = "roles"
)

// ofAccounts are the claims that are made of what an account has beside its profile.
var ofAccounts = []string{CustomerNumber, GroupsClaim, RolesClaim}

// reservedClaims say something about a token (RFC 7519 §4.1, RFC 7662 §2.2, RFC 8693 §4, OIDC Core §2, §5.6) or are ours: what
// is said of a person must never be taken for that.
var reservedClaims = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "active", "scope", "client_id", "username", "token_type", "act", "may_act", "cnf",
	"auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "sid", "events", "_claim_names", "_claim_sources", "urn:soglia:authn",
}

// claimName needs no escape in JSON.
var claimName = regexp.MustCompile(`^[A-Za-z0-9._~:/#-]{1,100}$`)

// Opens are the claims about a person that a scope opens.
func (c *Config) Opens(scope string) []string { return opens(c.Scopes, scope) }

func opens(scopes map[string]Scope, scope string) []string {
	return slices.Concat(StandardClaims[scope], scopes[scope].Claims)
}

// OwnClaims are those that only scopes of the YAML know: what they mean is between the operator's system and the panels.
func (c *Config) OwnClaims() []string {
	own := map[string]bool{}
	for _, s := range c.Scopes {
		for _, name := range s.Claims {
			if !slices.Contains(ofAccounts, name) && !isStandard(name) {
				own[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(own))
}

func isStandard(claim string) bool {
	for _, names := range StandardClaims {
		if slices.Contains(names, claim) {
			return true
		}
	}
	return false
}

// likeOne finds the name that some readers take this one for: encoding/json and others ignore case, and the last member wins.
func likeOne(names []string, name string) string {
	for _, known := range names {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// wrongClaim says why no claim about a person may have this name; "" = it may.
func wrongClaim(name string) string {
	standard := slices.Concat(slices.Collect(maps.Values(StandardClaims))...)
	switch known := likeOne(append(standard, ofAccounts...), name); {
	case !claimName.MatchString(name):
		return "must be at most 100 letters, digits and . _ ~ : / # -"
	case likeOne(reservedClaims, name) != "":
		return "says something about a token, and cannot be one about a person"
	case known != "" && known != name:
		return fmt.Sprintf("must not be written so: some programs take it for %q", known)
	}
	return ""
}

func (b *builder) scopeClaims(path, scope string, names []string) {
	b.twice(path, names)
	for i, name := range names {
		switch at, problem := fmt.Sprintf("%s[%d]", path, i), wrongClaim(name); {
		case name == "":
		case problem != "":
			b.errorf(at, "", "claim %q %s", name, problem)
		case slices.Contains(StandardClaims[scope], name):
			b.errorf(at, "", "scope %q opens %q already (OIDC Core §5.4)", scope, name)
		}
	}
}
