package web

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestClientIPIsTheRightmostUntrustedHop(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ff::/48")}
	for name, c := range map[string]struct {
		peer string
		hops []string
		want string
	}{
		"no proxy":                    {"198.51.100.9:1", nil, "198.51.100.9"},
		"a stranger's header":         {"198.51.100.9:1", []string{"1.1.1.1"}, "198.51.100.9"},
		"one proxy":                   {"10.0.0.1:1", []string{"203.0.113.5"}, "203.0.113.5"},
		"forged hops on the left":     {"10.0.0.1:1", []string{"8.8.8.8, 127.0.0.1, 203.0.113.5"}, "203.0.113.5"},
		"two proxies":                 {"10.0.0.1:1", []string{"203.0.113.5, 10.0.0.2"}, "203.0.113.5"},
		"several lines":               {"10.0.0.1:1", []string{"8.8.8.8", "203.0.113.5", "10.0.0.2"}, "203.0.113.5"},
		"only proxies":                {"10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.1"},
		"no header":                   {"10.0.0.1:1", nil, "10.0.0.1"},
		"garbage":                     {"10.0.0.1:1", []string{"203.0.113.5, unknown"}, "10.0.0.1"},
		"garbage behind a proxy":      {"10.0.0.1:1", []string{"<script>, 10.0.0.2"}, "10.0.0.1"},
		"empty entry":                 {"10.0.0.1:1", []string{"203.0.113.5, "}, "10.0.0.1"},
		"garbage on the left is idle": {"10.0.0.1:1", []string{"garbage, 203.0.113.5"}, "203.0.113.5"},
		"with a port":                 {"10.0.0.1:1", []string{"203.0.113.5:4711"}, "203.0.113.5"},
		"IPv6":                        {"[2001:db8:ff::1]:1", []string{"2001:db8::7"}, "2001:db8::7"},
		"IPv6 in brackets":            {"10.0.0.1:1", []string{"[2001:db8::7]"}, "2001:db8::7"},
		"IPv6 with a port":            {"10.0.0.1:1", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		"mapped peer is trusted":      {"[::ffff:10.0.0.1]:1", []string{"203.0.113.5"}, "203.0.113.5"},
		"mapped hop":                  {"10.0.0.1:1", []string{"::ffff:203.0.113.5"}, "203.0.113.5"},
		"mapped hop is a proxy":       {"10.0.0.1:1", []string{"203.0.113.5, ::ffff:10.0.0.9"}, "203.0.113.5"},
		"zone":                        {"[fe80::1%eth0]:1", nil, "fe80::1"},
		"a storm":                     {"10.0.0.1:1", []string{strings.Repeat("10.0.0.2,", 5000) + "10.0.0.2"}, "10.0.0.1"},
		"octal is no address":         {"10.0.0.1:1", []string{"010.0.0.2"}, "10.0.0.1"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.hops}}
		if got := clientIP(r, trusted); got.String() != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := clientIP(&http.Request{RemoteAddr: "@"}, trusted); got.IsValid() {
		t.Errorf("a unix socket has the address %s", got)
	}
}

func TestHandlersSeeTheClientsAddress(t *testing.T) {
	var got netip.Addr
	s := open(t).Site
	h := &testSite{Site: s}
	h.Handler = s.Mux([]Route{{Methods: []string{"GET"}, Pattern: "/ip", Audience: API, Handler: func(_ http.ResponseWriter, r *http.Request) error {
		got = ClientIP(r)
		return nil
	}}})
	h.ask("GET", "/ip", "", "Peer: 192.0.2.1:9", "X-Forwarded-For: 6.6.6.6, 203.0.113.5")
	if got.String() != "203.0.113.5" {
		t.Errorf("ClientIP = %s", got)
	}
}

func TestIPKeyIsOneCustomerLine(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.5":          "203.0.113.5",
		"::ffff:203.0.113.5":   "203.0.113.5",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::1":      "2001:db8:1:2::/64",
	} {
		if got := IPKey(netip.MustParseAddr(in)); got != want {
			t.Errorf("IPKey(%s) = %s, want %s", in, got, want)
		}
	}
	if got := IPKey(netip.Addr{}); got != "-" {
		t.Errorf("IPKey(none) = %s", got)
	}
}
