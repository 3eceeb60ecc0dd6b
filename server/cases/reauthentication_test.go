package cases

import (
	"strings"
	"testing"
	"time"
)

// E07: a fresh sign-in is a fresh proof, recorded as one, and the old proof satisfies nobody who asked for a fresh one;
// going back to the panel's request after it is answered asks again.
func TestE07AFreshSignInIsAProofAndARecordOfItsOwn(t *testing.T) {
	for _, params := range [][]string{{"max_age", "60"}, {"max_age", "0"}, {"prompt", "login"}, {"prompt", "login", "acr_values", "mfa"}} {
		t.Run(strings.Join(params, " "), func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				b := a.Browser("ugo")
				first := a.SignedIn(b, a.RP1, a.U1)
				time.Sleep(2 * time.Minute)
				if params[0] == "max_age" {
					b.Open(a.RP1.Login(append(params, "prompt", "none")...))
					want(t, "silently, with an old proof", a.RP1.Last().Error, "interaction_required") // the app is this person's own wish
				}
				proofs := len(a.Records("authn.ok")) + len(a.Records("mfa.ok"))
				began, answers := time.Now(), a.RP1.Answers()
				b.Open(a.RP1.Login(params...))
				for i := 0; a.RP1.Answers() == answers; i++ {
					if i == 3 {
						t.Fatalf("no answer after three steps: %s", b.URL())
					}
					if b.Step() == "login" {
						b.FillID("password", a.U1.Password).Submit("login-submit")
					} else {
						b.GiveCode(a.U1.AppCode())
					}
				}
				got := a.RP1.Last()
				want(t, "error", got.Error, "")
				want(t, "fresh", got.AuthTime() >= began.Unix(), true)
				want(t, "the same session to the panel", got.Claims["sid"], first.Claims["sid"])
				if n := len(a.Records("authn.ok")) + len(a.Records("mfa.ok")); n <= proofs {
					t.Error("no record of the new proof")
				}
				if params[1] == "0" { // always, a moment later too
					b.Open(a.RP1.Login("max_age", "0", "prompt", "none"))
					want(t, "max_age=0, silently", a.RP1.Last().Error, "interaction_required")
				}
			})
		})
	}
}
