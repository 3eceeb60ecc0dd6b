package servertest_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// alternate sends each request to the other of two instances.
func alternate(w *servertest.World) {
	pair := [2]*server.Server{w.Server, w.Second()}
	var n atomic.Int64
	w.Route(func(*http.Request) *server.Server { return pair[n.Add(1)%2] })
}

func TestSignInStartedOnOneInstanceFinishesOnAnother(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		alternate(w)
		b := w.Browser("dora")
		want(t, "acr", w.SignedIn(b, w.RP1, w.U2).Acr(), "sfa")
		b.Open(w.RP1.Login("acr_values", "mfa", "scope", "openid dns")).GiveCode(w.Code(w.U2.Email))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		viaSocial(w.Browser("carla").Open(w.RP2.Login()), w.Carla).GiveCode(w.Code(w.Carla.Email))
		want(t, "social", w.RP2.Last().Error, "")
		if _, err := w.RP1.Refresh(w.RP1.Last().Token.RefreshToken); err != nil {
			t.Errorf("refresh on the other instance: %v", err)
		}
	}, servertest.OnPostgres())
}

func TestPoolOfOnePassesEveryFlow(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa", "scope", "openid dns")).WantStep("otp")
		enrol(t, w, b, w.U2)
		got := w.RP1.Last()
		want(t, "acr", got.Acr(), "mfa")
		if _, err := w.RP1.Refresh(got.Token.RefreshToken); err != nil {
			t.Error(err)
		}
		c := w.Browser("carla")
		viaSocial(c.Open(w.RP2.Login()), w.Carla).GiveCode(w.Code(w.Carla.Email))
		want(t, "social", w.RP2.Last().Error, "")
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken()))
		want(t, "sign-out", b.Step(), "logged_out")
		b.Open(w.RP1.Login()).FillID("username", "nobody").FillID("password", "wrong wrong wrong").Submit("login-submit").WantStatus(422)
	}, servertest.OnPostgres(), servertest.Pool(1))
}

// F03: 100 wrong codes over fresh sessions, three spellings, forged addresses and both instances.
func TestF03WrongCodesPauseTheFactorWhereverTheyComeFrom(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		alternate(w)
		spellings := []string{w.U1.Username, strings.ToUpper(w.U1.Username), strings.ToUpper(w.U1.Email)}
		var wrong string
		for i := range 20 {
			b := w.Browser("attacker")
			b.IP = "203.0.113." + string(rune('1'+i%9))
			b.Open(w.RP1.Login()).WantStep("login").FillID("username", spellings[i%3]).FillID("password", w.U1.Password).Submit("login-submit")
			for range 5 {
				b.GiveCode(notTheCode(w.U1)).WantStatus(422)
				wrong = b.TextOf("error-text")
			}
			time.Sleep(time.Second)
		}
		b := w.Browser("ugo")
		b.Open(w.RP1.Login()).SignIn(w.U1).GiveCode(w.U1.AppCode()).WantStatus(422)
		want(t, "the right code during the pause reads as a wrong one", b.TextOf("error-text"), wrong)
		want(t, "answers", w.RP1.Answers(), 0)
		if got := w.Mails(w.U1.Email); len(got) == 0 {
			t.Error("the person was not told that the factor is paused")
		}
		events := w.Records("mfa.paused")
		if len(events) == 0 {
			t.Error("no mfa.paused in the audit")
		}
		// A restart forgets nothing.
		third := w.Second()
		w.Route(func(*http.Request) *server.Server { return third })
		b.GiveCode(w.U1.AppCode()).WantStatus(422)
	}, servertest.OnPostgres())
}

// notTheCode is six digits that are not right now, before or after.
func notTheCode(p *servertest.Person) string {
	now := time.Now()
	for _, c := range []string{"000000", "111111", "222222", "333333"} {
		if c != p.CodeAt(now.Add(-30*time.Second)) && c != p.CodeAt(now) && c != p.CodeAt(now.Add(30*time.Second)) {
			return c
		}
	}
	return "444444"
}
