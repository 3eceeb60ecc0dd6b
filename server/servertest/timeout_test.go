package servertest_test

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// A sign-in page left open over lunch: the right password was answered by "too much time" and the way to the home page.
func TestQ13APageLeftOpenSaysWhereToBeginAgain(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("lunch").Open(w.RP1.Login()).WantStep("login")
		stranger := w.Browser("stranger")
		at := b.URL().String()
		time.Sleep(time.Hour)
		b.FillID("username", w.U2.Username).FillID("password", w.U2.Password).Submit("login-submit").WantStep("error").WantStatus(410)
		b.WantText("Start again at")
		if to := b.Links(); !b.Has("retry") {
			t.Fatalf("no way to begin again: %v", to)
		}
		b.Click("Try again").WantStep("login").SignIn(w.U2)
		want(t, "signed in", b.URL().Host, servertest.Panel)

		stranger.Open(at).WantStep("error")
		want(t, "told to another browser", stranger.Has("retry"), false)
		time.Sleep(3 * time.Hour)
		b.Open(at).WantStep("error")
		want(t, "told for ever", b.Has("retry"), false)
	})
}
