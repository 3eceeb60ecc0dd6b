package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/acr"
)

// standardScopes need no entry (OIDC Core §5.4, §11).
var standardScopes = []string{"openid", "profile", "email", "address", "phone", "offline_access"}

// PeopleScopes open the people API to a panel's back end, where registration.people_api is on. They are nothing a person grants.
var PeopleScopes = []string{"people.read", "people.write"}

func (b *builder) scopes(locales Locales) map[string]Scope {
	out := map[string]Scope{}
	for _, name := range sortedKeys(b.file.Scopes) {
		f, path := b.file.Scopes[name], "scopes."+name
		if name == "" {
			b.mistakes.add(b.places.key(path), "", "a scope needs a name")
		}
		if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) { // RFC 6749 §3.3
			b.mistakes.add(b.places.key(path), "", "scope %q holds a character that scopes cannot have", name)
		}
		s := Scope{
			Name: name, Level: b.level(path+".acr", f.Acr), MaxAge: f.MaxAge,
			OnUnmet: acr.OnUnmet(f.OnUnmet), Title: maps.Clone(f.Title), Claims: slices.Clone(f.Claims),
		}
		b.scopeClaims(path+".claims", name, f.Claims)
		if s.Level == "" && f.MaxAge > 0 && f.Acr == "" {
			b.errorf(path+".max_age", "", "max_age needs an acr: it says how fresh the second factor must be")
		}
		if s.MaxAge > 0 && s.Level != "" && b.kind(s.Level) == acr.FirstStep {
			b.errorf(path+".max_age", "", "max_age needs a level with a second factor; %q has none", s.Level)
		}
		if f.Acr != "" && f.Title[locales.Default] == "" && !slices.Contains(standardScopes, name) {
			b.missing(path, "scope %q needs a title in %q, the default language: the page says what it opens", name, locales.Default)
		}
		for _, lang := range sortedKeys(f.Title) {
			if !slices.Contains(locales.Offered, lang) {
				b.errorf(path+".title."+lang, "", "language %q is not offered", lang)
			}
		}
		out[name] = s
	}
	return out
}

func (b *builder) kind(level string) acr.Kind {
	for _, l := range b.policy.Levels {
		if l.Name == level {
			return l.Kind
		}
	}
	return acr.FirstStep
}
