package servertest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q07: who wants the app and has to give a mailed code first reads that, in place of the page as it was; and no button
// there leads to the same page.
func TestQ07TheCodeBeforeTheAppSaysWhatComesFirst(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		const heading, hint = "First the code, then the app", "you can switch on the Authenticator app"
		says := func(what string, b *servertest.Browser) {
			t.Helper()
			want(t, what+": heading", b.WantStep("otp").TextOf("page-title"), heading)
			want(t, what+": hint", strings.Contains(b.TextOf("next"), hint), true)
			want(t, what+": the button that leads here", strings.Contains(b.Text(), "Prefer an Authenticator app?"), false)
		}
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").WantText("Prefer an Authenticator app?")
		want(t, "before: heading", b.TextOf("page-title"), "Enter the code")
		b.Post(b.URL(), b.URL().Path+"/enrol", url.Values{"method": {"totp"}})
		says("after the button", b)
		says("after a wrong code", b.GiveCode("000000").WantStatus(422))
		b.GiveCode(w.Code(w.U2.Email)).WantStep("enrol")

		v := w.Browser("vera")
		w.SignedIn(v, w.RP1, w.V)
		says("in the account area", v.Open(accountURL+"/factors/new"))
	})
}
