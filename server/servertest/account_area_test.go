package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// A panel links to the account area with its client_id; every page then leads back to it, over a sign-in and a step, too.
// Nothing but a panel of the configuration is taken from the address.
func TestTheAccountAreaLeadsBackToThePanel(t *testing.T) {
	const begins = "https://panel.example.test/begin"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		b.Open(accountURL + "/profile?client_id=panel").WantStep("login").SignIn(w.U1)
		b.WantStep("otp").GiveCode(w.U1.AppCode()).WantStep("account_profile").WantText("Back to Area Clienti")
		b.Click("Account").WantStep("account").WantText("Back to Area Clienti")
		if body := string(b.Body()); !strings.Contains(body, begins) {
			t.Errorf("no link to %s", begins)
		}
		for _, wrong := range []string{"https://evil.test/", "nobody", "panel%00", "account"} {
			time.Sleep(time.Minute)
			other := w.Browser("other " + wrong)
			w.SignedIn(other, w.RP1, w.U1)
			if body := string(other.Open(accountURL + "?client_id=" + wrong).WantStep("account").Body()); strings.Contains(body, "back-to-panel") || strings.Contains(body, `href="https://evil`) {
				t.Errorf("%q leads back to somewhere", wrong)
			}
		}
	}, servertest.With(func(f *config.File) {
		for i := range f.Clients {
			if f.Clients[i].ID == "panel" {
				f.Clients[i].InitiateLoginURI = begins
			}
		}
	}))
}

// Contact data is one of the areas that a password alone does not open (help promise 1); it then stays open for the session.
func TestPersonalDetailsTakeTheStepOfASensitiveArea(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(accountURL).WantStep("account").Click("Personal details").WantStep("otp")
		if strings.Contains(string(b.Body()), "Dora") {
			t.Error("the step shows who it is")
		}
		b.GiveCode(w.Code(w.U2.Email)).WantStep("account_profile")
		b.Open(accountURL).Open(accountURL + "/profile").WantStep("account_profile")
	})
}
