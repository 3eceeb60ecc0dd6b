package cases

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// asking makes the second panel somebody else's, who asks for consent each time.
func asking(f *config.File) {
	for i := range f.Clients {
		if f.Clients[i].ID == "panel2" {
			f.Clients[i].Consent = "always"
		}
	}
}

// everyPage shows the pages of a whole visit, one after the other: signing in, both steps, consent, form_post, the account,
// sign-out, errors.
func everyPage(t *testing.T, w *servertest.World, look func(name string, b *servertest.Browser)) {
	t.Helper()
	b := w.Browser("dora")
	show := func(name, step string) {
		t.Helper()
		if step != "" {
			b.WantStep(step)
		}
		look(name, b)
	}
	b.Open(w.RP1.Login())
	show("sign-in", "login")
	b.FillID("username", w.U2.Username).FillID("password", notThePassword).Submit("login-submit")
	show("wrong password", "login")
	b.SignIn(w.U2).Open(w.RP1.Login("acr_values", "mfa"))
	show("code", "otp")
	b.FillID("otp", "000000").Submit("otp-submit")
	show("wrong code", "otp")
	b.GiveCode(w.Code(w.U2.Email))
	b.Open(w.RP2.Login())
	show("consent", "consent")
	b.Submit("consent-allow")
	b.Do(http.MethodGet, w.RP1.Authorize(url.Values{"response_mode": {"form_post"}}), nil)
	show("form_post", "")
	b.Do(http.MethodGet, w.RP1.Authorize(url.Values{"response_mode": {"form_post"}, "prompt": {"none"}, "scope": {"openid nonsense"}}), nil)
	show("form_post of an error", "")
	for path, step := range map[string]string{
		"/account": "account", "/account/factors": "account_factors", "/account/sessions": "account_sessions", "/account/panels": "account_panels",
		"/account/door": "account_door", "/password": "change_password", "/support": "support", "/forgot": "forgot", "/end_session": "logout",
	} {
		b.Open(here + path)
		show(path, step)
	}
	for _, path := range []string{"/nowhere", "/password/reset", "/login/x", "/authorize/x", "/callback/social?error=x&state=y", "/authorize?client_id=nobody", "/end_session?id_token_hint=x", "/token"} {
		b.Open(here + path)
		if b.Status() < 400 {
			t.Errorf("%s: %d", path, b.Status())
		}
		show(path, "")
	}
	b.Open(here + "/end_session").Submit("logout-confirm")
	show("signed out", "logged_out")
}

// W03, W06: no page is shown in a frame, whichever it is, and each has all its headers.
func TestW03NoPageIsShownInAFrame(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		seen := map[string]bool{}
		everyPage(t, w, func(name string, b *servertest.Browser) {
			seen[name] = true
			a := &answer{status: b.Status(), header: b.Header(), body: string(b.Body())}
			for _, m := range a.manners(web.Page) {
				t.Errorf("%s (%d) lacks %s", name, b.Status(), m)
			}
			for _, part := range []string{"frame-ancestors 'none'", "default-src 'none'", "base-uri 'none'"} {
				if n := strings.Count(b.Header().Get("Content-Security-Policy"), part); n != 1 {
					t.Errorf("%s: %d times %s", name, n, part)
				}
			}
		})
		if len(seen) < 20 {
			t.Errorf("only %d pages", len(seen))
		}
	}, servertest.With(asking))
}

var (
	inline = regexp.MustCompile(`(?i)<script(?: defer)?>|<style|\son[a-z]+\s*=|\sstyle\s*=|javascript:|<iframe|<object|<embed|<base\b`)
	leads  = regexp.MustCompile(`<a\b[^>]*href="(https?://[^"]*)"`)
)

// W04, W08: nothing inline that the policy would have to allow, nothing loaded from elsewhere, so that no Referer tells a
// third party of a code or a request.
func TestW08NoPageLoadsAnythingFromElsewhere(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		loads := regexp.MustCompile(`<(?:script|img|link|iframe|source|video|audio|input type="image")[^>]*(?:src|href)="([^"]*)"`)
		everyPage(t, w, func(name string, b *servertest.Browser) {
			body := string(b.Body())
			if found := inline.FindString(body); found != "" {
				t.Errorf("%s: inline %q", name, found)
			}
			for _, m := range loads.FindAllStringSubmatch(body, -1) {
				if !strings.HasPrefix(m[1], "/static/") && !strings.HasPrefix(m[1], "data:image/") {
					t.Errorf("%s loads %s", name, m[1])
				}
			}
			if p := b.Header().Get("Referrer-Policy"); p != "same-origin" && p != "no-referrer" {
				t.Errorf("%s: Referrer-Policy %q", name, p)
			}
			for _, m := range leads.FindAllStringSubmatch(body, -1) { // and no link to elsewhere carries anything of ours
				if strings.Contains(m[1], "token") || strings.Contains(m[1], "ticket") {
					t.Errorf("%s leads to %s", name, m[1])
				}
			}
		})
	}, servertest.With(asking))
}

// W05: over a whole visit, every cookie is one of ours with its flags, small, and none is set where no person is.
func TestW05EveryCookieOfAVisitKeepsItsPromises(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		everyPage(t, w, func(_ string, b *servertest.Browser) {
			for _, c := range b.Cookies(servertest.SSO) { // nothing that a script could read, or that a page gives away
				if len(c.Value) > 20 && strings.Contains(string(b.Body()), c.Value) {
					t.Errorf("%s: the page holds cookie %s", b.URL(), c.Name)
				}
			}
		})
		names := map[string]bool{}
		for _, e := range w.Net.Seen() {
			u, err := url.Parse(e.URL)
			if err != nil || u.Host != servertest.SSO {
				continue
			}
			total := 0
			for _, c := range (&http.Response{Header: e.Header}).Cookies() {
				names[c.Name] = true
				total += len(c.Raw)
				if !strings.HasPrefix(c.Name, "__Host-soglia_") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
					t.Errorf("%s %s: %s", e.Method, u.Path, c.Raw)
				}
				for _, path := range []string{"/static/", "/jwks", "/.well-known/", "/token", "/userinfo", "/introspect", "/revoke", "/api/", "/support"} {
					if strings.HasPrefix(u.Path, path) {
						t.Errorf("%s sets %s", u.Path, c.Name)
					}
				}
			}
			if total > 4096 {
				t.Errorf("%s: %d bytes of cookies", u.Path, total)
			}
		}
		if !names["__Host-soglia_session"] || !names["__Host-soglia_browser"] {
			t.Errorf("cookies seen: %v", names)
		}
	}, servertest.With(asking))
}

// W05: nor does any cacheable answer set one for whoever brings some.
func TestW05FilesAndKeysSetNoCookie(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p, by := &prober{t: t, w: w}, newOwner(w)
		n := 0
		walk(w, func(row web.Route, method string) {
			if row.Audience != web.Public {
				return
			}
			n++
			a := p.send(probe{method, row.Pattern, "", head("Cookie", by.cookies)})
			if a.status >= 300 || len(a.cookies) > 0 || a.header.Get("Vary") == "Cookie" {
				t.Errorf("%s: %s %v", a, a.says(), a.header)
			}
		})
		if n < 6 {
			t.Errorf("only %d files", n)
		}
	}, servertest.With(throughProxy))
}

// W08: the secret of a mailed link leaves the address bar with the first answer, which nobody is told the address of.
func TestW08TheSecretOfEveryMailedLinkLeavesTheURL(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &prober{t: t, w: w}
		secret := strings.Repeat("s", 43)
		for _, path := range []string{"/password/reset", "/not-me", "/contacts/revert"} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				a := p.send(probe{method, path + "?t=" + secret + "&x=1", "", head("Sec-Fetch-Site", "cross-site")})
				want(t, path, a.says(), "303 "+path)
				want(t, path+": Location", a.header.Get("Location"), path)
				want(t, path+": Referrer-Policy", a.header.Get("Referrer-Policy"), "no-referrer")
				want(t, path+": Cache-Control", a.header.Get("Cache-Control"), "no-store")
				want(t, path+": body", a.body, "")
			}
		}
		for _, line := range strings.Split(w.Logs.String(), "\n") {
			if strings.Contains(line, secret) {
				t.Errorf("the log keeps it: %s", line)
			}
		}
	}, servertest.With(throughProxy))
}
