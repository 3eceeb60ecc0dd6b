package cases

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// G08: a reserve code is its owner's, in whichever way it is typed, and good once: at the same panel, another one and in
// the account area. Using it is recorded and told, with the advice to connect a new phone.
func TestG08AReserveCodeIsItsOwnersAndGoodOnce(t *testing.T) {
	ways := map[string]func(string) string{
		"as shown": func(c string) string { return c }, "capitals": strings.ToUpper,
		"without dashes": func(c string) string { return strings.ReplaceAll(c, "-", "") },
		"spaces":         func(c string) string { return "  " + strings.ReplaceAll(c, "-", " ") + "\t" },
		"long dashes":    func(c string) string { return strings.ReplaceAll(c, "-", "–") },
	}
	for name, typed := range ways {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				code := a.reserve(a.U1)
				a.AddApp(a.V)
				a.reserve(a.V)
				use := func(who *servertest.Person, rp *servertest.RP, code string) *servertest.Browser {
					time.Sleep(time.Minute)
					b := a.Browser(who.Username).Open(rp.Login()).SignIn(who).WantStep("otp").Click("Use a recovery code").WantStep("otp")
					return b.FillID("otp", code).Submit("otp-submit")
				}
				use(a.V, a.RP2, typed(code)).WantStatus(http.StatusUnprocessableEntity)
				a.refusedCode("another's", "wrong", a.RP2, a.V)
				b := use(a.U1, a.RP1, typed(code))
				want(t, "acr", a.RP1.Last().Acr(), "mfa")
				recorded(t, a.World, "mfa.ok", storage.Event{Outcome: "ok", Reason: "recovery", ClientID: a.RP1.Client, PersonID: a.U1.ID})
				row, err := a.Store.Person(t.Context(), a.U1.ID)
				if err != nil {
					t.Fatal(err)
				}
				want(t, "codes left", row.RecoveryCodes, 9)
				told := 0
				for _, m := range a.Mails(a.U1.Email) {
					if strings.HasPrefix(m.Subject, "A recovery code was used") && strings.Contains(m.Text, "switch the app off in the security settings") {
						told++
					}
				}
				want(t, "mails", told, 1)
				for again, form := range ways {
					use(a.U1, a.RP2, form(code)).WantStatus(http.StatusUnprocessableEntity)
					a.refusedCode("again, "+again, "replayed", a.RP2, a.U1)
				}
				time.Sleep(10 * time.Minute)
				b.Open(here + "/account/factors").WantStep("account_factors").WantText("9 recovery codes left")
			})
		})
	}
}
