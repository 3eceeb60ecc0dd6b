package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestCookiesComeBackAndGo(t *testing.T) {
	c := open(t, func(o *Options) { o.CookiePrefix = "social" }).Cookies
	value := strings.Repeat("s", 43)
	for name, k := range map[string]struct {
		set   func(http.ResponseWriter)
		clear func(http.ResponseWriter)
		get   func(*http.Request) string
	}{
		"__Host-social_session": {
			func(w http.ResponseWriter) { c.SetSession(w, value, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) }, c.ClearSession, c.Session,
		},
		"__Host-social_quarantine": {
			func(w http.ResponseWriter) { c.SetQuarantine(w, value, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) }, c.ClearQuarantine, c.Quarantine,
		},
	} {
		w := httptest.NewRecorder()
		k.set(w)
		line := w.Header().Get("Set-Cookie")
		for _, part := range []string{name + "=" + value, "; Path=/", "Expires=Tue, 01 Jan 2030", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
			if !strings.Contains(line, part) {
				t.Errorf("%s: %q lacks %q", name, line, part)
			}
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", name+"="+value)
		if got := k.get(r); got != value {
			t.Errorf("%s came back as %q", name, got)
		}
		w = httptest.NewRecorder()
		k.clear(w)
		if line := w.Header().Get("Set-Cookie"); !strings.HasPrefix(line, name+"=;") || !strings.Contains(line, "Max-Age=0") {
			t.Errorf("clearing %s: %q", name, line)
		}
	}
}

func TestAmbiguousOrForeignCookiesAreNone(t *testing.T) {
	c := open(t).Cookies
	ok := "__Host-soglia_session=" + strings.Repeat("s", 43)
	for name, line := range map[string]string{
		"twice":                        ok + "; " + ok,
		"twice, different":             ok + "; __Host-soglia_session=other",
		"another program of this host": "__Host-social_session=" + strings.Repeat("s", 43),
		"without its prefix":           "soglia_session=" + strings.Repeat("s", 43),
		"far too long":                 "__Host-soglia_session=" + strings.Repeat("s", 5000),
		"markup":                       "__Host-soglia_session=<script>",
		"empty":                        "__Host-soglia_session=",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", line)
		if got := c.Session(r); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestBrowserGetsOneCookieAndKeepsIt(t *testing.T) {
	s := open(t).Site
	r := httptest.NewRequest("GET", "/", nil)
	r = (&requestInfo{site: s}).begin(r)
	w := httptest.NewRecorder()
	first := s.Cookies.EnsureBrowser(w, r)
	if again := s.Cookies.EnsureBrowser(w, r); again != first || s.Cookies.Browser(r) != first {
		t.Errorf("two secrets in one request: %q, %q", first, again)
	}
	if n := len(w.Header()["Set-Cookie"]); n != 1 || len(first) != 43 {
		t.Errorf("%d cookies, secret of %d characters", n, len(first))
	}
	r = httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "__Host-soglia_browser="+first)
	w = httptest.NewRecorder()
	if got := s.Cookies.EnsureBrowser(w, r); got != first || w.Header()["Set-Cookie"] != nil {
		t.Errorf("a known browser got %q and %q", got, w.Header()["Set-Cookie"])
	}
}
