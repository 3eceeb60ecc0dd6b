package web

import "net/http"

// nothing is the policy of every answer that is not a page of ours.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// always are the headers of every answer, in canonical form. Their values are shared by all answers: a handler replaces
// one (Set) or drops it, which leaves the others' alone.
var always = http.Header{
	"X-Content-Type-Options":  {"nosniff"},
	"Referrer-Policy":         {"same-origin"}, // codes and request ids stand in our URLs (W08)
	"Content-Security-Policy": {nothing},
}

var (
	deny   = []string{"DENY"} // for browsers without frame-ancestors
	powers = []string{"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"}
)

var (
	strict     = []string{"max-age=63072000"} // two years; other hosts of the domain are not ours to bind
	noStore    = []string{"no-store"}
	sameOrigin = []string{"same-origin"}
)

// headers sets what every answer carries, before anything can go wrong (W06). Handlers may replace what they must.
func (s *Site) headers(h http.Header, a Audience, id string) {
	if id != "" {
		h["X-Request-Id"] = []string{id}
	}
	if !s.dev && s.issuer.Scheme == "https" {
		h["Strict-Transport-Security"] = strict
	}
	for name, value := range always {
		h[name] = value
	}
	if a == Page || a == Entry { // what programs and files are sent is no document that could be framed or use a device
		h["X-Frame-Options"] = deny
		h["Permissions-Policy"] = powers
	}
	if a != Public { // bytes open no window; and with eight headers net/http copies a map of one group
		h["Cross-Origin-Opener-Policy"] = sameOrigin
		h["Cache-Control"] = noStore
		h["Cross-Origin-Resource-Policy"] = sameOrigin
	}
}
