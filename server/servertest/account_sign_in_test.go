package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Whoever opens a page of the account area signs in and is there, without a panel in between and whatever the sign-in takes.
func TestQ14TheAccountAreaComesBackByItselfAfterTheSignIn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for path, step := range map[string]string{"": "account", "/factors": "account_factors", "/sessions": "account_sessions", "/panels": "account_panels", "/confirm/sessions": "account_sessions"} {
			w.Browser("dora").Open(accountURL + path).WantStep("login").SignIn(w.U2).WantStep(step)
			time.Sleep(time.Minute)
		}
		w.Browser("ugo").Open(accountURL + "/factors").WantStep("login").SignIn(w.U1).WantStep("otp").GiveCode(w.U1.AppCode()).WantStep("account_factors")
		carla := w.Browser("carla")
		viaSocial(carla.Open(accountURL+"/sessions"), w.Carla).WantStep("otp").GiveCode(w.Code(w.Carla.Email)).WantStep("account_sessions")

		t.Log("a form whose session is over")
		b := w.Browser("dora").Open(accountURL).SignIn(w.U2).Open(accountURL + "/sessions").WantStep("account_sessions")
		time.Sleep(13 * time.Hour)
		b.Submit("sign-out-everywhere").WantStep("login").SignIn(w.U2).WantStep("account_sessions")

		t.Log("signed out here, and in again")
		b.Open(origin + b.Value("sign-out", "href")).WantStep("logout").Submit("logout-confirm").WantStep("logged_out")
		b.Open(accountURL).WantStep("login")

		t.Log("cancelled: outside, with the way in")
		b.Submit("cancel").WantStep("account_door")
		b.Open(origin + b.Value("sign-in", "href")).WantStep("login").SignIn(w.U2).WantStep("account")

		t.Log("a page that lay open too long")
		stale := b.Tab("stale").Open(w.RP1.SignOut()).Submit("logout-confirm").Open(accountURL).WantStep("login")
		time.Sleep(31 * time.Minute)
		stale.FillID("username", w.U2.Username).FillID("password", w.U2.Password).Submit("login-submit").WantStatus(410)
		want(t, "try again", stale.Value("retry", "href"), "/account")

		want(t, "answers at a panel", w.RP1.Answers(), 0)
		want(t, "codes issued", len(w.Records("authz.granted")), 0)
	})
}

// What begins there is answered there, in its own browser, and cannot be made by others.
func TestQ14ASignInForTheAccountIsNobodyElses(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, other := w.Browser("dora"), w.Browser("other")
		id := func(b *servertest.Browser) string {
			return strings.TrimPrefix(b.WantStep("login").URL().Path, "/login/")
		}
		account := id(b.Open(accountURL))
		other.Open(origin + "/account/sign-in/" + account).WantStatus(403)
		b.Open(origin + "/account/sign-in/" + account).WantStep("login") // nobody signed in yet
		b.Open(origin + "/authorize/" + account).WantStatus(400)
		panels := id(b.Tab("panel").Open(w.RP1.Login()))
		b.Open(origin + "/account/sign-in/" + panels).WantStatus(410)
		b.Open(origin + "/login/" + panels).SignIn(w.U2)
		want(t, "the panel's answer", w.RP1.Last().Error, "")

		for _, to := range []string{"//attacker.test", "https://attacker.test/", "/authorize", "door", "..%2f..%2fpassword"} {
			b.Open(origin + "/account/sign-in?to=" + url.QueryEscape(to)).WantStep("account_door")
		}
		b.Open(origin + "/authorize?" + url.Values{"client_id": {config.Account.ID}, "redirect_uri": {accountURL}, "response_type": {"code"}, "scope": {"openid"}}.Encode()).WantStatus(400)
		want(t, "its code", b.TextOf("error-code"), "invalid_client")
	})
}
