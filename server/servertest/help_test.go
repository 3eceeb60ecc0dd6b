package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// The customers' questions are answered from the configuration in force, signed in or not.
func TestTheHelpPageSaysWhatTheConfigurationDoes(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("anybody")
		b.Open("https://" + servertest.SSO + "/help").WantStep("help")
		for _, said := range []string{"It lasts 7 minutes", "up to 9 hours", "unless 40 minutes pass", "only after 36 hours", "I sign in with Social", "by e-mail", "besides the password, it takes the method itself"} {
			if !strings.Contains(strings.ToLower(b.Text()), strings.ToLower(said)) {
				t.Errorf("it does not say %q:\n%s", said, b.Text())
			}
		}
		for _, not := range []string{"WhatsApp", "SMS"} {
			if strings.Contains(b.Text(), not) {
				t.Errorf("it speaks of %s, which is not here", not)
			}
		}
		b.Open("https://" + servertest.SSO + "/help?lang=it").WantText("Il codice non arriva").WantText("Spam e Promozioni")
	}, servertest.With(func(f *config.File) {
		f.Factors.Codes.TTL, f.Contacts.Cooling = 7*time.Minute, 36*time.Hour
		f.Sessions.Idle, f.Sessions.Absolute = 40*time.Minute, 9*time.Hour
	}))
}
