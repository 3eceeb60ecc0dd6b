package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
)

// proxy plays the proxy in front of a server: the address of a request stays that of the issuer (https, its own host), the
// connection is plain HTTP to where the server listens. Requests come from many machines, as in life: one address alone
// would meet the server's limit on floods.
type proxy struct {
	rt   http.RoundTripper
	to   *url.URL // nil: straight to the address
	from []string // X-Forwarded-For
	n    *atomic.Int64
}

// machines are addresses of the range that is set aside for benchmarks (RFC 2544).
func machines() []string {
	out := make([]string, 4096)
	for i := range out {
		out[i] = fmt.Sprintf("198.18.%d.%d", i>>8, i&255)
	}
	return out
}

func (v proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	v.n.Add(1)
	if v.to == nil {
		return v.rt.RoundTrip(r)
	}
	sent, at := *r, *r.URL
	sent.Host = r.URL.Host
	at.Scheme, at.Host = v.to.Scheme, v.to.Host
	sent.URL = &at
	sent.Header = r.Header.Clone()
	sent.Header["X-Forwarded-For"] = []string{v.from[rand.IntN(len(v.from))]}
	return v.rt.RoundTrip(&sent)
}
