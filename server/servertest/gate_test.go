package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// A14 is held by the browser in every test; here it walks every POST of the table, with nonsense and with a session.
func TestA14NoPostIsEverAnsweredByARedirectThatKeepsTheBody(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		id := strings.TrimPrefix(b.URL().Path, "/login/")
		n := 0
		for _, row := range w.Server.Routes() {
			for _, m := range row.Methods {
				if m != http.MethodPost {
					continue
				}
				n++
				to := "https://" + servertest.SSO + strings.NewReplacer("{id}", id, "{provider}", "social").Replace(row.Pattern)
				b.Do(http.MethodPost, to, url.Values{"otp": {"1"}, "username": {"x"}, "password": {"y"}})
			}
		}
		if n < 8 {
			t.Errorf("only %d POST routes in the table", n)
		}
	})
}

// E01: the password is done and the second step pending; nothing but the second step leads on.
func TestE01BetweenPasswordAndSecondStepNothingLeadsPastTheGate(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		b.Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
		page := b.URL()
		base := page.Path
		id := strings.TrimPrefix(base, "/login/")
		origin := "https://" + servertest.SSO
		stays := func(what string) {
			t.Helper()
			want(t, what+": answers", w.RP1.Answers()+w.RP2.Answers(), 0)
		}
		b.Open(origin + "/authorize/" + id)
		stays("the continuation")
		for _, m := range []string{"HEAD", "OPTIONS", "PUT", "TRACE", "DELETE", "PATCH"} {
			b.Do(m, origin+"/authorize/"+id, nil)
			b.Do(m, origin+base+"/code", nil)
			stays(m)
		}
		for _, post := range []struct {
			path string
			form url.Values
		}{
			{"/skip", nil}, {"/enrol", url.Values{"method": {"totp"}}}, {"/enrol/confirm", url.Values{"otp": {"000000"}, "ticket": {"x"}}},
			{"/send", url.Values{"way": {"email:x"}}}, {"/way", url.Values{"way": {"recovery:"}}},
			{"/code", url.Values{"otp": {""}}}, {"/code", url.Values{"otp": {notTheCode(w.U1)}, "way": {"email:x"}}}, {"/code", url.Values{"otp": {"1", "2"}}},
		} {
			tab := b.Tab(post.path)
			tab.Post(page, origin+base+post.path, post.form)
			if post.path == "/skip" { // a way out is an answer, but never a code
				if w.RP1.Answers() > 0 {
					want(t, "skip", w.RP1.Last().Error, "access_denied")
					return
				}
			}
			stays("POST " + post.path)
		}
		b.Tab("other panel").Open(w.RP2.Login()).WantStep("otp")
		b.Tab("silent").Open(w.RP2.Login("prompt", "none"))
		want(t, "prompt=none", w.RP2.Last().Error, "interaction_required")
		for _, row := range w.Server.Routes() {
			if row.Needs == web.SignedIn {
				b.Do(http.MethodGet, origin+row.Pattern, nil)
			}
		}
		want(t, "answers at the first panel", w.RP1.Answers(), 0)
		b.Open(page.String()).WantStep("otp")
		time.Sleep(31 * time.Second)
		b.GiveCode(w.U1.AppCode())
		want(t, "and then the code itself", w.RP1.Last().Acr(), "mfa")
	})
}

const sessionCookie = "__Host-soglia_session"

// L01: a new session id after each proof; the old one is dead; a planted one is never adopted.
func TestL01SessionIDChangesAtEachStepAndTheOldOneIsDead(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		planted := "planted-by-an-attacker-00000000000000000000"
		b.SetCookie(servertest.SSO, &http.Cookie{Name: sessionCookie, Value: planted, Path: "/", Secure: true})
		seen := []string{planted}
		step := func(what string) {
			t.Helper()
			now := b.Cookie(servertest.SSO, sessionCookie)
			for _, old := range seen {
				if now == old || now == "" {
					t.Errorf("after %s the session id is %q, seen before", what, now)
				}
			}
			seen = append(seen, now)
		}
		w.SignedIn(b, w.RP1, w.U2)
		step("the password")
		b.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
		step("the code")
		time.Sleep(time.Minute)
		b.Open(w.RP1.Login("prompt", "login"))
		b.FillID("password", w.U2.Password).Submit("login-submit")
		step("re-authentication")
		for _, old := range seen[:len(seen)-1] {
			thief := w.Browser("thief")
			thief.SetCookie(servertest.SSO, &http.Cookie{Name: sessionCookie, Value: old, Path: "/", Secure: true})
			thief.Open(w.RP1.Login("prompt", "none"))
			want(t, "an old session id", w.RP1.Last().Error, "login_required")
		}
	})
}

// L02: whoever guesses learns nothing about accounts.
func TestL02WrongPasswordReadsTheSameForEveryAccount(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.Create(&servertest.Person{Username: "senza", Email: "senza@rossi.test"}) // no password: social only
		var first string
		for _, name := range []string{w.U1.Username, "niemand", "senza", w.U2.Email, "nobody@nowhere.test", strings.ToUpper(w.V.Username)} {
			b := w.Browser(name)
			b.Open(w.RP1.Login()).FillID("username", name).FillID("password", "not the password at all").Submit("login-submit").WantStatus(422)
			id := strings.Split(b.URL().Path, "/")[2]
			body := strings.ReplaceAll(string(b.Body()), name, "NAME")
			body = strings.ReplaceAll(body, id, "ID")
			body = strings.ReplaceAll(body, b.Header().Get("X-Request-Id"), "REF")
			var cookies []string
			for _, c := range b.Header().Values("Set-Cookie") {
				cookies = append(cookies, strings.SplitN(c, "=", 2)[0])
			}
			h := b.Header().Clone()
			h.Del("X-Request-Id")
			h.Del("Content-Length") // holds the name's length
			h.Del("Set-Cookie")
			got := body + "\n" + strings.Join(cookies, " ")
			for _, k := range []string{"Cache-Control", "Content-Type", "Content-Security-Policy", "Retry-After", "Content-Language"} {
				got += "\n" + k + h.Get(k)
			}
			if first == "" {
				first = got
			} else if got != first {
				t.Errorf("%s is answered otherwise:\n%s", name, cmp.Diff(first, got))
			}
		}
		want(t, "mails to people whose password was guessed", len(w.Mails(w.U2.Email))+len(w.Mails("senza@rossi.test")), 0)
	})
}
