package cases

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// L05: while an account is throttled, no other place looks at its password, and what needs no password goes on.
func TestL05TheThrottleCoversEveryPlaceThatTakesAPassword(t *testing.T) {
	for name, door := range map[string]func(w *servertest.World, b *servertest.Browser) int{
		"another panel": func(w *servertest.World, b *servertest.Browser) int {
			return b.Open(w.RP2.Login()).SignIn(w.U1).Status()
		},
		"another request, asking for a new sign-in": func(w *servertest.World, b *servertest.Browser) int {
			return b.Open(w.RP1.Login("prompt", "login", "max_age", "0")).SignIn(w.U1).Status()
		},
		"the other spelling": func(w *servertest.World, b *servertest.Browser) int {
			return b.Open(w.RP1.Login("login_hint", w.U1.Email)).FillID("username", w.U1.Email).FillID("password", w.U1.Password).Submit("login-submit").Status()
		},
		"connecting a social login": func(w *servertest.World, b *servertest.Browser) int {
			b.Open(w.RP1.Login()).Click("Continue with Social").SignIn(w.Carla)
			b.Open(here + "/login/" + requestOf(b) + "/connect").WantStep("connect")
			return b.FillID("username", w.U1.Username).FillID("password", w.U1.Password).Submit("login-submit").Status()
		},
	} {
		t.Run(name, func(t *testing.T) {
			spoken := 429
			if name == "the other spelling" { // where guesses under one name tell nothing of another (Q68)
				spoken = 422
			}
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				throttle(w, w.U1)
				time.Sleep(time.Millisecond) // so that what follows is the newest record
				want(t, "status", door(w, w.Browser(name)), spoken)
				recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: "throttled_account", PersonID: w.U1.ID, ClientID: w.Records("authn.fail")[0].ClientID})
				want(t, "sessions", len(w.Records("session.new")), 0)
			})
			servertest.Run(t, func(t *testing.T, w *servertest.World) { // and guesses made there count everywhere
				right := w.U1.Password
				w.U1.Password = notThePassword
				for range 5 {
					want(t, "a guess", door(w, w.Browser(name)), 422)
				}
				w.U1.Password = right
				want(t, "the sign-in page", guess(w, "203.0.113.90", w.U1.Username, right), spoken)
			})
		})
	}
}

// Switching a factor off asks for the password, in a session that a thief may hold.
func TestL05TheThrottleCoversTheAccountArea(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		person, err := w.Store.Person(t.Context(), w.U1.ID)
		if err != nil {
			t.Fatal(err)
		}
		remove := here + "/account/factors/" + person.Factors[0].ID + "/remove"
		for range 5 {
			b.Open(remove).WantStep("account_remove").FillID("password", notThePassword).Submit("remove-submit").WantStatus(422)
		}
		time.Sleep(time.Millisecond) // so that what follows is the newest record
		b.Open(remove).FillID("password", w.U1.Password).Submit("remove-submit").WantStatus(429)
		recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: "throttled_device", PersonID: w.U1.ID})
		time.Sleep(time.Millisecond)
		b.Open(w.RP1.Login("prompt", "login")).FillID("password", w.U1.Password).Submit("login-submit").WantStatus(422)
		recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: "throttled_device", PersonID: w.U1.ID, ClientID: "panel"})
		want(t, "factors that went", len(w.Records("factor.removed")), 0)
	})
}

// What takes no password is no way around it, and is not held up either.
func TestL05WhatTakesNoPasswordGoesOnAndIsNoBackDoor(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		inside := w.Browser("inside")
		got := w.SignedIn(inside, w.RP1, w.U2, "scope", "openid offline_access", "prompt", "consent")
		b := w.Browser("waiting").Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp") // the password was right before
		throttle(w, w.U1)
		throttle(w, w.U2)

		// No grant takes a password.
		p := &prober{t: t, w: w}
		for _, grant := range []string{"password", "urn:ietf:params:oauth:grant-type:jwt-bearer", ""} {
			a := p.send(probe{"POST", "/token", url.Values{
				"grant_type": {grant}, "username": {w.U2.Username}, "password": {w.U2.Password}, "scope": {"openid"},
			}.Encode(), head("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("panel:"+w.RP1.Secret)))})
			if a.status != 400 || a.says() == "400 invalid_grant" {
				t.Errorf("grant %q: %s", grant, a.says())
			}
		}
		want(t, "a person's password as a client's", p.send(probe{"POST", "/token", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {w.U2.Username}, "client_secret": {w.U2.Password},
		}.Encode(), nil}).says(), "401 invalid_client")

		// What was proved stays proved: sessions, codes under way, refresh tokens.
		inside.Open(w.RP2.Login("prompt", "none"))
		want(t, "single sign-on", w.RP2.Last().Error, "")
		if _, err := w.RP1.Refresh(got.Token.RefreshToken); err != nil {
			t.Errorf("refresh: %v", err)
		}
		b.GiveCode(w.U1.AppCode())
		want(t, "a sign-in under way", w.RP1.Last().IDToken.Subject, w.U1.ID)

		// A mailed link sets a password, and the throttle is still there: the mailbox signs nobody in.
		r := w.Browser("reset").Open(here+"/forgot").FillID("username", w.U2.Username).Submit("forgot-submit").WantStep("forgot_sent")
		r.Open(mailedLink(t, w, w.U2.Email)).WantStep("set_password").FillID("password", "nuvole basse sul lago").Submit("password-submit").WantStep("password_set")
		want(t, "the new password", guess(w, "203.0.113.91", w.U2.Username, "nuvole basse sul lago"), 429)
		time.Sleep(time.Minute)
		want(t, "and after the wait", guess(w, "203.0.113.91", w.U2.Username, "nuvole basse sul lago"), 200)
	})
}

// throttle guesses until the account is throttled for a while.
func throttle(w *servertest.World, p *servertest.Person) {
	w.T.Helper()
	for i := 0; i < 9; {
		switch status := guess(w, "198.18.7.7", p.Username, notThePassword); status {
		case 422:
			i++
		case 429:
			time.Sleep(time.Second)
		default:
			w.T.Fatalf("a guess: %d", status)
		}
	}
}

var resetLink = regexp.MustCompile(`https://sso\.example\.test/password/reset\?t=\S+`)

// mailedLink is the newest link to set a password by that went to an address.
func mailedLink(t *testing.T, w *servertest.World, address string) string {
	t.Helper()
	mails := w.Mails(address)
	for i := len(mails) - 1; i >= 0; i-- {
		if l := resetLink.FindString(mails[i].Text); l != "" {
			return l
		}
	}
	t.Fatalf("no link went to %s", address)
	return ""
}
