package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Promise 13: a sign-in begins at a panel; whoever opens the server directly, or comes back too late, is led there.
func TestOpenedDirectlyOrTooLateLeadsHome(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, path := range []string{"/", "/login"} {
			b := w.Browser("direct").Open("https://" + servertest.SSO + path)
			b.SignIn(w.U2)
			want(t, path+" ends at", b.URL().Host, servertest.Panel)
		}
		b := w.Browser("late")
		b.Open(w.RP1.Login()).WantStep("login")
		time.Sleep(31 * time.Minute)
		b.SignIn(w.U2)
		want(t, "host", b.URL().Host, servertest.SSO)
		b.Submit("home").SignIn(w.U2)
		want(t, "home, and from there", b.URL().Host, servertest.Panel)
	})
}

func TestErrorPagesHaveACodeAReferenceAndNoRedirect(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		good := w.RP1.Authorize(nil)
		for name, bad := range map[string]string{
			"unknown client":     strings.Replace(good, "client_id=panel", "client_id=nobody", 1),
			"no client":          strings.Replace(good, "client_id=panel", "x=y", 1),
			"other redirect URI": strings.Replace(good, "panel.example.test%2Fcb", "panel.example.test%2Fcb2", 1),
			"no redirect URI":    strings.Replace(good, "redirect_uri=", "x=", 1),
			"twice":              good + "&client_id=panel",
		} {
			for _, lang := range []string{"en", "it"} {
				b := w.Browser(name)
				b.Lang = lang
				b.Open(bad).WantStatus(400)
				want(t, name, b.URL().Host, servertest.SSO)
				want(t, name+": step", b.Step(), "error")
				if b.TextOf("error-code") == "" || b.TextOf("error-ref") == "" {
					t.Errorf("%s: no code or no reference on the page:\n%s", name, b.Text())
				}
				for _, leak := range []string{"goroutine", "sql", "storage:", ".go:", "invalid character"} {
					if strings.Contains(strings.ToLower(b.Text()), leak) {
						t.Errorf("%s: the page tells %q", name, leak)
					}
				}
			}
		}
		b := w.Browser("lost").Open("https://" + servertest.SSO + "/nothing/here").WantStatus(404)
		want(t, "404", b.TextOf("error-code"), "not_found")
	})
}

func TestOtherAuthorizationErrorsGoToThePanelWithStateAndIss(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, c := range []struct {
			params []string
			want   string
		}{
			{[]string{"response_type", "token"}, "unsupported_response_type"},
			{[]string{"response_type", ""}, "invalid_request"},
			{[]string{"code_challenge", ""}, "invalid_request"},
			{[]string{"code_challenge_method", "plain"}, "invalid_request"},
			{[]string{"prompt", "none login"}, "invalid_request"},
			{[]string{"max_age", "-1"}, "invalid_request"},
			{[]string{"request", "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"},
			{[]string{"request_uri", "https://panel.example.test/r"}, "request_uri_not_supported"},
			{[]string{"claims", "{"}, "invalid_request"},
			{[]string{"prompt", "none"}, "login_required"},
		} {
			w.Browser("panel").Open(w.RP1.Login(c.params...)) // state and iss are checked by the RP itself
			want(t, strings.Join(c.params, "="), w.RP1.Last().Error, c.want)
		}
		b := w.Browser("form_post")
		b.Open(w.RP1.Login("prompt", "none", "response_mode", "form_post"))
		want(t, "by form_post", w.RP1.Last().Error, "login_required")
		want(t, "nothing in the query", b.URL().RawQuery, "")
		want(t, "form_post sign-in", w.SignedIn(w.Browser("dora"), w.RP1, w.U2, "response_mode", "form_post").Acr(), "sfa")
	})
}

// A foreign browser that opens a victim's (or an attacker's) sign-in link gets no further (fault 1).
func TestAuthorizationRequestIsBoundToTheBrowserThatStartedIt(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		attacker, victim := w.Browser("attacker"), w.Browser("vera")
		attacker.Open(w.RP1.Login()).WantStep("login")
		link := attacker.URL().String()
		w.SignedIn(victim, w.RP2, w.V)
		victim.Open(link).WantStatus(403)
		want(t, "code", victim.TextOf("error-code"), "other_browser")
		victim.Open(strings.Replace(link, "/login/", "/authorize/", 1))
		if victim.Status() == 200 {
			t.Errorf("the continuation answered another browser: %s", victim.Text())
		}
		attacker.Open(link).WantStep("login")
		want(t, "answers", w.RP1.Answers(), 0)
	})
}
