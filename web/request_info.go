package web

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/soglia-sso/soglia/secret"
)

// requestInfo is what the site knows of one request. It is in the context as a pointer, so that what a handler learns late
// (the language a client asked for) also shapes the error page.
type requestInfo struct {
	site    *Site
	id      string
	ip      netip.Addr
	route   *Route
	locales string // wished for by the client's ui_locales
	lang    string // chosen; "" = not yet
	browser string // browser cookie given out in this very answer
	err     error  // returned by the handler
}

type requestInfoKey struct{}

func infoOf(r *http.Request) *requestInfo {
	v, _ := r.Context().Value(requestInfoKey{}).(*requestInfo)
	if v == nil {
		return &requestInfo{ip: peer(r.RemoteAddr)}
	}
	return v
}

// begin gives the request a number and its sender's address, and puts what is known of it into its context, once.
func (v *requestInfo) begin(r *http.Request) *http.Request {
	if v.id != "" {
		return r
	}
	v.id, v.ip = secret.NewID()[:16], clientIP(r, v.site.trusted)
	ctx := context.WithValue(r.Context(), requestInfoKey{}, v)
	if v.site.context != nil {
		ctx = v.site.context(ctx, v.ip, r.UserAgent(), v.id)
	}
	return r.WithContext(ctx)
}

// RequestID is the number that ties a page, its log line and its audit records together. It is made here: an
// X-Request-Id that came with the request is not looked at. Empty outside [Site.Mux].
func RequestID(r *http.Request) string { return infoOf(r).id }

// ClientIP is the address of the person's machine: the rightmost hop of X-Forwarded-For that is not one of
// trusted_proxies, else the peer. The zero Addr when not even the peer has one.
func ClientIP(r *http.Request) netip.Addr { return infoOf(r).ip }

// Lang is the language of the answer: the person's choice (lang= in the query), else what the client asked for
// ([WithLang]), else what the browser prefers. Empty outside [Site.Mux].
func Lang(r *http.Request) string {
	v := infoOf(r)
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
	v := infoOf(r)
	v.locales, v.lang = locales, ""
	return r
}
