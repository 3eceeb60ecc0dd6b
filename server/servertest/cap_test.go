package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q10: where no more codes are sent, and there is no other way, the page says so with the check list, support and the
// reference, and without a button that leads back to it. It does so on every road to it: sending again, opening the page
// anew, wanting the app.
func TestQ10WhereNoMoreCodesAreSentThereIsSupport(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.Config.Factors.Codes.PerHour = map[string]int{"email": 5}
		capped := func(what string, b *servertest.Browser, field bool) {
			t.Helper()
			text := b.WantStep("otp").Text()
			for _, says := range []string{"You have asked for many codes. Wait ", "Check your spam folder, too.", "Contact support", "Reference"} {
				if !strings.Contains(text, says) {
					t.Errorf("%s: does not say %q:\n%s", what, says, text)
				}
			}
			for _, says := range []string{"another method", "another request", "Prefer an Authenticator app?"} {
				if strings.Contains(text, says) {
					t.Errorf("%s: says %q:\n%s", what, says, text)
				}
			}
			ref := b.TextOf("error-ref")
			if support := b.Value("support", "href"); ref == "" || !strings.Contains(support, "ref="+ref) {
				t.Errorf("%s: support is %q, the reference %q", what, support, ref)
			}
			want(t, what+": a field", b.Has("otp"), field)
		}
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		page := b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").URL()
		for range 4 {
			time.Sleep(time.Minute)
			b.Submit("resend").WantStep("otp").WantStatus(200)
		}
		time.Sleep(time.Minute)
		capped("one more", b.Submit("resend").WantStatus(429), true)
		want(t, "codes", w.Codes(w.U2.Email), 5)
		time.Sleep(11 * time.Minute)
		capped("the page of a dead code", b.Open(page.String()), false)
		capped("sending again", b.Submit("resend").WantStatus(429), false)
		capped("the app", b.Post(page, page.Path+"/enrol", url.Values{"method": {"totp"}}), false)
		capped("another panel", b.Tab("two").Open(w.RP2.Login("acr_values", "mfa")), false)
		time.Sleep(time.Hour)
		later := w.Browser("later")
		w.SignedIn(later, w.RP1, w.U2)
		later.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
		want(t, "when the hour is over", w.RP1.Last().Acr(), "mfa")
	})
}

// Q10: a newcomer, whose account has nothing yet that could be somebody else's, can switch the app on in place of the code.
func TestQ10ANewcomerWithoutMoreCodesCanTakeTheApp(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.Config.Factors.Codes.PerHour = map[string]int{"email": 5}
		b := viaSocial(w.Browser("carla").Open(w.RP1.Login()), w.Carla).WantStep("otp")
		for range 5 {
			time.Sleep(time.Minute)
			b.Submit("resend").WantStep("otp")
		}
		b.WantStatus(429).WantText("Contact support").WantText("Prefer an Authenticator app?")
		b.Click("Switch on the Authenticator app").WantStep("enrol_totp")
	})
}
