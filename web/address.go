package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops is how far back a chain of proxies is followed. A longer one is made up.
const maxHops = 32

// clientIP walks X-Forwarded-For from the right as long as the hop that wrote an entry is trusted. What a stranger can
// forge stands to the left of what our own proxy appended, and is never reached. An entry that is no address ends the
// walk at the peer: garbage never changes a policy.
func clientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	from := peer(r.RemoteAddr)
	if !trusts(trusted, from) {
		return from
	}
	lines := r.Header["X-Forwarded-For"]
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; hops++ {
			if hops == maxHops {
				return from
			}
			var entry string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, entry = rest[:at], rest[at+1:]
			} else {
				entry, more = rest, false
			}
			hop, ok := hopAddr(entry)
			if !ok {
				return from
			}
			if !trusts(trusted, hop) {
				return hop
			}
		}
	}
	return from
}

// hopAddr reads one entry: an address, or, as some proxies write, an address with a port or an IPv6 one in brackets.
func hopAddr(s string) (netip.Addr, bool) {
	s = strings.Trim(s, " \t")
	if len(s) > 64 {
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return plain(a), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr()), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); ok {
			if a, err := netip.ParseAddr(inner); err == nil && a.Is6() {
				return plain(a), true
			}
		}
	}
	return netip.Addr{}, false
}

// peer is the other end of the connection; zero when it is not an IP (a unix socket).
func peer(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return plain(ap.Addr())
}

// plain unmaps IPv4 in IPv6 and drops the zone, so that one machine has one spelling.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func trusts(trusted []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}

// unmapped turns ::ffff:a.b.c.d/n into the IPv4 prefix it means, to match plain addresses.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// IPKey is the unit in which addresses are counted and limited: an IPv4 address, or the /64 of an IPv6 one, because a
// single customer line owns that many. "-" for no address.
func IPKey(a netip.Addr) string {
	a = plain(a)
	switch {
	case !a.IsValid():
		return "-"
	case a.Is4():
		return a.String()
	}
	p, _ := a.Prefix(64) // never fails for 64 bits of IPv6
	return p.String()
}
