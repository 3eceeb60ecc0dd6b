package servertest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

func TestANewBrowserIsToldOnce(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		const subject = "New sign-in to your account"
		desk := w.Browser("desk")
		w.SignedIn(desk, w.RP1, w.U2)
		want(t, "the very first browser", bySubject(w, w.U2.Email, subject), 0)
		for range 3 {
			time.Sleep(13 * time.Hour)
			w.SignedIn(desk, w.RP1, w.U2)
		}
		want(t, "the same one, days later", bySubject(w, w.U2.Email, subject), 0)
		wrongPassword(w.Browser("guesser"), w.RP1, &servertest.Person{Username: w.U2.Username, Password: "not the password"})
		want(t, "a wrong password", bySubject(w, w.U2.Email, subject), 0)
		thief := w.Browser("thief")
		thief.UserAgent, thief.IP = `Mozilla/5.0 (Windows NT 10.0) <a href="https://evil.test">Chrome/1</a> evil.test`, "198.51.100.4"
		w.SignedIn(thief, w.RP1, w.U2)
		mails := w.Mails(w.U2.Email)
		last := mails[len(mails)-1]
		if !strings.HasPrefix(last.Subject, subject) || !strings.Contains(last.Text, "Chrome, Windows") || !strings.Contains(last.Text, "198.51.100.4") {
			t.Errorf("%s\n%s", last.Subject, last.Text)
		}
		if strings.Contains(last.Text+last.HTML, "evil") {
			t.Errorf("G13: the user agent is in the message:\n%s", last.Text)
		}
	})
}

// "It was not me": a GET changes nothing, the POST ends everything, once.
func TestItWasNotMeEndsEverything(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.SignedIn(w.Browser("desk"), w.RP1, w.U2)
		thief := w.Browser("thief")
		got := w.SignedIn(thief, w.RP2, w.U2, "scope", "openid offline_access", "prompt", "consent")
		first := links(t, w, w.U2.Email, notMeLink)[0]
		other := w.Browser("thief's other browser")
		w.SignedIn(other, w.RP1, w.U2)
		forgot(other, w.U2.Username)
		pending := link(t, w, w.U2.Email)
		before := w.Dump()
		b := w.Browser("dora")
		for range 3 {
			b.Do(http.MethodHead, first, nil)
			b.Open(first).WantStep("not_me").WantText(w.U2.Username)
			want(t, "address bar", b.URL().String(), origin+"/not-me")
		}
		want(t, "a GET changed the database", w.Dump() == before, true)
		b.Submit("not-me").WantStep("not_me_done")
		thief.Open(w.RP2.Login("prompt", "none"))
		want(t, "the thief", w.RP2.Last().Error, "login_required")
		other.Open(w.RP1.Login("prompt", "none"))
		want(t, "the thief's other browser", w.RP1.Last().Error, "login_required")
		if _, err := w.RP2.Refresh(got.Token.RefreshToken); err == nil {
			t.Error("the offline grant still works")
		}
		dead(t, w.Browser("pending"), pending)
		dead(t, w.Browser("again"), first)
		want(t, "record", w.Records("session.end")[0].Reason, "not_me")
		b.Submit("forgot").WantStep("forgot").FillID("username", w.U2.Username).Submit("forgot-submit")
		setPassword(b, link(t, w, w.U2.Email), newPassword).WantStep("password_set")

		time.Sleep(time.Minute)
		w.U2.Password = newPassword
		w.SignedIn(w.Browser("late"), w.RP1, w.U2)
		late := links(t, w, w.U2.Email, notMeLink)[0]
		time.Sleep(72*time.Hour + time.Second)
		dead(t, w.Browser("late"), late)
	})
}

func TestAReusedRefreshTokenIsToldToItsPerson(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		got := w.SignedIn(w.Browser("dora"), w.RP2, w.U2, "scope", "openid offline_access", "prompt", "consent")
		if _, err := w.RP2.Refresh(got.Token.RefreshToken); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := w.RP2.Refresh(got.Token.RefreshToken); err == nil {
				t.Error("a used refresh token was taken")
			}
		}
		want(t, "told", bySubject(w, w.U2.Email, "We ended a sign-in for your security"), 1)
		want(t, "record", len(w.Records("token.reuse")), 1)
	}, servertest.With(func(f *config.File) { f.Refresh = config.FileRefresh{Rotate: "always", Leeway: new(time.Duration)} }))
}
