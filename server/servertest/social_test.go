package servertest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// viaSocial goes from the sign-in page to the social provider and back.
func viaSocial(b *servertest.Browser, p *servertest.Person) *servertest.Browser {
	b.WantStep("login").Click("Continue with Social")
	if b.URL().Host == servertest.Social && b.Step() == "login" {
		b.SignIn(p)
	}
	return b
}

func TestFirstSocialSignInNeedsASecondStepWhicheverWayItIsTried(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		viaSocial(b.Open(w.RP1.Login()), w.Carla).WantStep("otp")
		b.WantText("Social")
		want(t, "answers before the second step", w.RP1.Answers(), 0)

		// Abandoned, and tried from another page of the panel.
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa"))
		want(t, "another page of the panel", b.Step(), "otp")
		// A second tab, at another panel.
		tab := b.Tab("second")
		tab.Open(w.RP2.Login())
		want(t, "second tab", tab.Step(), "otp")
		// Silent sign-on is none.
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "prompt=none in quarantine", w.RP1.Last().Error, "login_required")
		want(t, "the second panel got nothing", w.RP2.Answers(), 0)

		// Another day, by the provider again: still.
		time.Sleep(24 * time.Hour)
		b.Open(w.RP1.Login())
		viaSocial(b, w.Carla).WantStep("otp")

		b.GiveCode(w.Code(w.Carla.Email))
		first := w.RP1.Last()
		want(t, "error", first.Error, "")
		want(t, "acr", first.Acr(), "mfa")
		signedInBy := first.IDToken.Subject

		// It happens once.
		time.Sleep(time.Hour)
		other := w.Browser("carla elsewhere")
		viaSocial(other.Open(w.RP2.Login()), w.Carla)
		want(t, "second sign-in", w.RP2.Answers(), 1)
		want(t, "acr of the second sign-in", w.RP2.Last().Acr(), "sfa")
		want(t, "the same person", w.RP2.Last().IDToken.Subject, signedInBy)
	})
}

func TestSocialPersonWithoutAVerifiedAddressGivesAnotherOne(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dario")
		viaSocial(b.Open(w.RP1.Login()), w.Dario).WantStep("contact")
		want(t, "messages to an address that only the provider reported", len(w.Mails(w.Dario.Email)), 0)
		b.FillID("email", "dario@altrove.test").Submit("contact-submit").WantStep("otp")
		want(t, "answers before the code", w.RP1.Answers(), 0)
		b.GiveCode(w.Code("dario@altrove.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	})
}

// K12: the provider's page is closed, the person comes back and starts again in two tabs.
func TestK12TwoTabsAtTheProviderEndInOneAccount(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		one, two := b.Tab("one"), b.Tab("two")
		one.Open(w.RP1.Login()).WantStep("login").Click("Continue with Social").WantStep("login")
		two.Open(w.RP2.Login()).WantStep("login").Click("Continue with Social").WantStep("login")
		two.SignIn(w.Carla).WantStep("otp")
		one.SignIn(w.Carla).WantStep("otp")
		// The second tab's code went out first; this tab's own comes when the resend timer allows.
		time.Sleep(time.Minute)
		one.Submit("resend").GiveCode(w.Code(w.Carla.Email))
		want(t, "first tab", w.RP1.Last().Error, "")
		// The older tab goes on by itself: the person is signed in now.
		two.Open(two.URL().String())
		want(t, "second tab", w.RP2.Last().Error, "")
		want(t, "one account", w.RP2.Last().IDToken.Subject, w.RP1.Last().IDToken.Subject)
	})
}

// R20, K11: the provider is away, and nothing else is.
func TestSocialProviderDownLeavesThePasswordAlone(t *testing.T) {
	for name, fault := range map[string]servertest.Fault{
		"refused":    {Err: errors.New("connection refused")},
		"broken":     {Status: 500},
		"not JSON":   {Status: 200},
		"very slow":  {Delay: time.Minute, Status: 200},
		"redirected": {Status: 302},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				w.Net.Break(servertest.Social, fault)
				b := w.Browser("dora")
				b.Faults = true // a 502 is the right answer here
				b.Open(w.RP1.Login()).WantStep("login")
				page, began := b.URL().String(), time.Now()
				b.Click("Continue with Social")
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("the answer took %s", took)
				}
				want(t, "step", b.Step(), "error")
				if b.Status() != 502 && b.Status() != 503 {
					t.Errorf("status %d, want 502 or 503", b.Status())
				}
				b.Open(page).SignIn(w.U2)
				want(t, "by password", w.RP1.Last().Acr(), "sfa")
			})
		})
	}
}
