package op

import (
	"net/netip"
	"net/url"
	"strings"
)

// registered reports whether uri is one of the registered ones: compared byte by byte (RFC 9700 §2.1), without decoding,
// cleaning or case folding. Only a native client's loopback literals may differ, and only in the port (RFC 8252 §7.3).
func registered(uri string, list []string, native bool) bool {
	if uri == "" {
		return false
	}
	for _, r := range list {
		if r == uri || native && sameLoopback(r, uri) {
			return true
		}
	}
	return false
}

// sameLoopback reports whether both are http on the same loopback literal, equal but for the port. "localhost" is no
// literal (RFC 8252 §8.3), and neither is any other spelling of 127.0.0.1.
func sameLoopback(registered, uri string) bool {
	host, rest, ok := loopback(registered)
	if !ok {
		return false
	}
	h, r, ok := loopback(uri)
	return ok && h == host && r == rest
}

// loopback splits http://127.0.0.1:port/rest and http://[::1]:port/rest.
func loopback(uri string) (host, rest string, ok bool) {
	s, ok := strings.CutPrefix(uri, "http://")
	if !ok || strings.ContainsAny(s, "#\\") {
		return "", "", false
	}
	for _, literal := range []string{"127.0.0.1", "[::1]"} {
		after, ok := strings.CutPrefix(s, literal)
		if !ok {
			continue
		}
		if port, found := strings.CutPrefix(after, ":"); found {
			n := 0
			for n < len(port) && '0' <= port[n] && port[n] <= '9' {
				n++
			}
			if _, err := netip.ParseAddrPort(literal + ":" + port[:n]); err != nil {
				return "", "", false
			}
			after = port[n:]
		}
		if after != "" && after[0] != '/' && after[0] != '?' {
			return "", "", false
		}
		return literal, after, true
	}
	return "", "", false
}

// nearest returns the registered URI that looks most like uri, for the log line of a mismatch: the operator sees at once
// which slash is missing.
func nearest(uri string, list []string) string {
	best, score := "", -1
	for _, r := range list {
		n := 0
		for n < len(r) && n < len(uri) && r[n] == uri[n] {
			n++
		}
		m := 0
		for m < len(r)-n && m < len(uri)-n && r[len(r)-1-m] == uri[len(uri)-1-m] {
			m++
		}
		if n+m > score {
			best, score = r, n+m
		}
	}
	return best
}

// field is one parameter of an answer; order is kept.
type field struct{ name, value string }

// withQuery appends fields to a registered URI, which stays as it is, its own query included.
func withQuery(uri string, fields []field) string {
	var b strings.Builder
	b.WriteString(uri)
	sep := byte('?')
	if i := strings.IndexByte(uri, '?'); i >= 0 {
		sep = '&'
		if i == len(uri)-1 || strings.HasSuffix(uri, "&") {
			sep = 0
		}
	}
	for _, f := range fields {
		if sep != 0 {
			b.WriteByte(sep)
		}
		sep = '&'
		b.WriteString(f.name)
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(f.value))
	}
	return b.String()
}
