package servertest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

const rememberCookie = "__Host-soglia_remember"

func remembering(f *config.File) {
	f.Sessions.Idle, f.Sessions.Absolute = time.Hour, 12*time.Hour
	f.Sessions.RememberMe = config.DurationOrOff(30 * 24 * time.Hour)
}

func tick(w *servertest.World, b *servertest.Browser, rp *servertest.RP, p *servertest.Person) {
	b.Open(rp.Login()).WantStep("login").FillID("username", p.Username).FillID("password", p.Password).FillID("remember", "yes").Submit("login-submit")
}

func TestRememberMeIsOffUnlessYAMLSaysSo(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP1.Login()).WantStep("login")
		if b.Has("remember") {
			t.Error("remember me is offered")
		}
		page := b.URL()
		b.Post(page, page.String()+"/password", map[string][]string{"username": {w.U2.Username}, "password": {w.U2.Password}, "remember": {"yes"}})
		want(t, "a cookie all the same", b.Cookie(servertest.SSO, rememberCookie), "")
	})
}

func TestRememberMeGivesOnlyTheFirstStepWithItsOldTime(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		tick(w, b, w.RP1, w.U2)
		typed := w.RP1.Last().AuthTime()
		b.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
		kept := b.Cookie(servertest.SSO, rememberCookie)
		if kept == "" {
			t.Fatal("no cookie")
		}
		time.Sleep(3 * 24 * time.Hour)
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "silently", w.RP1.Last().Error, "login_required")
		b.Open(w.RP1.Login("scope", "openid dns"))
		noPage(t, b)
		want(t, "acr", w.RP1.Last().Acr(), "sfa")
		want(t, "amr", w.RP1.Last().Amr(), "pwd")
		want(t, "auth_time", w.RP1.Last().AuthTime(), typed)
		want(t, "dns", w.RP1.Last().Scoped("dns"), false)
		if b.Cookie(servertest.SSO, rememberCookie) == kept {
			t.Error("the cookie was not rotated")
		}
		b.Open(w.RP1.Login("max_age", "3600")).WantStep("login")

		time.Sleep(28 * 24 * time.Hour) // thirty days since the password, whatever came between
		b.Open(w.RP1.Login()).WantStep("login")
	}, servertest.With(remembering))
}

func TestRememberMeStillAsksTheAppAndAnySecondBrowserIsAStranger(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		tick(w, b, w.RP1, w.U1)
		b.GiveCode(w.U1.AppCode())
		time.Sleep(2 * time.Hour)
		b.Open(w.RP1.Login()).WantStep("otp")
		b.GiveCode(w.U1.AppCode())
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		other := w.Browser("ugo elsewhere")
		other.Open(w.RP1.Login()).WantStep("login")
	}, servertest.With(remembering))
}

// A stolen cookie is noticed at its second use, by whichever of the two comes later; then both are strangers.
func TestRememberMeCookieThatComesBackForgetsEveryBrowser(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, at := w.Browser("dora"), w.Browser("dora's other")
		tick(w, b, w.RP1, w.U2)
		tick(w, at, w.RP1, w.U2)
		stolen := b.Cookie(servertest.SSO, rememberCookie)
		time.Sleep(2 * time.Hour)
		b.Open(w.RP1.Login())
		noPage(t, b)
		thief := w.Browser("thief")
		thief.SetCookie(servertest.SSO, &http.Cookie{Name: rememberCookie, Value: stolen, Path: "/", Secure: true})
		thief.Open(w.RP1.Login()).WantStep("login")
		want(t, "the cookie of the thief", thief.Cookie(servertest.SSO, rememberCookie), "")
		time.Sleep(2 * time.Hour)
		b.Open(w.RP1.Login()).WantStep("login")
		at.Open(w.RP1.Login()).WantStep("login")
		found := false
		for _, ev := range w.Records("authn.fail") {
			found = found || ev.Reason == "remember_reuse"
		}
		want(t, "audited", found, true)
	}, servertest.With(remembering))
}

func TestRememberMeEndsWithSignOutAndWithAnotherPerson(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		tick(w, b, w.RP1, w.U2)
		planted := b.Cookie(servertest.SSO, rememberCookie)
		b.Open(w.RP1.SignOut("id_token_hint", w.RP1.Last().RawIDToken()))
		want(t, "after sign-out", b.Cookie(servertest.SSO, rememberCookie), "")
		b.SetCookie(servertest.SSO, &http.Cookie{Name: rememberCookie, Value: planted, Path: "/", Secure: true})
		b.Open(w.RP1.Login()).WantStep("login")

		tick(w, b, w.RP1, w.U2)
		hint := w.RP1.Last().RawIDToken()
		time.Sleep(2 * time.Hour) // the session is over, the panel signs out all the same
		b.Open(w.RP1.SignOut("id_token_hint", hint))
		b.Open(w.RP1.Login()).WantStep("login")

		tick(w, b, w.RP1, w.U2)
		hers := b.Cookie(servertest.SSO, rememberCookie)
		b.Open(w.RP1.Login("prompt", "login")).FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit")
		want(t, "after another person", b.Cookie(servertest.SSO, rememberCookie), "")
		time.Sleep(2 * time.Hour)
		b.SetCookie(servertest.SSO, &http.Cookie{Name: rememberCookie, Value: hers, Path: "/", Secure: true})
		b.Open(w.RP1.Login()).WantStep("login")

		tick(w, b, w.RP1, w.U2)
		b.Open(accountURL + "/sessions").Submit("sign-out-everywhere")
		want(t, "after signing out everywhere", b.Cookie(servertest.SSO, rememberCookie), "")
	}, servertest.With(remembering))
}

// Anyone has an ID token of their own and can put it into a link to the sign-out: it must not make another's browser forget.
func TestRememberMeOutlivesASignOutWithAnotherPersonsIDToken(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.SignedIn(w.Browser("victor"), w.RP1, w.V)
		foreign := w.RP1.Last().RawIDToken()
		b := w.Browser("dora")
		tick(w, b, w.RP1, w.U2)
		time.Sleep(2 * time.Hour) // her session is over
		b.Open(w.RP1.SignOut("id_token_hint", foreign))
		before := w.RP1.Answers()
		b.Open(w.RP1.Login())
		want(t, "she comes in without a page", w.RP1.Answers(), before+1)
	}, servertest.With(remembering))
}
