package web

import "net/http"

// nothing is the policy of every answer that is not a page of ours.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// headers sets what every answer carries, before anything can go wrong (W06). Handlers may replace what they must.
func (s *Site) headers(h http.Header, a Audience, id string) {
	h.Set("X-Request-Id", id)
	if !s.dev && s.issuer.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=63072000") // two years; other hosts of the domain are not ours to bind
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // codes and request ids stand in our URLs (W08)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", nothing)
	h.Set("X-Frame-Options", "DENY") // for browsers without frame-ancestors
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	if a != Public {
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}
