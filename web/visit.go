package web

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/soglia-sso/soglia/secret"
)

// visit is what the site knows of one request. It hangs in the context as a pointer, so that what a handler learns late
// (the language a client asked for) also shapes the error page.
type visit struct {
	site    *Site
	id      string
	ip      netip.Addr
	route   *Route
	locales string // wished for by the client's ui_locales
	lang    string // chosen; "" = not yet
	browser string // browser cookie given out in this very answer
	err     error  // returned by the handler
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	if v == nil {
		return &visit{ip: peer(r.RemoteAddr)}
	}
	return v
}

// enter gives the request a number and its sender's address, and hangs the visit in its context, once.
func (v *visit) enter(r *http.Request) *http.Request {
	if v.id != "" {
		return r
	}
	v.id, v.ip = secret.NewID()[:16], clientIP(r, v.site.trusted)
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	if v.site.context != nil {
		ctx = v.site.context(ctx, v.ip, r.UserAgent(), v.id)
	}
	return r.WithContext(ctx)
}

// RequestID is the number that ties a page, its log line and its audit records together. It is made here: an
// X-Request-Id that came with the request is not looked at. Empty outside [Site.Mux].
func RequestID(r *http.Request) string { return visitOf(r).id }

// ClientIP is the address of the person's machine: the rightmost hop of X-Forwarded-For that is not one of
// trusted_proxies, else the peer. The zero Addr when not even the peer has one.
func ClientIP(r *http.Request) netip.Addr { return visitOf(r).ip }

// Lang is the language of the answer: the person's choice (lang= in the query), else what the client asked for
// ([WithLang]), else what the browser prefers. Empty outside [Site.Mux].
func Lang(r *http.Request) string {
	v := visitOf(r)
	if v.lang == "" && v.site != nil {
		wish := v.locales
		if strings.Contains(r.URL.RawQuery, "lang=") {
			wish = r.URL.Query().Get("lang") + " " + wish
		}
		v.lang = v.site.pages.Match(r.Header.Get("Accept-Language"), wish)
	}
	return v.lang
}

// WithLang notes the languages a client asked for: ui_locales (OIDC Core §3.1.2.1), or one language. The person's own
// choice of lang= still goes first.
func WithLang(r *http.Request, locales string) *http.Request {
	v := visitOf(r)
	v.locales, v.lang = locales, ""
	return r
}
