package panels

import (
	"net/url"
	"slices"
	"strings"
)

// Values are what a snippet is filled with: of one client of one installation.
type Values struct {
	Issuer     string   // without a slash at the end
	Provider   string   // the operator's name, on buttons
	ClientID   string   // letters, digits and . _ ~ -
	Base       string   // address of the program, without a slash at the end
	Redirect   string   // the first redirect URI; "" = it signs nobody in
	PostLogout string   // where people land after signing out; "" = nowhere is registered
	Scopes     []string // that it asks for at every sign-in
	// How it authenticates, and what it is given: for the general list.
	AuthMethod   string
	Public       bool
	PKCEOptional bool
	IDTokenAlg   string
	InIDToken    bool // claims of the person, too

	Level  string   // that the area asks for; "" = print the plain variant
	Levels []string // it and those above it: what is enough there
	Area   string   // scope whose floor is that level; "" = the client may ask for none
}

// The endpoints, as discovery names them.
func (v Values) Discovery() string  { return v.Issuer + "/.well-known/openid-configuration" }
func (v Values) Authorize() string  { return v.Issuer + "/authorize" }
func (v Values) Token() string      { return v.Issuer + "/token" }
func (v Values) Userinfo() string   { return v.Issuer + "/userinfo" }
func (v Values) JWKS() string       { return v.Issuer + "/jwks" }
func (v Values) Introspect() string { return v.Issuer + "/introspect" }
func (v Values) EndSession() string { return v.Issuer + "/end_session" }

// StepUp reports whether the variant with an area is wanted.
func (v Values) StepUp() bool { return v.Level != "" }

// Asks reports whether it asks for a scope at every sign-in.
func (v Values) Asks(scope string) bool { return slices.Contains(v.Scopes, scope) }

// AnyLevel is what is enough for the area, as oauth2-proxy lists groups.
func (v Values) AnyLevel() string { return strings.Join(v.Levels, ",") }

// SignOutHere is a link that signs out at Soglia, for programs that keep no ID token: it asks first.
func (v Values) SignOutHere() string { return v.EndSession() + "?client_id=" + v.ClientID }

// IntrospectAs is the introspection endpoint with a client's id and the place of its secret in it, for programs that take
// HTTP Basic so.
func (v Values) IntrospectAs(client string) string {
	scheme, rest, _ := strings.Cut(v.Introspect(), "://")
	return scheme + "://" + client + ":" + v.Secret() + "@" + rest
}

// RedirectPath is the path of the redirect URI.
func (v Values) RedirectPath() string { return parsed(v.Redirect).Path }

// PostLogoutPath is where people land after signing out, when that is below the program's own address and not that address.
func (v Values) PostLogoutPath() string {
	path := parsed(v.PostLogout).Path
	if !strings.HasPrefix(v.PostLogout, v.Base+"/") || path == v.Prefix()+"/" {
		return ""
	}
	return path
}

// Scope is what it asks for, as one parameter.
func (v Values) Scope() string { return strings.Join(v.Scopes, " ") }

// ScopeBut leaves one out, for programs that add it by themselves.
func (v Values) ScopeBut(left string) string { return strings.Join(but(left, v.Scopes), " ") }

func but(left string, words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == left })
}

// List is what it asks for, with sep between.
func (v Values) List(sep string) string { return strings.Join(v.Scopes, sep) }

// Single and Quoted write words as the items of a list, in single and in double quotes; SingleBut leaves one out.
func (v Values) Single(words []string) string { return items(words, "'") }
func (v Values) Quoted(words []string) string { return items(words, `"`) }
func (v Values) SingleBut(left string, words []string) string {
	return items(but(left, words), "'")
}

func items(words []string, quote string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = quote + w + quote
	}
	return strings.Join(out, ", ")
}

// AreaScope is what it asks for when the area opens.
func (v Values) AreaScope() string { return strings.TrimSpace(v.Scope() + " " + v.Area) }

// Secret stands where a program cannot read its secret from a file.
func (v Values) Secret() string { return "PUT-THE-CLIENT-SECRET-HERE" }

// Name is the operator's name without what could end a text in any of the languages of the snippets.
func (v Values) Name() string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune("\"'`\\$#{}<>%;|", r) {
			return -1
		}
		return r
	}, v.Provider)
	if name = strings.TrimSpace(name); name == "" {
		return "Soglia"
	}
	return name
}

// unwritable returns a value that could end a text, or begin a variable, in one of the languages of the snippets; "" = there is
// none. Scopes, levels and addresses may hold more than these languages bear without an escape of their own each.
func (v Values) unwritable() string {
	for _, word := range slices.Concat([]string{v.Issuer, v.ClientID, v.Base, v.Redirect, v.PostLogout, v.Level, v.Area}, v.Scopes, v.Levels) {
		if strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"'`\\${}<>;|", r) }) {
			return word
		}
	}
	return ""
}

// Host is host and port of the program, Hostname the host alone, IssuerHost host and port of the issuer.
func (v Values) Host() string       { return parsed(v.Base).Host }
func (v Values) Hostname() string   { return parsed(v.Base).Hostname() }
func (v Values) IssuerHost() string { return parsed(v.Issuer).Host }

// Origin is the program's, Prefix its path on that host ("" at the root).
func (v Values) Origin() string {
	u := parsed(v.Base)
	return u.Scheme + "://" + u.Host
}
func (v Values) Prefix() string { return strings.TrimSuffix(parsed(v.Base).Path, "/") }

// Path is where the area is, Claims how its level is asked for so that nothing less will do (OIDC Core §5.5.1.1).
func (v Values) Path() string {
	name := v.Area
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		name = "billing"
	}
	return v.Prefix() + "/" + name
}
func (v Values) Claims() string {
	return `{"id_token":{"acr":{"essential":true,"value":"` + v.Level + `"}}}`
}

// Escape writes text as the value of a parameter in a URL.
func (v Values) Escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func parsed(s string) *url.URL {
	if u, err := url.Parse(s); err == nil {
		return u
	}
	return &url.URL{}
}
