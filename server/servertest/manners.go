package servertest

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// send makes the request as a browser would: cookies by SameSite, Fetch Metadata, Origin on everything but GET.
func (b *Browser) send(h hop, referrer string) (*http.Response, []byte) {
	b.t.Helper()
	unsafe := h.method != http.MethodGet && h.method != http.MethodHead
	var body io.Reader
	if unsafe {
		body = strings.NewReader(h.body.Encode())
	}
	r, err := http.NewRequestWithContext(context.Background(), h.method, h.to.String(), body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.URL.Fragment = ""
	r.Header.Set("User-Agent", b.UserAgent)
	r.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Accept-Language", b.Lang)
	if unsafe {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if h.from != nil || !unsafe {
		r.Header.Set("Sec-Fetch-Site", h.relation)
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
	}
	if h.from != nil {
		if unsafe {
			r.Header.Set("Origin", h.from.Scheme+"://"+h.from.Host)
		}
		if referrer == "same-origin" && h.relation == "same-origin" {
			r.Header.Set("Referer", h.from.String())
		}
	}
	for _, c := range b.jar.send(h.to, h.relation == "cross-site", unsafe) {
		r.AddCookie(c)
	}
	res, err := b.net.do(r, b.IP+":40000")
	if err != nil {
		b.t.Fatalf("%s: %s %s: %v", b.Name, h.method, h.to, err)
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.jar.store(h.to, res.Cookies())
	return res, raw
}

// check holds what must be true of every answer.
func (b *Browser) check(h hop, res *http.Response, body []byte) {
	b.t.Helper()
	if h.method == http.MethodPost && (res.StatusCode == http.StatusTemporaryRedirect || res.StatusCode == http.StatusPermanentRedirect) {
		b.t.Errorf("A14: POST %s answered %d: the browser would post the password on to %s", h.to, res.StatusCode, res.Header.Get("Location"))
	}
	if res.StatusCode >= 500 && !b.Faults {
		b.t.Fatalf("%s: %s %s answered %d: %s", b.Name, h.method, h.to, res.StatusCode, body)
	}
}

// allowed holds form-action against each hop of a form's chain, as Chromium does (CSP3 §6.4.1, and the redirects of a
// form submission).
func (b *Browser) allowed(h hop) {
	b.t.Helper()
	if h.formAction == "" || h.from == nil {
		return
	}
	for source := range strings.FieldsSeq(h.formAction) {
		origin := h.to.Scheme + "://" + h.to.Host
		if source == origin || (source == "'self'" && relation(h.from, h.to) == "same-origin") || strings.HasPrefix(h.to.String(), source) {
			return
		}
	}
	b.t.Fatalf("%s: the form of %s ends at %s, which its Content-Security-Policy forbids: form-action %s", b.Name, h.from, h.to, h.formAction)
}

// directive reads one directive of the Content-Security-Policy; "" = absent.
func directive(h http.Header, name string) string {
	for d := range strings.SplitSeq(h.Get("Content-Security-Policy"), ";") {
		if key, value, _ := strings.Cut(strings.TrimSpace(d), " "); strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
