package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// loopback reports whether host is this machine by name (RFC 6761 §6.3) or by address.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// odd reports characters that no URI holds (RFC 3986 §2), which browsers and programs read differently.
func odd(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"<>^`{|}", r) })
}

// wrongIssuer returns why s is no issuer, or "" (OIDC Discovery §3, RFC 8414 §2). It has no path here, because the
// server's cookies and pages own the whole host.
func wrongIssuer(s string, dev bool) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || odd(s):
		return "is not an address such as https://sso.example.it"
	case u.Scheme != "https" && !(dev && u.Scheme == "http" && loopback(u.Hostname())):
		return "must be https"
	case u.User != nil:
		return "must not hold a user name"
	case strings.ContainsAny(s, "?#"):
		return "must not have a query or fragment"
	case strings.HasSuffix(s, "/"):
		return "must not end with a slash"
	case u.Path != "":
		return "must not have a path: the server answers at the root of its host"
	case s != strings.ToLower(s):
		return "must be in lower case: it is compared exactly"
	}
	return ""
}

// scripts are schemes that run or read something where the browser is; as a redirect they are an attack.
var scripts = []string{"javascript", "data", "file", "vbscript", "about", "blob", "filesystem", "view-source", "jar", "intent"}

// wrongRedirect returns why s cannot be registered as a redirect URI, or "" (RFC 6749 §3.1.2, RFC 9700 §2.1, RFC 8252
// §7 and §8.4). custom allows private-use schemes.
func wrongRedirect(s string, native, public bool) string {
	if odd(s) {
		return "holds a character that no URI holds"
	}
	if strings.Contains(s, "*") {
		return "has a wildcard; each address must be written out"
	}
	if strings.Contains(s, "#") {
		return "has a fragment"
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "is not a URI"
	case u.Scheme == "":
		return "is relative"
	}
	if slices.Contains(scripts, u.Scheme) { // url.Parse has put it into lower case
		return fmt.Sprintf("has the scheme %s, which lets a page run code or read files", u.Scheme)
	}
	if !strings.HasPrefix(s, u.Scheme+":") {
		return "must have its scheme in lower case: it is compared exactly"
	}
	switch u.Scheme {
	case "https", "http":
		switch {
		case u.Hostname() == "":
			return "has no host"
		case u.User != nil:
			return "holds a user name"
		case u.Scheme == "http" && !loopback(u.Hostname()):
			return "is plain http to another machine"
		}
		return ""
	}
	switch {
	case !native || !public:
		return fmt.Sprintf("has the scheme %s, which only native public clients may use", u.Scheme)
	case !strings.Contains(u.Scheme, "."):
		return fmt.Sprintf("has the scheme %s without a dot; use the reversed name of a domain you own (RFC 8252 §7.1)", u.Scheme)
	}
	return ""
}

// wrongOrigin returns why s is no web origin (RFC 6454 §6.2), or "".
func wrongOrigin(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || odd(s) || strings.Contains(s, "*"):
		return "is not an origin such as https://panel.example.it"
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return "must be https"
	case s != u.Scheme+"://"+u.Host || s != strings.ToLower(s):
		return "must be scheme, host and port only, in lower case"
	}
	return ""
}
