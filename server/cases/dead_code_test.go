package cases

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q04: the page after the try that killed a code says so, with a new code as its main button and no field for what cannot
// be right; so do a reload, the right code afterwards, and the page of a code whose time is over.
func TestQ04ADeadCodeSaysWhyAndOffersANewOne(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		at := b.URL()
		dead := func(what, where, says string) {
			t.Helper()
			if !strings.Contains(b.WantStep("otp").TextOf(where), says) {
				t.Errorf("%s: %s", what, b.Text())
			}
			want(t, what+": heading", b.TextOf("page-title"), "You need a new code")
			want(t, what+": a field", b.Has("otp"), false)
			want(t, what+": the button", b.Value("resend", "class"), "main")
		}
		first := a.Code(a.U2.Email)
		for range 4 {
			b.GiveCode(wrong(first)).WantStatus(422)
		}
		dead1, dead2 := "no longer works: there were too many wrong tries", "no longer works: it has expired"
		b.GiveCode(wrong(first)).WantStatus(422)
		dead("the fifth", "error-text", dead1)
		b.Open(at.String())
		dead("a reload", "lead", dead1)
		want(t, "the right one now", said(a.refusal("the right one", "expired", b, a.U2, first)), strings.Split(b.TextOf("lead"), "d•••")[0]+"d•••@r•••.test "+dead1+".")

		time.Sleep(time.Minute)
		b.Submit("resend").WantStep("otp")
		tab := b.Tab("older")
		tab.Open(at.String()).WantStep("otp")
		old := a.Code(a.U2.Email)
		time.Sleep(time.Minute)
		b.Open(at.String()).Submit("resend")
		if newest := a.Code(a.U2.Email); newest != old { // a code that was replaced: the newer one can still be right
			tab.GiveCode(old).WantStatus(422).WantText("only the newest code works")
			want(t, "a field for the newer one", tab.Has("otp"), true)
		}
		late := a.Code(a.U2.Email)
		time.Sleep(10 * time.Minute)
		b.GiveCode(late).WantStatus(422)
		dead("after ten minutes", "error-text", dead2)
		b.Submit("resend").WantStep("otp").GiveCode(a.Code(a.U2.Email))
		want(t, "a new one", a.RP1.Last().Acr(), "mfa")
	})
}

// Q04: a code for another request is named as that.
func TestQ04ACodeOfAnotherRequestIsNamedAsThat(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		ask := func(name string) *servertest.Browser {
			b := a.Browser(name)
			a.SignedIn(b, a.RP1, a.U2)
			return b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		}
		ask("one")
		b := ask("two").WantText("for another request does not work here")
		want(t, "a field", b.Has("otp"), false)
		want(t, "the button", b.Value("resend", "class"), "main")
	})
}
