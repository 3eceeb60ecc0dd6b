package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/outbound"
)

// providers keeps the order in which they are written; those of an overlay follow by name.
func (b *builder) providers() []Provider {
	names := sortedKeys(b.file.Providers)
	slices.SortStableFunc(names, func(x, y string) int {
		return b.before("providers."+x, "providers."+y)
	})
	var out []Provider
	for _, name := range names {
		f, path := b.file.Providers[name], "providers."+name
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !unreserved(r) }) {
			b.mistakes.add(b.places.key(path), "", "provider %q must be named with letters, digits and . _ ~ - only: the name is part of its callback address", name)
		}
		p := Provider{
			Name: name, Title: cmp.Or(f.Name, providerTitles[f.Type], name), Type: f.Type, Issuer: f.Issuer, ClientID: f.ClientID,
			ClientSecret: b.secret(path+".client_secret", f.ClientSecret, false),
			Graph:        f.Graph, HostedDomain: f.HD, Private: f.Private,
		}
		if f.Type == "facebook" {
			p.ClientID, p.ClientSecret = f.AppID, b.secret(path+".app_secret", f.AppSecret, false)
		}
		b.onlyFor(path, f)
		policy := acr.Provider{Floor: b.level(path+".floor", f.Floor), ReauthUpstream: f.Reauth == "upstream", TrustAcr: map[string]string{}}
		for _, theirs := range sortedKeys(f.TrustAcr) {
			policy.TrustAcr[theirs] = b.level(path+".trust_acr."+theirs, f.TrustAcr[theirs])
		}
		out = append(out, p)
		b.policy.Providers[name] = policy
	}
	return out
}

// providerTitles are the names on the buttons where YAML gives none.
var providerTitles = map[string]string{"google": "Google", "facebook": "Facebook"}

// providerKeys says which keys a type of provider needs, and which it may have; every other one is a mistake.
var providerKeys = map[string]struct{ needs, may []string }{
	"oidc":     {needs: []string{"issuer", "client_id", "client_secret"}, may: []string{"trust_acr"}},
	"google":   {needs: []string{"client_id", "client_secret"}, may: []string{"hd"}},
	"facebook": {needs: []string{"app_id", "app_secret"}, may: []string{"graph"}},
}

// onlyFor checks that a provider has what its type needs and nothing that belongs to another type.
func (b *builder) onlyFor(path string, f FileProvider) {
	keys, ok := providerKeys[f.Type]
	if !ok { // missing or unknown: told already
		return
	}
	for _, k := range []struct {
		key   string
		given bool
		of    string
	}{
		{"issuer", f.Issuer != "", "oidc"}, {"client_id", f.ClientID != "", "oidc and google"},
		{"client_secret", f.ClientSecret != "", "oidc and google"}, {"trust_acr", len(f.TrustAcr) > 0, "oidc"}, {"hd", f.HD != "", "google"},
		{"app_id", f.AppID != "", "facebook"}, {"app_secret", f.AppSecret != "", "facebook"}, {"graph", f.Graph != "", "facebook"},
	} {
		switch needed := slices.Contains(keys.needs, k.key); {
		case needed && !k.given:
			b.missing(path+"."+k.key, "%s.%s is missing", path, k.key)
		case k.given && !needed && !slices.Contains(keys.may, k.key):
			b.errorf(path+"."+k.key, "", "%s is for providers of type %s", k.key, k.of)
		}
	}
	if f.Type != "oidc" && f.Reauth == "upstream" {
		b.errorf(path+".reauth", "", "providers of type %s do not say when somebody signed in: reauth must be local", f.Type)
	}
	if f.Graph != "" && f.Type == "facebook" && !graphVersion.MatchString(f.Graph) {
		b.errorf(path+".graph", "", "graph %q must be a version like v22.0", f.Graph)
	}
	if f.Type == "oidc" && f.Issuer != "" {
		if problem := b.wrongPeer(f.Issuer, outbound.Inside{All: f.Private}); problem != "" {
			b.errorf(path+".issuer", "", "issuer %q %s", f.Issuer, problem)
		} else if strings.ContainsAny(f.Issuer, "?#") {
			b.errorf(path+".issuer", "", "issuer %q must be without query or fragment", f.Issuer)
		}
	}
}

var graphVersion = regexp.MustCompile(`^v[1-9][0-9]?\.[0-9]$`)

// before orders two paths by where their keys stand; those that stand nowhere come last.
func (b *builder) before(x, y string) int {
	px, okx := b.places.keys[x]
	py, oky := b.places.keys[y]
	switch {
	case okx != oky && okx:
		return -1
	case okx != oky:
		return 1
	}
	return cmp.Or(cmp.Compare(px.line, py.line), cmp.Compare(px.col, py.col))
}
