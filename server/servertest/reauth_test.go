package servertest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// upstream makes the fake an OpenID provider as written whose auth_time is believed.
func upstream(f *config.File) {
	p := f.Providers["google"]
	p.Type, p.Issuer, p.Reauth = "oidc", "https://"+servertest.GoogleAccounts, "upstream"
	p.Name = "Google"
	f.Providers["google"] = p
}

// design §4: re-authentication at a provider whose auth_time is believed.
func TestReauthenticationUpstreamBelievesTheProvidersAuthTime(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		g.Plain = true
		var seen *http.Request
		g.Appears = func(r *http.Request) { seen = r }
		said := func(at time.Time) {
			g.Claims = func(c map[string]any) { c["auth_time"] = at.Unix() }
		}
		said(time.Now())
		b := w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google")
		want(t, "prompt at the first sign-in", seen.URL.Query().Get("prompt"), "")
		b.GiveCode(w.Code(g.Now.Email))

		time.Sleep(3 * time.Hour)
		b.Open(w.RP1.Login("prompt", "login", "scope", "openid")).WantStep("login")
		answers := w.RP1.Answers()
		// It did not ask again: an old auth_time, or none, re-authenticates nobody.
		said(time.Now().Add(-3 * time.Hour))
		const why = "Google did not confirm that it is you right now."
		b.Click("Continue with Google").WantStep("login").WantText(why)
		g.Claims = nil
		b.Click("Continue with Google").WantStep("login").WantText(why)
		want(t, "answers", w.RP1.Answers(), answers)
		want(t, "prompt", seen.URL.Query().Get("prompt"), "login")
		// It did.
		said(time.Now())
		b.Click("Continue with Google")
		want(t, "error", w.RP1.Last().Error, "")
		want(t, "auth_time", w.RP1.Last().AuthTime(), time.Now().Unix())

		// max_age is told as well.
		time.Sleep(time.Hour)
		b.Open(w.RP1.Login("max_age", "600", "scope", "openid")).WantStep("login")
		said(time.Now().Add(-5 * time.Minute))
		b.Click("Continue with Google")
		want(t, "max_age at the provider", seen.URL.Query().Get("max_age"), "600")
		want(t, "auth_time is the provider's", w.RP1.Last().AuthTime(), time.Now().Add(-5*time.Minute).Unix())
	}, servertest.With(upstream))
}

// reauth: local: the person's own factor answers; none → login_required.
func TestReauthenticationLocalIsTheOwnFactorOrNone(t *testing.T) {
	for provider, button := range map[string]string{"google": "Continue with Google", "facebook": "Continue with Facebook"} {
		t.Run(provider, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
				b := w.Browser("without a factor").Open(w.RP1.Login()).Click(button)
				if b.Step() == "contact" {
					b.FillID("email", "uno@posta.test").Submit("contact-submit").GiveCode(w.Code("uno@posta.test"))
				} else {
					b.GiveCode(w.Code("gaia@posta.test"))
				}
				somebody := &servertest.Person{ID: w.RP1.Last().IDToken.Subject, Username: "somebody"}
				time.Sleep(time.Minute)
				b.Open(w.RP1.Login("prompt", "login"))
				want(t, "without a factor", w.RP1.Last().Error, "login_required")

				w.AddApp(somebody)
				time.Sleep(time.Minute)
				b.Open(w.RP1.Login("prompt", "login", "scope", "openid")).WantStep("otp")
				if b.Has("resend") {
					t.Error("a code by e-mail stands in for the provider")
				}
				b.GiveCode(somebody.AppCode())
				want(t, "error", w.RP1.Last().Error, "")
				want(t, "auth_time", w.RP1.Last().AuthTime(), time.Now().Unix())
			})
		})
	}
}
