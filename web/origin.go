package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// addressed refuses a request for another host. Links in pages and messages are made from the configured issuer only, so
// this is the second lock (G04). X-Forwarded-Host, X-Forwarded-Proto and Forwarded are never read. What panels' back ends
// call is answered under the inner names of the server, too; no page and nothing with a cookie ever is.
func (s *Site) addressed(r *http.Request, to *Route) error {
	ok := r.Host == s.host || s.ours(r.Host, to)
	if r.URL.Host != "" { // absolute-form: it wins over Host (RFC 9112 §3.2.2), as in net/http; here both must be ours
		ok = ok && s.ours(r.URL.Host, to)
	}
	if !ok {
		// A proxy that does not pass the host on is the usual cause, and the operator looks into the log.
		return &Error{Status: http.StatusMisdirectedRequest, Code: "misdirected_request", Cause: fmt.Errorf("for %.100q, expected %q", r.Host, s.host)}
	}
	return nil
}

func (s *Site) ours(host string, to *Route) bool {
	return bareHost(s.issuer.Scheme, host) == s.host || to.Inner && s.inner[strings.ToLower(host)]
}

var errCrossSite = errors.New("cross-site request")

// ownForm refuses a state-changing request that does not come from one of our own pages (W01). The rule is that of
// [http.CrossOriginProtection]: Sec-Fetch-Site where the browser sends it, else Origin. It is stricter in two places:
// Origin is compared with its scheme, and a request with neither header must at least bring the browser cookie, which
// SameSite=Lax keeps from cross-site POSTs.
func (s *Site) ownForm(r *http.Request) error {
	var cross http.CrossOriginProtection
	err := cross.Check(r)
	if err == nil && r.Header.Get("Sec-Fetch-Site") == "" {
		switch origin := r.Header.Get("Origin"); {
		case origin == "":
			if s.Cookies.Browser(r) == "" {
				err = errCrossSite
			}
		case !strings.EqualFold(origin, s.issuer.Scheme+"://"+s.issuer.Host):
			err = errCrossSite
		}
	}
	if err != nil {
		return &Error{Status: http.StatusForbidden, Code: "cross_site", Cause: err}
	}
	return nil
}

// Navigation reports whether a browser goes there with its window, as far as it tells: a person may be looking. Frames,
// pictures and scripts are none (Fetch Metadata §2.1), and nobody looks at the answer to HEAD.
func Navigation(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return r.Method != http.MethodHead && (dest == "" || dest == "document")
}

// safe are the methods that change nothing (RFC 9110 §9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
