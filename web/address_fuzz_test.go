package web

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

// FuzzForwardedFor: whatever the header says, in however many lines, the answer is the peer, or a hop that stands in the
// header with nothing but proxies of ours to its right; and without a trusted peer it is the peer.
func FuzzForwardedFor(f *testing.F) {
	for _, s := range []string{
		"203.0.113.5", "a, b", "[::1]:80, 10.0.0.2", ",,,", "::ffff:10.0.0.1", "1.2.3.4:99999", "fe80::1%x,10.1.1.1", "10.0.0.2 , 2001:db8::1",
		strings.Repeat("10.0.0.9,", 40), "203.0.113.5," + strings.Repeat("10.0.0.9,", 30) + "10.1.1.1", "010.0.0.1", "[::ffff:203.0.113.5]", "2001:db8:ff::1%10.0.0.1",
	} {
		f.Add(s, "")
		f.Add("203.0.113.7", s)
	}
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ff::/48")}
	f.Fuzz(func(t *testing.T, first, second string) {
		head := http.Header{"X-Forwarded-For": {first, second}}
		if got := clientIP(&http.Request{RemoteAddr: "198.51.100.9:1", Header: head}, trusted); got.String() != "198.51.100.9" {
			t.Fatalf("a stranger became %s", got)
		}
		got := clientIP(&http.Request{RemoteAddr: "10.0.0.1:1", Header: head}, trusted)
		if !got.IsValid() || got.Is4In6() || got.Zone() != "" {
			t.Fatalf("%q, %q gave %q", first, second, got)
		}
		want := byTheBook(strings.Split(first+","+second, ","), trusted)
		if want == "" {
			want = "10.0.0.1"
		}
		if got.String() != want {
			t.Fatalf("%q, %q gave %s, want %s", first, second, got, want)
		}
	})
}

// byTheBook reads the list as one would explain it: cut off our proxies at its right end; what stands there now is the
// client, if it is an address. "" is the peer.
func byTheBook(hops []string, trusted []netip.Prefix) string {
	if len(hops) > maxHops {
		hops = append([]string{"too many"}, hops[len(hops)-maxHops:]...)
	}
	for len(hops) > 0 {
		last := written.FindStringSubmatch(strings.Trim(hops[len(hops)-1], " \t"))
		if last == nil || len(last[0]) > 64 {
			return ""
		}
		if port := last[2] + last[4]; port != "" {
			if _, err := netip.ParseAddrPort("[::]:" + port); err != nil {
				return ""
			}
		}
		a, err := netip.ParseAddr(last[1] + last[3] + last[5])
		if err != nil || last[1] != "" && !a.Is6() {
			return ""
		}
		a = a.Unmap().WithZone("")
		ours := false
		for _, p := range trusted {
			ours = ours || p.Contains(a)
		}
		if !ours {
			return a.String()
		}
		hops = hops[:len(hops)-1]
	}
	return ""
}

// written is an entry: in brackets, or IPv4, or IPv6; the first two may have a port.
var written = regexp.MustCompile(`(?s)^(?:\[([^\[\]]+)\](?::([0-9]+))?|([0-9.]+)(?::([0-9]+))?|([^\[\]]*:.*))$`)
