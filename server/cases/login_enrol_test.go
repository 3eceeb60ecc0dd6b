package cases

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Who wants to switch the app on and has to enter a code first is led there, whatever happened to the code meanwhile.
func TestTheWishToEnrolOutlivesTheCodeItWaitsFor(t *testing.T) {
	const app = "Switch on the Authenticator app"
	for name, detour := range map[string]func(w *servertest.World, b *servertest.Browser){
		"right at once": func(*servertest.World, *servertest.Browser) {},
		"a wrong code": func(w *servertest.World, b *servertest.Browser) {
			b.GiveCode(wrong(w.Code(w.U2.Email))).WantStatus(422)
		},
		"another code": func(_ *servertest.World, b *servertest.Browser) {
			time.Sleep(2 * time.Minute)
			b.Submit("resend").WantStep("otp")
		},
		"another code too early, and a wrong one": func(w *servertest.World, b *servertest.Browser) {
			b.Submit("resend").WantStatus(429)
			b.GiveCode(wrong(w.Code(w.U2.Email))).WantStatus(422)
		},
		"a code that expired": func(w *servertest.World, b *servertest.Browser) {
			code := w.Code(w.U2.Email)
			time.Sleep(11 * time.Minute)
			b.GiveCode(code).WantStatus(422)
			b.Submit("resend").WantStep("otp")
		},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("dora")
				w.SignedIn(b, w.RP1, w.U2)
				n := w.RP1.Answers()
				b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").Click(app).WantStep("otp")
				detour(w, b)
				b.GiveCode(w.Code(w.U2.Email)).WantStep("enrol")
				want(t, "answers", w.RP1.Answers(), n)
			})
		})
	}
}

// wrong is a code that is not this one.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}
