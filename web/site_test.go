package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/templates"
)

// plainPages shows a page as the fields that matter here. The real set is tried in the server's own tests.
type plainPages struct{ broken bool }

func (p plainPages) Render(w io.Writer, page any) error {
	if p.broken {
		return errors.New("template: layout: secret path /srv/x")
	}
	f, ok := page.(templates.Failure)
	if !ok {
		_, err := fmt.Fprintf(w, "<html>%+v", page)
		return err
	}
	_, err := fmt.Fprintf(w, "<html lang=%s>code=%s text=%s ref=%s home=%s dev=%v retry=%s", f.Lang, f.Code, f.Text, f.Ref, f.Home, f.Dev, f.Retry)
	return err
}

func (plainPages) CSP(any) string { return "default-src 'none'; style-src 'self'" }

func (plainPages) Match(accept, locales string) string {
	for _, l := range append(strings.Fields(locales), strings.Split(accept, ",")...) {
		if l == "it" || l == "en" {
			return l
		}
	}
	return "it"
}

// testSite is a site with a route of every audience, and its log.
type testSite struct {
	*Site
	http.Handler
	log   bytes.Buffer
	calls int // of handlers that change something
}

func open(t *testing.T, change ...func(*Options)) *testSite {
	t.Helper()
	h := new(testSite)
	o := Options{
		Issuer: "https://sso.example.it", Pages: plainPages{}, Log: slog.New(slog.NewJSONHandler(&h.log, nil)),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")},
	}
	for _, f := range change {
		f(&o)
	}
	s, err := NewSite(o)
	if err != nil {
		t.Fatal(err)
	}
	h.Site = s
	ok := func(w http.ResponseWriter, r *http.Request) error {
		h.calls++
		_, err := io.WriteString(w, "ok")
		return err
	}
	h.Handler = s.Mux([]Route{
		{Methods: []string{"GET"}, Pattern: "/page", Audience: Page, Handler: func(w http.ResponseWriter, r *http.Request) error {
			return s.Render(w, r, 200, templates.SignIn{Username: "u"})
		}},
		{Methods: []string{"POST"}, Pattern: "/page", Audience: Page, Subject: FromForm, Handler: func(w http.ResponseWriter, r *http.Request) error {
			if _, err := Form(w, r); err != nil {
				return err
			}
			h.calls++
			return Redirect(w, r, "/page", http.StatusSeeOther)
		}},
		{Methods: []string{"GET", "POST"}, Pattern: "/authorize", Audience: Entry, Handler: func(w http.ResponseWriter, r *http.Request) error {
			s.Cookies.EnsureBrowser(w, r)
			status := http.StatusFound
			if r.Method == "POST" {
				status = http.StatusSeeOther
			}
			return Redirect(w, r, "https://rp.example/cb?error=login_required", status)
		}},
		{Methods: []string{"POST"}, Pattern: "/token", Audience: API, Handler: func(w http.ResponseWriter, r *http.Request) error {
			_, err := Form(w, r)
			if err != nil {
				return err
			}
			return ok(w, r)
		}},
		{Methods: []string{"GET"}, Pattern: "/jwks", Audience: Public, Handler: func(w http.ResponseWriter, r *http.Request) error {
			s.Cookies.EnsureBrowser(w, r) // a mistake that must have no effect
			w.Header().Set("Cache-Control", "public, max-age=300")
			_, err := io.WriteString(w, "{}"+r.Header.Get("Cookie"))
			return err
		}},
		{Methods: []string{"GET"}, Pattern: "/broken", Audience: Page, Handler: func(http.ResponseWriter, *http.Request) error {
			return errors.New(`pq: relation "person" at /srv/soglia/sql.go:12`)
		}},
		{Methods: []string{"GET", "POST"}, Pattern: "/api/broken", Audience: API, Handler: func(http.ResponseWriter, *http.Request) error {
			panic("index out of range in /srv/soglia/mint.go")
		}},
		{Methods: []string{"GET"}, Pattern: "/fails/{how}", Audience: API, Handler: failing},
		{Methods: []string{"GET"}, Pattern: "/page/fails/{how}", Audience: Page, Handler: failing},
	})
	return h
}

func failing(_ http.ResponseWriter, r *http.Request) error { return failures[r.PathValue("how")] }

var failures = map[string]error{}

// ask sends a request and returns the answer. Lines of header are "Name: value".
func (h *testSite) ask(method, target, body string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "sso.example.it"
	r.RemoteAddr = "198.51.100.9:4711"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Host":
			r.Host = value
		case "Peer":
			r.RemoteAddr = value
		case "Content-Type":
			r.Header.Set(name, value)
		default:
			r.Header.Add(name, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(resp *http.Response) string {
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

func TestNewSiteRefusesWhatItCannotServe(t *testing.T) {
	for _, issuer := range []string{"", "sso.example.it", "ftp://sso.example.it", "https://"} {
		if _, err := NewSite(Options{Issuer: issuer, Pages: plainPages{}}); err == nil {
			t.Errorf("issuer %q was accepted", issuer)
		}
	}
	if _, err := NewSite(Options{Issuer: "https://sso.example.it"}); err == nil {
		t.Error("a site without pages was accepted")
	}
}

func TestRenderFillsWhatEveryPageHas(t *testing.T) {
	resp := open(t).ask("GET", "/page?lang=en", "")
	body := text(resp)
	ref := resp.Header.Get("X-Request-Id")
	for _, want := range []string{"Lang:en", "Ref:" + ref, "Home:/", "Self:/page?lang=en", "Username:u"} {
		if !strings.Contains(body, want) {
			t.Errorf("page lacks %s: %s", want, body)
		}
	}
	if got := resp.Header.Get("Content-Language"); got != "en" {
		t.Errorf("Content-Language = %q", got)
	}
	if got := resp.Header.Get("Content-Security-Policy"); !strings.Contains(got, "style-src") {
		t.Errorf("the page's own policy is missing: %q", got)
	}
}

func TestPageWhoseTemplateFailsIsAPlainAnswerWithoutItsCause(t *testing.T) {
	h := open(t, func(o *Options) { o.Pages = plainPages{broken: true} })
	resp := h.ask("GET", "/page", "")
	if body := text(resp); resp.StatusCode != 500 || strings.Contains(body, "/srv") || !strings.Contains(body, "server_error") {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
	if !strings.Contains(h.log.String(), "/srv/x") {
		t.Error("the log does not say why")
	}
}

func TestLanguageIsThePersonsThenTheClientsThenTheBrowsers(t *testing.T) {
	s := open(t).Site
	for name, c := range map[string]struct{ query, locales, accept, want string }{
		"nothing":                 {"", "", "", "it"},
		"browser":                 {"", "", "en", "en"},
		"client":                  {"", "en fr", "it", "en"},
		"person":                  {"lang=it", "en", "en", "it"},
		"unknown choice":          {"lang=xx", "en", "", "en"},
		"ui_locales are not lang": {"ui_locales=en", "", "it", "it"},
		"cookie":                  {"cookie=en", "it", "it", "en"},
		"choice and cookie":       {"cookie=en&lang=it", "en", "en", "it"},
		"the page before":         {"in=en", "it", "it", "en"},
		"the page before, cookie": {"in=en&cookie=it", "en", "en", "it"},
		"a cookie of none":        {"cookie=xx", "", "en", "en"},
	} {
		r := httptest.NewRequest("GET", "/page?"+c.query, nil)
		if kept := r.URL.Query().Get("cookie"); kept != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-soglia_lang", Value: kept})
		}
		r.Header.Set("Accept-Language", c.accept)
		r = (&requestInfo{site: s}).begin(r)
		if got := Lang(WithLang(r, c.locales)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLogHasOneLineWithoutQueryRefererOrCookie(t *testing.T) {
	h := open(t)
	h.ask("GET", "/page?login_hint=secret-hint", "", "Referer: https://rp/?code=secret-code",
		"Cookie: __Host-soglia_session=secret-cookie", "User-Agent: secret-agent", "X-Forwarded-For: secret-hop")
	out := h.log.String()
	if strings.Count(out, "\n") != 1 || strings.Contains(out, "secret") {
		t.Fatalf("log: %s", out)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(out), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"method": "GET", "route": "/page", "status": 200.0, "ip": "198.51.100.9"} {
		if line[name] != want {
			t.Errorf("%s = %v, want %v", name, line[name], want)
		}
	}
}

func TestRedirectNeverForwardsAForm(t *testing.T) {
	for _, c := range []struct {
		method string
		status int
		to     string
		want   string // "" = refused
	}{
		{"POST", 303, "/next", "/next"},
		{"POST", 302, "/next", ""},
		{"POST", 307, "/next", ""},
		{"POST", 308, "/next", ""},
		{"GET", 302, "https://rp/cb?state=a%0Ab", "https://rp/cb?state=a%0Ab"},
		{"GET", 303, "/next", "/next"},
		{"GET", 301, "/next", ""},
		{"GET", 302, "/a\r\nSet-Cookie: x=1", ""},
		{"GET", 302, "/perché no", "/perch%C3%A9%20no"},
	} {
		w := httptest.NewRecorder()
		err := Redirect(w, httptest.NewRequest(c.method, "/", nil), c.to, c.status)
		if got := w.Header().Get("Location"); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %d to %q: Location %q, %v", c.method, c.status, c.to, got, err)
		}
	}
}
