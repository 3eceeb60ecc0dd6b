package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// frontchannel reads the address that is loaded in a frame (OIDC Front-Channel Logout 1.0 §2). A panel that can be told by
// its server is told there and nowhere else: a second word could only come to a browser that is signed in anew.
func (b *builder) frontchannel(path string, f FileClient, c *Client) {
	if f.FrontchannelLogoutURI == "" {
		return
	}
	if problem := wrongFrame(f.FrontchannelLogoutURI, f.RedirectURIs); problem != "" {
		b.errorf(path+".frontchannel_logout_uri", "", "client %q: frontchannel_logout_uri %q %s", f.ID, f.FrontchannelLogoutURI, problem)
		return
	}
	if f.BackchannelLogoutURI != "" {
		b.mistakes.warn(b.places.of(path+".frontchannel_logout_uri"), "take one of the two out",
			"client %q has a backchannel_logout_uri, which alone counts: its frontchannel_logout_uri is never loaded", f.ID)
		return
	}
	c.FrontchannelLogoutURI = f.FrontchannelLogoutURI
}

// wrongFrame returns why s cannot be loaded in a frame for the client of those redirect URIs, or "".
func wrongFrame(s string, redirects []string) string {
	if problem := wrongRedirect(s, false, false); problem != "" {
		return problem
	}
	u, err := url.Parse(s)
	if err != nil {
		return "is not a URI"
	}
	if problem := WrongServer(u); problem != "" {
		return problem
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.Is6() { // CSP 3 §6.7.2.8: matches nothing
		return "has an IPv6 address, which the policy of a page cannot name"
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "has a query that cannot be read"
	}
	if query.Has("iss") || query.Has("sid") {
		return "has iss or sid in its query, which are added to it"
	}
	for _, r := range redirects {
		if at, err := url.Parse(r); err == nil && originOf(at) == originOf(u) {
			return ""
		}
	}
	return "must have the scheme, host and port of a redirect URI"
}

// originOf is the origin of an http or https address (RFC 6454 §4).
func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
