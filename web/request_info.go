package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
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
	asked   bool   // lang is more than the default
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
	v.id, v.ip = newReference(), clientIP(r, v.site.trusted)
	ctx := context.WithValue(r.Context(), requestInfoKey{}, v)
	if v.site.context != nil {
		ctx = v.site.context(ctx, v.ip, r.UserAgent(), v.id)
	}
	return r.WithContext(ctx)
}

// dictated are letters and digits that nobody takes for each other on the telephone or on paper.
var dictated = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newReference is a number of 40 bits as people read it out, "7F3K-92QD". It tells requests apart and keeps nobody out.
func newReference() string {
	var b [5]byte
	rand.Read(b[:]) // never fails
	s := dictated.EncodeToString(b[:])
	return s[:4] + "-" + s[4:]
}

var aReference = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`)

// Reference is the number of the page from which a link led here (ref=), or "".
func Reference(r *http.Request) string {
	if ref := r.URL.Query().Get("ref"); aReference.MatchString(ref) {
		return ref
	}
	return ""
}

// ReadReference is a reference as it stands on pages, however it was noted down: in small letters, without the hyphen, with
// the letters O, I or L, which no reference has, for the digits. false when it is none.
func ReadReference(noted string) (string, bool) {
	s := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(noted))
	if len(s) != 8 {
		return "", false
	}
	s = s[:4] + "-" + s[4:]
	return s, aReference.MatchString(s)
}

// RequestID is the number that ties a page, its log line and its audit records together. It is made here: an
// X-Request-Id that came with the request is not looked at. Empty outside [Site.Mux].
func RequestID(r *http.Request) string { return infoOf(r).id }

// ClientIP is the address of the person's machine: the rightmost hop of X-Forwarded-For that is not one of
// trusted_proxies, else the peer. The zero Addr when not even the peer has one.
func ClientIP(r *http.Request) netip.Addr { return infoOf(r).ip }

// Lang is the language of the answer: the person's choice (lang= in the query, else the cookie that keeps it), else that of
// the page which led here (in=), else what the client asked for ([WithLang]), else what the browser prefers. Empty outside
// [Site.Mux].
func Lang(r *http.Request) string {
	v := infoOf(r)
	if v.lang == "" && v.site != nil {
		wish := v.site.Cookies.Lang(r) + " " + v.locales
		if r.URL.RawQuery != "" {
			q := r.URL.Query()
			wish = strings.Join([]string{q.Get("lang"), v.site.Cookies.Lang(r), q.Get("in"), v.locales}, " ")
		}
		accept := r.Header.Get("Accept-Language")
		v.lang, v.asked = v.site.pages.Match(accept, wish), accept != "" || strings.TrimSpace(wish) != ""
	}
	return v.lang
}

// LangAsked is [Lang] where anything asked for a language, and "" where the answer's is only the default.
func LangAsked(r *http.Request) string {
	if lang := Lang(r); infoOf(r).asked {
		return lang
	}
	return ""
}

// WithLang notes the languages a client asked for: ui_locales (OIDC Core §3.1.2.1), or one language. The person's own
// choice still goes first.
func WithLang(r *http.Request, locales string) *http.Request {
	v := infoOf(r)
	v.locales, v.lang = locales, ""
	return r
}
