package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/soglia-sso/soglia/templates"
)

// Render answers with a page (a struct of package templates) and fills what the handler left empty of its language,
// ribbon, reference number and way home. Nothing is sent when the template fails.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, page any) error {
	lang := ""
	page, lang = s.complete(r, page)
	var body bytes.Buffer
	if err := s.pages.Render(&body, page); err != nil {
		return fmt.Errorf("rendering %T: %w", page, err)
	}
	if chosen := r.URL.Query().Get("lang"); chosen == lang && safe(r.Method) {
		s.Cookies.SetLang(w, lang)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Content-Security-Policy", s.pages.CSP(page))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body.Bytes()) // the only error is that the reader went away
	}
	return nil
}

// complete returns a copy of page whose embedded templates.Page has no gaps, and its language.
func (s *Site) complete(r *http.Request, page any) (any, string) {
	v := reflect.ValueOf(page)
	pointer := v.Kind() == reflect.Pointer
	if pointer {
		v = v.Elem()
	}
	full := reflect.New(v.Type())
	full.Elem().Set(v)
	p, ok := full.Elem().FieldByName("Page").Addr().Interface().(*templates.Page)
	if !ok {
		panic(fmt.Sprintf("web: %T is no page", page))
	}
	if p.Lang == "" {
		p.Lang = Lang(r)
	}
	if p.Ref == "" {
		p.Ref = RequestID(r)
	}
	if p.Home == "" {
		p.Home = "/" // which leads to the home panel
	}
	if p.Self == "" && safe(r.Method) {
		p.Self = r.URL.RequestURI()
	}
	p.Dev = p.Dev || s.dev
	if pointer {
		return full.Interface(), p.Lang
	}
	return full.Elem().Interface(), p.Lang
}

// Redirect answers 302, or 303, which is the only one that may follow a POST: 307 and 308 would send the form, password
// included, onwards (RFC 9700 §4.12). There is no body, so that nothing of the URL is repeated in markup.
func Redirect(w http.ResponseWriter, r *http.Request, to string, status int) error {
	if status != http.StatusSeeOther && (status != http.StatusFound || !safe(r.Method)) {
		return fmt.Errorf("web: status %d for a redirect after %s", status, r.Method)
	}
	location, err := ascii(to)
	if err != nil {
		return err
	}
	w.Header().Set("Location", location)
	w.WriteHeader(status)
	return nil
}

// ascii escapes what a header cannot carry and refuses control characters: they can only come from a place that forgot
// to encode.
func ascii(to string) (string, error) {
	var b strings.Builder
	for i := range len(to) {
		switch c := to[i]; {
		case c < 0x20 || c == 0x7f:
			return "", fmt.Errorf("web: control character in a redirect")
		case c == ' ' || c >= 0x80:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	if _, err := url.Parse(b.String()); err != nil {
		return "", fmt.Errorf("web: redirect to something that is no URL")
	}
	return b.String(), nil
}
