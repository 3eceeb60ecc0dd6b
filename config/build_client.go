package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/outbound"
)

func (b *builder) clients(scopes map[string]Scope) map[string]*Client {
	out := map[string]*Client{}
	first := map[string]int{}
	for i, f := range b.file.Clients {
		path := fmt.Sprintf("clients[%d]", i)
		c := b.client(path, f, scopes)
		if f.ID == "" {
			continue
		}
		if j, twice := first[f.ID]; twice {
			at := b.places.of(fmt.Sprintf("clients[%d].id", j))
			b.errorf(path+".id", "", "client %q is already defined at %s:%d", f.ID, at.source.name, at.line)
			continue
		}
		if f.ID == Account.ID {
			b.errorf(path+".id", "", "client id %q is the account area's own", f.ID)
			continue
		}
		first[f.ID], out[f.ID] = i, c
	}
	for i, f := range b.file.Clients {
		for j, id := range f.Introspect.Clients {
			if out[id] == nil && id != "" {
				b.errorf(fmt.Sprintf("clients[%d].introspect[%d]", i, j), didYouMean(id, sortedKeys(out)), "unknown client %q", id)
			}
		}
	}
	return out
}

func (b *builder) client(path string, f FileClient, scopes map[string]Scope) *Client {
	if strings.ContainsFunc(f.ID, func(r rune) bool { return !unreserved(r) }) || len(f.ID) > 100 {
		b.errorf(path+".id", "", "client id %q must be at most 100 letters, digits and . _ ~ -", f.ID)
	}
	c := &Client{
		ID: f.ID, Name: cmp.Or(f.Name, f.ID), Preset: f.Preset, BaseURL: f.BaseURL, Public: f.Public, Native: f.Native,
		RedirectURIs: slices.Clone(f.RedirectURIs), PostLogoutRedirectURIs: slices.Clone(f.PostLogoutRedirectURIs),
		InitiateLoginURI: f.InitiateLoginURI, BackchannelLogoutURI: f.BackchannelLogoutURI,
		Scopes: orElse(f.Scopes, "openid"), RequireAcr: b.level(path+".require_acr", f.RequireAcr),
		RequireScopes: slices.Clone(f.RequireScopes), DefaultAcrValues: slices.Clone(f.DefaultAcrValues),
		BestEffort: f.AcrValues == "best_effort", PKCEOptional: f.PKCE == "optional",
		IDTokenAlg: cmp.Or(f.IDTokenAlg, b.file.Signing.IDToken), AccessToken: f.AccessToken,
		PlainTyp: f.AccessTokenTyp == "JWT", OmitIss: f.OmitIss,
		ResponseModes: slices.Clone(f.ResponseModes), ClaimsIn: slices.Clone(f.ClaimsIn),
		Grants: orElse(f.Grants, "authorization_code", "refresh_token"), Origins: slices.Clone(f.Origins),
		JWKS: f.JWKS, JWKSURI: f.JWKSURI, AssertionAtToken: f.AssertionAudience == "token_endpoint",
		Consent: f.Consent, Introspect: Introspect{All: f.Introspect.All, Clients: slices.Clone(f.Introspect.Clients)},
	}
	b.authentication(path, f, c)
	b.clientAddresses(path, f, c)
	for j, name := range f.DefaultAcrValues {
		b.level(fmt.Sprintf("%s.default_acr_values[%d]", path, j), name)
	}
	b.clientScopes(path, f, c, scopes)
	b.clientClaims(path, f, c, scopes)
	b.weaker(path, f)
	for _, list := range []struct {
		key   string
		items []string
	}{
		{"default_acr_values", f.DefaultAcrValues}, {"response_modes", f.ResponseModes}, {"claims_in", f.ClaimsIn},
		{"grants", f.Grants}, {"scopes", f.Scopes}, {"require_scopes", f.RequireScopes}, {"redirect_uris", f.RedirectURIs},
	} {
		b.twice(path+"."+list.key, list.items)
	}
	if !slices.Contains(c.Grants, "authorization_code") && !slices.Contains(c.Grants, "client_credentials") && !b.places.isBadBelow(path+".grants") {
		b.errorf(path+".grants", "", "client %q has no grant that begins anything: authorization_code is missing", f.ID)
	}
	if c.Public && slices.Contains(c.Grants, "client_credentials") { // RFC 6749 §4.4
		b.errorf(path+".grants", "", "client %q is public and has no credentials for client_credentials", f.ID)
	}
	if c.Public && (c.Introspect.All || len(c.Introspect.Clients) > 0) { // RFC 7662 §2.1
		b.errorf(path+".introspect", "", "client %q is public and may not look at tokens", f.ID)
	}
	return c
}

func (b *builder) clientAddresses(path string, f FileClient, c *Client) {
	if len(f.RedirectURIs) == 0 && slices.Contains(c.Grants, "authorization_code") && f.ID != "" && !b.places.isBad(path+".redirect_uris") {
		b.missing(path, "client %q has no redirect_uris", f.ID)
	}
	for _, list := range []struct {
		key, name string
		uris      []string
	}{{"redirect_uris", "redirect URI", f.RedirectURIs}, {"post_logout_redirect_uris", "post-logout redirect URI", f.PostLogoutRedirectURIs}} {
		for j, uri := range list.uris {
			if problem := wrongRedirect(uri, f.Native, f.Public); problem != "" && uri != "" {
				b.errorf(fmt.Sprintf("%s.%s[%d]", path, list.key, j), "", "client %q: %s %q %s", f.ID, list.name, uri, problem)
			}
		}
	}
	if f.InitiateLoginURI != "" { // OIDC Core §4: https
		if problem := wrongRedirect(f.InitiateLoginURI, false, false); problem != "" {
			b.errorf(path+".initiate_login_uri", "", "client %q: initiate_login_uri %q %s", f.ID, f.InitiateLoginURI, problem)
		}
	}
	if f.BackchannelLogoutURI != "" {
		if problem := b.wrongPeer(f.BackchannelLogoutURI, outbound.Inside{Networks: b.inside}); problem != "" {
			b.errorf(path+".backchannel_logout_uri", "a panel in a private network needs backchannel: {allow: [its network]}", "client %q: backchannel_logout_uri %q %s", f.ID, f.BackchannelLogoutURI, problem)
		}
	}
	b.frontchannel(path, f, c)
	for j, origin := range f.Origins {
		if problem := wrongOrigin(origin); problem != "" && origin != "" {
			b.errorf(fmt.Sprintf("%s.origins[%d]", path, j), "", "client %q: origin %q %s", f.ID, origin, problem)
		}
	}
}

func (b *builder) clientScopes(path string, f FileClient, c *Client, scopes map[string]Scope) {
	known := slices.Concat(standardScopes, sortedKeys(scopes))
	if r := b.file.Registration; r != nil && r.PeopleAPI {
		known = append(known, PeopleScopes...)
	}
	for j, s := range f.Scopes {
		if s != "" && !slices.Contains(known, s) && !b.places.bad["scopes"] {
			b.errorf(fmt.Sprintf("%s.scopes[%d]", path, j), didYouMean(s, known), "unknown scope %q", s)
		}
	}
	b.requiredScopes(path, f, c, scopes)
	b.unprotected(path, f, c, scopes)
	c.OnUnmet = acr.OnUnmet(f.OnUnmet.All)
	for _, s := range sortedKeys(f.OnUnmet.ByScope) {
		if !slices.Contains(c.Scopes, s) {
			b.mistakes.add(b.places.key(path+".on_unmet."+s), didYouMean(s, c.Scopes), "on_unmet names a scope that client %q may not ask for: %q", f.ID, s)
		}
		if c.OnUnmetByScope == nil {
			c.OnUnmetByScope = map[string]acr.OnUnmet{}
		}
		c.OnUnmetByScope[s] = acr.OnUnmet(f.OnUnmet.ByScope[s])
	}
}

// weaker warns of what old programs need and what everybody else is better off without.
func (b *builder) weaker(path string, f FileClient) {
	if f.OmitIss {
		b.mistakes.warn(b.places.of(path+".omit_iss"), "leave it out as soon as the program takes iss",
			"client %q has omit_iss: if it has another provider, too, it cannot tell whose answer it holds, and may take a code of ours there (RFC 9207)", f.ID)
	}
	switch {
	case f.AccessTokenTyp != "JWT":
	case f.AccessToken == "opaque":
		b.errorf(path+".access_token_typ", "", "client %q has access_token: opaque, which has no typ", f.ID)
	default:
		b.mistakes.warn(b.places.of(path+".access_token_typ"), "leave it out as soon as the program takes at+jwt",
			"client %q has access_token_typ: JWT: a program that looks at neither aud nor client_id takes such an access token for an ID token (RFC 9068 §2.1)", f.ID)
	}
}

// requiredScopes checks what a client insists on: scopes that a person can have there, and that somebody may lack.
func (b *builder) requiredScopes(path string, f FileClient, c *Client, scopes map[string]Scope) {
	for i, s := range f.RequireScopes {
		at := fmt.Sprintf("%s.require_scopes[%d]", path, i)
		switch {
		case s == "":
		case !slices.Contains(c.Scopes, s):
			b.errorf(at, didYouMean(s, c.Scopes), "require_scopes names a scope that client %q may not ask for: %q", f.ID, s)
		case s == "offline_access" || slices.Contains(PeopleScopes, s):
			b.errorf(at, "", "require_scopes cannot name %q: it is nothing that protects a panel", s)
		case f.OnUnmet.ByScope[s] != "" && f.OnUnmet.ByScope[s] != string(acr.StepUp):
			b.errorf(at, "take one of the two out", "client %q requires %q, so on_unmet cannot be %q for it", f.ID, s, f.OnUnmet.ByScope[s])
		case scopes[s].Level == "" && scopes[s].MaxAge == 0 && (f.Consent == "" || f.Consent == "skip"):
			b.mistakes.warn(b.places.of(at), "give it a floor under scopes:, or leave it out", "client %q requires %q, which has no floor: it keeps nobody out", f.ID, s)
		}
	}
	if len(f.RequireScopes) > 0 && !slices.Contains(c.Grants, "authorization_code") {
		b.errorf(path+".require_scopes", "", "client %q has require_scopes and nobody signs in there: grants lacks authorization_code", f.ID)
	}
}

// unprotected warns of a client whose scopes have floors above what it asks of everybody, by require_acr or by the scopes it
// requires. Whoever sits at the browser can take a scope out of the request, so that is right only for a panel that reads what
// was granted, which nobody can see from here.
func (b *builder) unprotected(path string, f FileClient, c *Client, scopes map[string]Scope) {
	if !slices.Contains(c.Grants, "authorization_code") || c.RequireAcr != "" && b.kind(c.RequireAcr) != acr.FirstStep {
		return
	}
	asked := "" // of everybody, by required scopes
	for _, s := range f.RequireScopes {
		asked = b.higher(asked, scopes[s].Level)
	}
	var floored []string
	highest := ""
	for _, s := range f.Scopes {
		l := scopes[s].Level
		if l == "" || b.kind(l) == acr.FirstStep || b.policy.Compare(l, asked) <= 0 {
			continue
		}
		floored, highest = append(floored, s), b.higher(highest, l)
	}
	if len(floored) == 0 {
		return
	}
	floor := "no require_acr"
	if c.RequireAcr != "" {
		floor = "require_acr: " + c.RequireAcr
	}
	if len(f.RequireScopes) > 0 {
		floor += " and require_scopes: [" + strings.Join(f.RequireScopes, ", ") + "], which asks for less"
	} else {
		floor += " and no require_scopes"
	}
	which := "a scope with a floor, " + floored[0]
	if len(floored) > 1 {
		which = "scopes with floors, " + strings.Join(floored, " ")
	}
	b.mistakes.warn(b.places.of(path+".scopes"), "if it does not, add require_acr: "+highest+" or require_scopes to the client; docs/panels.md says why",
		"client %q has %s, and %s: that protects it only if it reads scope in the token answer", f.ID, which, floor)
}

// higher is the higher one of two levels, "" being none.
func (b *builder) higher(one, other string) string {
	if b.policy.Compare(other, one) > 0 {
		return other
	}
	return one
}
