package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// W01: no form of ours is obeyed from elsewhere, not even from a panel of the same site, or our own host over http.
func TestW01NoFormOfAnotherOriginIsObeyed(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		id := strings.TrimPrefix(b.URL().Path, "/login/")
		code := w.Code(w.U2.Email)
		before := w.Dump()
		for _, row := range w.Server.Routes() {
			for _, m := range row.Methods {
				if m != "POST" || row.Audience != web.Page {
					continue
				}
				to := "https://" + servertest.SSO + strings.NewReplacer("{id}", id, "{provider}", "social").Replace(row.Pattern)
				for _, from := range []string{"https://attacker.test/", "https://panel.example.test/", "http://sso.example.test/"} {
					u, _ := url.Parse(from)
					time.Sleep(time.Second) // below every limit: a 429 would hide what is behind it
					x := b.Tab("csrf")
					x.Post(u, to, url.Values{"otp": {code}, "username": {w.U2.Username}, "password": {w.U2.Password}})
					if x.Status() != 403 {
						t.Errorf("%s from %s: %d", to, from, x.Status())
					}
				}
			}
		}
		if after := w.Dump(); after != before {
			t.Error("a cross-site form changed the database")
		}
	})
}

// W04: markup in every parameter and form field.
func TestW04MarkupInEveryParameterIsEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script>'onload='x`
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		look := func(b *servertest.Browser, where string) {
			t.Helper()
			if strings.Contains(string(b.Body()), "<script>alert") || strings.Contains(string(b.Body()), `'onload='`) {
				t.Errorf("%s: unescaped markup", where)
			}
			for k, v := range b.Header() {
				if strings.Contains(strings.Join(v, ""), "<script") {
					t.Errorf("%s: markup in %s", where, k)
				}
			}
		}
		for _, p := range []string{"state", "nonce", "login_hint", "ui_locales", "display", "acr_values", "claims_locales", "response_mode", "prompt", "max_age", "client_id", "redirect_uri", "scope", "id_token_hint", "claims", "lang", "x"} {
			for _, mode := range []string{"query", "form_post"} {
				b := w.Browser(p)
				q := url.Values{p: {evil}}
				if p != "response_mode" {
					q.Set("response_mode", mode)
				}
				b.Do("GET", w.RP1.Authorize(q), nil)
				look(b, p)
				if to := b.Header().Get("Location"); to != "" && !strings.Contains(to, "/cb?") {
					b.Do("GET", to+"?lang=%22%3E%3Cscript%3Ealert(1)", nil)
					look(b, p+" page")
					if u, _ := url.Parse(to); u.Host != "" && u.Host != servertest.SSO {
						t.Errorf("%s leads to %s", p, to)
					}
				}
			}
		}
		b := w.Browser("form")
		b.UserAgent = "<script>alert(1)</script>\tFirefox/1"
		b.Open(w.RP1.Login())
		page := *b.URL()
		for _, f := range []string{"username", "password", "way", "otp", "ticket", "then", "method"} {
			for _, path := range []string{"password", "code", "send", "way", "enrol", "enrol/confirm"} {
				b.Post(&page, page.Path+"/"+path, url.Values{f: {evil}})
				look(b, path+" "+f)
			}
		}
		for _, l := range []string{"lang", "ticket", "x", "state", "post_logout_redirect_uri", "client_id", "ui_locales"} {
			b.Do("GET", "https://"+servertest.SSO+"/end_session?"+l+"="+url.QueryEscape(evil), nil)
			look(b, "end_session "+l)
		}
	})
}

// G04: every row of the table, for another host.
func TestG04ForeignHostsAreRefusedOnEveryRoute(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, row := range w.Server.Routes() {
			for _, m := range row.Methods {
				r, _ := http.NewRequest(m, "https://"+servertest.SSO+strings.NewReplacer("{id}", "x", "{provider}", "social", "{$}", "").Replace(row.Pattern), nil)
				r.Host = "evil.test"
				r.Header.Set("X-Forwarded-Host", servertest.SSO)
				res, err := w.Net.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				if res.StatusCode != 421 {
					t.Errorf("%s %s: %d", m, row.Pattern, res.StatusCode)
				}
			}
		}
	})
}

// G04: the server's inner names reach what panels' back ends call, by whatever method, and nothing that a browser opens.
func TestG04InnerNamesReachBackChannelsOnly(t *testing.T) {
	const inner = "soglia:8480"
	back := map[string]bool{"/token": true, "/userinfo": true, "/introspect": true, "/revoke": true, "/jwks": true}
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		status := func(method, path, host string) int {
			r, _ := http.NewRequest(method, "https://"+servertest.SSO+path, nil)
			r.Host = host
			res, err := w.Net.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Cookies()) > 0 {
				t.Errorf("%s %s of %s sets a cookie", method, path, host)
			}
			return res.StatusCode
		}
		for _, row := range w.Server.Routes() {
			for _, m := range row.Methods {
				if m == http.MethodOptions { // a browser's question before a script's request
					continue
				}
				path := strings.NewReplacer("{id}", "x", "{provider}", "social", "{$}", "").Replace(row.Pattern)
				if got := status(m, path, inner); (got != 421) != back[row.Pattern] {
					t.Errorf("%s %s: %d", m, row.Pattern, got)
				}
				for _, other := range []string{"soglia", "soglia:8481", "x.soglia:8480", "soglia:8480."} {
					if got := status(m, path, other); got != 421 {
						t.Errorf("%s %s of %s: %d", m, row.Pattern, other, got)
					}
				}
			}
		}
		if got := status("GET", "/jwks", "SOGLIA:8480"); got != 200 {
			t.Errorf("the keys in capitals: %d", got)
		}
		if got := status("GET", "/nothing", inner); got != 421 {
			t.Errorf("what is not there: %d", got)
		}
	}, servertest.With(func(f *config.File) { f.InternalIssuerHosts = []string{inner} }))
}
