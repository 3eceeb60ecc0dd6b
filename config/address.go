package config

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/soglia-sso/soglia/outbound"
)

// loopback reports whether host is this machine by name (RFC 6761 §6.3) or by address.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// WrongServer returns why host and port of an address cannot be dialled as they are written, or "".
func WrongServer(u *url.URL) string {
	if strings.Contains(u.Hostname(), ":") && !strings.HasPrefix(u.Host, "[") {
		return "has an IPv6 address without brackets"
	}
	return cmp.Or(wrongHost(u.Hostname()), wrongPort(u.Port()))
}

// wrongHost: without the brackets of an IPv6 address.
func wrongHost(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || len(host) > 254 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "has a host that is neither an IP address nor a name in ASCII"
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" { // no top-level domain is a number (RFC 3696 §2)
		return "has a host that looks like an IP address and is none"
	}
	return ""
}

// wrongPort: none is the usual one.
func wrongPort(port string) string {
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return "has a port that cannot be"
	}
	return ""
}

// longestSocket is what fits into sun_path (unix(7)), with its end.
const longestSocket = 107

// wrongListener returns why nothing can listen at host:port, or "". No host means all addresses, port 0 any free one.
func wrongListener(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "must be host:port, an IPv6 address in brackets"
	}
	if host != "" && wrongHost(host) != "" {
		return wrongHost(host)
	}
	if port != "0" && (port == "" || wrongPort(port) != "") {
		return "must have a port from 0 to 65535"
	}
	return ""
}

// WrongParameters returns what is wrong with the parameters of an address, of which only some are known, or "". A name is
// told only where it cannot be part of a password that was not escaped.
func WrongParameters(u *url.URL, known ...string) string {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || strings.Contains(u.RawQuery, "@") {
		return "has parameters that cannot be read; in a password, ? is written %3F and @ %40"
	}
	for _, name := range sortedKeys(query) {
		if !slices.Contains(known, name) {
			return fmt.Sprintf("has an unknown parameter %q; there is %s", name, strings.Join(known, ", "))
		}
		if len(query[name]) > 1 {
			return fmt.Sprintf("has the parameter %s twice", name)
		}
	}
	return ""
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
	case WrongServer(u) != "":
		return WrongServer(u)
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

// wrongPeer returns why this server could not ask at s, or "": the client that will do so judges it ([outbound.Reachable]).
// Private addresses are for what says that it is private.
func (b *builder) wrongPeer(s string, inside outbound.Inside) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || odd(s) {
		return "is not an address such as https://www.example.it/path"
	}
	if problem := WrongServer(u); problem != "" {
		return problem
	}
	if err := outbound.Reachable(s, b.options.Dev, inside); err != nil {
		return "cannot be asked: " + err.Error()
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
