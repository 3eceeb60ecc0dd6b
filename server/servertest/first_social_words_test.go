package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

const (
	untilSignOut = "After that you won’t be asked again until you sign out."
	nextTime     = "Next time, Social is enough to sign in"
	areasAgain   = "; sensitive areas will ask for a code again."
)

// Q06: the box of a first social sign-in said "it happens only once" and "until you sign out", and DNS asked again the next day.
// It says two things now, and both come true.
func TestQ06WhatAFirstSocialSignInIsToldComesTrue(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		viaSocial(b.Open(w.RP1.Login("scope", "openid")), w.Carla).WantStep("otp")
		want(t, "the box", strings.HasSuffix(b.TextOf("why"), untilSignOut+" "+nextTime+areasAgain), true)
		b.GiveCode(w.Code(w.Carla.Email))
		b.Open(w.RP2.Login("scope", "openid dns"))
		want(t, "until sign-out: DNS at the other panel asks nothing", w.RP2.Last().Scoped("dns"), true)

		time.Sleep(24 * time.Hour)
		b.Open(w.RP1.Login("scope", "openid"))
		viaSocial(b, w.Carla)
		want(t, "next time the social login is enough", w.RP1.Last().Error, "")
		b.Open(w.RP2.Login("scope", "openid dns")).WantStep("otp") // and DNS asks again
	})
}

// Where it is not so, it is not said.
func TestQ06NothingIsToldThatIsNotSo(t *testing.T) {
	for name, change := range map[string]func(*config.File){
		"Q06 a second step at every social sign-in": func(f *config.File) { f.SecondFactor.Social = "always" },
		"Q06 a second step on every new device":     func(f *config.File) { f.SecondFactor.Social = "new_device" },
		"Q06 the panel wants a second step":         func(f *config.File) { f.Clients[0].RequireAcr = "mfa" },
		"Q06 the provider's people need one": func(f *config.File) {
			p := f.Providers["social"]
			p.Floor = "mfa"
			f.Providers["social"] = p
		},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("carla")
				viaSocial(b.Open(w.RP1.Login("scope", "openid")), w.Carla).WantStep("otp")
				want(t, nextTime, strings.Contains(b.Text(), nextTime), false)
				want(t, untilSignOut, strings.Contains(b.Text(), untilSignOut), true)
			}, servertest.With(change))
		})
	}
	aged := func(f *config.File) {
		s := f.Scopes["payments"]
		s.MaxAge = 15 * time.Minute
		f.Scopes["payments"] = s
	}
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		b.Open(w.RP2.Login("scope", "openid billing payments")).SignIn(w.V).WantStep("otp")
		b.WantText("you won’t be asked again for 15 minutes")
		b.GiveCode(w.Code(w.V.Email))
		b.Open(w.RP1.Login("scope", "openid", "max_age", "0", "acr_values", "mfa")).WantStep("otp")
		want(t, "a panel that asks whenever it likes", strings.Contains(b.Text(), "asked again"), false)
	}, servertest.With(aged), servertest.With(func(f *config.File) { f.Clients[1].Scopes = append(f.Clients[1].Scopes, "payments") }))
}
