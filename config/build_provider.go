package config

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/acr"
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
			Name: name, Title: cmp.Or(f.Name, name), Type: f.Type, Issuer: f.Issuer, ClientID: f.ClientID,
			ClientSecret: b.secret(path+".client_secret", f.ClientSecret, false),
			Floor:        b.level(path+".floor", f.Floor), TrustAcr: map[string]string{}, Reauth: f.Reauth,
		}
		b.onlyFor(path, f)
		for _, theirs := range sortedKeys(f.TrustAcr) {
			p.TrustAcr[theirs] = b.level(path+".trust_acr."+theirs, f.TrustAcr[theirs])
		}
		out = append(out, p)
		b.policy.Providers[name] = acr.Provider{Floor: p.Floor, ReauthUpstream: f.Reauth == "upstream", TrustAcr: p.TrustAcr}
	}
	return out
}

// onlyFor checks that an oidc provider has what it needs and nothing that belongs to another type.
func (b *builder) onlyFor(path string, f FileProvider) {
	if f.Type != "oidc" { // missing or unknown: told already
		return
	}
	for _, k := range []struct {
		key   string
		empty bool
	}{{"issuer", f.Issuer == ""}, {"client_id", f.ClientID == ""}, {"client_secret", f.ClientSecret == ""}} {
		if k.empty {
			b.missing(path+"."+k.key, "%s.%s is missing", path, k.key)
		}
	}
	for _, k := range []struct {
		key   string
		given bool
	}{{"app_id", f.AppID != ""}, {"app_secret", f.AppSecret != ""}, {"graph", f.Graph != ""}} {
		if k.given {
			b.errorf(path+"."+k.key, "", "%s is for providers of type facebook", k.key)
		}
	}
	if f.Issuer != "" {
		u, err := url.Parse(f.Issuer)
		if err != nil || u.Host == "" || odd(f.Issuer) || u.User != nil || strings.ContainsAny(f.Issuer, "?#") ||
			u.Scheme != "https" && !(b.o.Dev && u.Scheme == "http" && loopback(u.Hostname())) {
			b.errorf(path+".issuer", "", "issuer %q must be https, without query or fragment", f.Issuer)
		}
	}
}

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
