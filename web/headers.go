package web

import "net/http"

// nothing is the policy of every answer that is not a page of ours.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// The values of headers. They are shared by all answers: a handler replaces one (Set) or drops it, which leaves the
// others' alone.
var (
	strict     = []string{"max-age=63072000"} // two years; other hosts of the domain are not ours to bind
	noSniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
	noPage     = []string{nothing}
	noStore    = []string{"no-store"}
	deny       = []string{"DENY"} // for browsers without frame-ancestors
	powers     = []string{"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"}
)

// headers sets what every answer carries, before anything can go wrong (W06). Handlers may replace what they must.
//
// Each costs what net/http does to copy, sort and write it, and a ninth turns the map into a table, so what programs are
// sent stays at eight. A resource policy would do nothing there: it keeps other sites from loading what a browser adds
// cookies to (Fetch §3.7), and these routes take none.
func (s *Site) headers(h http.Header, a Audience, id string) {
	if id != "" {
		h["X-Request-Id"] = []string{id}
	}
	if !s.dev && s.issuer.Scheme == "https" {
		h["Strict-Transport-Security"] = strict
	}
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = sameOrigin // codes and request ids stand in our URLs (W08)
	h["Content-Security-Policy"] = noPage
	if a == Page || a == Entry { // answers for programs, and files, cannot be framed and use no device
		h["X-Frame-Options"] = deny
		h["Permissions-Policy"] = powers
		h["Cross-Origin-Resource-Policy"] = sameOrigin
	}
	if a != Public { // a file opens no window
		h["Cross-Origin-Opener-Policy"] = sameOrigin
		h["Cache-Control"] = noStore
	}
}
