package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q05: the mail with a code knows by which first step somebody came: at a sign-in, in the account area, and at a first
// contact, where there is none to worry about.
func TestQ05TheMailWithACodeWarnsOfTheFirstStep(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		says := func(what, address, text string) {
			t.Helper()
			all := w.Mails(address)
			if len(all) == 0 || !strings.Contains(all[len(all)-1].Text, text) {
				t.Errorf("%s: %d mails, the last is not %q: %+v", what, len(all), text, all)
			}
		}
		const password, login, calm = "somebody may know your password", "somebody may be using your Social login", "ignore this message"
		dora := w.Browser("dora")
		w.SignedIn(dora, w.RP1, w.U2)
		dora.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		says("after a password", w.U2.Email, password)
		time.Sleep(2 * time.Minute)
		dora.Open(accountURL + "/confirm/sessions").WantStep("otp")
		says("in the account area", w.U2.Email, password)

		carla := viaSocial(w.Browser("carla").Open(w.RP1.Login()), w.Carla).WantStep("otp")
		says("a newcomer", w.Carla.Email, calm)
		carla.GiveCode(w.Code(w.Carla.Email))
		time.Sleep(2 * time.Minute)
		viaSocial(w.Browser("carla again").Open(w.RP1.Login("acr_values", "mfa")), w.Carla).WantStep("otp")
		says("after a social login", w.Carla.Email, login)

		dario := viaSocial(w.Browser("dario").Open(w.RP1.Login()), w.Dario)
		if dario.Step() == "contact" {
			dario.FillID("email", "dario@typed.test").Submit("contact-submit").WantStep("otp")
			says("a typed address", "dario@typed.test", calm)
		} else {
			dario.WantStep("otp")
			says("a newcomer with an unproved address", w.Dario.Email, calm)
		}
	})
}
