package servertest_test

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// prompt=select_account asks who it is. Somebody with a linked login only, whose provider cannot ask anew, once was refused
// with login_required; and with an app was asked for its code, so that nobody else could sign in.
func TestQ17SelectAccountIsAPageForAnyoneAlsoWithALinkedLoginOnly(t *testing.T) {
	for name, app := range map[string]bool{"a linked login only": false, "and an app": true} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("carla")
				viaSocial(b.Open(w.RP1.Login()), w.Carla).GiveCode(w.Code(w.Carla.Email))
				first := w.RP1.Last()
				carla := *w.Carla
				if carla.ID = first.IDToken.Subject; app {
					w.AddApp(&carla)
				}
				time.Sleep(time.Hour)

				t.Log("herself, by the same login: the session and what it holds")
				b.Open(w.RP1.Login("prompt", "select_account")).WantStep("login")
				if !b.Has("password") {
					t.Errorf("another person may have a password: %s", b.Text())
				}
				if viaSocial(b, w.Carla); app {
					b.WantStep("otp").GiveCode(carla.AppCode())
				}
				again := w.RP1.Last()
				want(t, "error", again.Error, "")
				want(t, "the same person", again.IDToken.Subject, first.IDToken.Subject)
				want(t, "the same session", again.Claims["sid"], first.Claims["sid"])
				if !app {
					want(t, "nothing is newer", again.Claims["auth_time"], first.Claims["auth_time"])
				}

				t.Log("prompt=login is another matter: that she cannot answer")
				if b.Open(w.RP1.Login("prompt", "login")); !app {
					want(t, "prompt=login", w.RP1.Last().Error, "login_required")
				}

				t.Log("another person: a session of her own, and the one before is signed out")
				b.Open(w.RP1.Login("prompt", "select_account")).SignIn(w.V)
				hers := w.RP1.Last()
				want(t, "error", hers.Error, "")
				if hers.IDToken.Subject == first.IDToken.Subject || hers.Claims["sid"] == first.Claims["sid"] {
					t.Errorf("the other person is %v in %v", hers.IDToken.Subject, hers.Claims["sid"])
				}
				want(t, "acr of a password", hers.Acr(), "sfa")
				want(t, "the first one's access token", w.RP1.UserInfoStatus(again.Token.AccessToken), 401)
				ended := w.Records("session.end")
				want(t, "sessions ended", len(ended), 1)
				want(t, "because", ended[0].Reason, "replaced")
			})
		})
	}
}

// Only this person is another wish: then nobody else may, and she may choose herself by her login.
func TestQ17SelectAccountWithAHintIsForThatPerson(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		viaSocial(b.Open(w.RP1.Login()), w.Carla).GiveCode(w.Code(w.Carla.Email))
		hint := w.RP1.Last().RawIDToken()
		b.Open(w.RP1.Login("prompt", "select_account", "id_token_hint", hint)).WantStep("login")
		if b.Has("password") {
			t.Errorf("a password of somebody else: %s", b.Text())
		}
		viaSocial(b, w.Carla)
		want(t, "error", w.RP1.Last().Error, "")
		b.Open(w.RP1.Login("prompt", "select_account login", "id_token_hint", hint))
		want(t, "signed in anew, which she cannot", w.RP1.Last().Error, "login_required")
	})
}
