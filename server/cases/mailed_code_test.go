package cases

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// F06, F15: a mailed code is good in the transaction, for the purpose, the person and the address that it was mailed for.
// Knowing it, and the password besides, opens nothing anywhere else; each try is a record.
func TestF06F15AMailedCodeIsWorthlessAnywhereButWhereItWasAskedFor(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		mine, his := a.Browser("vera"), a.Browser("attacker")
		a.SignedIn(mine, a.RP1, a.V)
		mine.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		code := a.Code(a.V.Email)
		a.SignedIn(his, a.RP1, a.V) // who knows the password
		n := a.RP1.Answers() + a.RP2.Answers()
		forged := func(what string, b *servertest.Browser, path, reason string, rp string) {
			t.Helper()
			time.Sleep(time.Second)
			before := len(a.Records("mfa.fail"))
			got := a.prober(0).send(submitted(b, path+"/code", "otp", code))
			want(t, what, got.status, http.StatusUnprocessableEntity)
			want(t, what+": a session", newSession(got), false)
			want(t, what+": records", len(a.Records("mfa.fail"))-before, 1)
			if ev := a.Records("mfa.fail")[0]; ev.Reason != reason || ev.ClientID != rp || ev.Outcome != "fail" || ev.IP == "" || ev.RequestID == "" {
				t.Errorf("%s: %+v", what, ev)
			}
		}
		his.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		forged("his own transaction", his, his.URL().Path, "expired", a.RP1.Client)
		tab := mine.Tab("two")
		tab.Open(a.RP2.Login("acr_values", "mfa", "scope", "openid dns")).WantStep("otp")
		forged("another panel's request of the same browser", tab, tab.URL().Path, "expired", a.RP2.Client)
		account := mine.Tab("account")
		account.Open(here + "/account/sessions").WantStep("account_sessions")
		account.Open(here + "/account/factors/new").WantStep("otp")
		forged("the account area", account, "/account/confirm/factors", "expired", "")
		dora := a.Browser("dora")
		a.SignedIn(dora, a.RP2, a.U2)
		n++
		dora.Open(a.RP2.Login("acr_values", "mfa")).WantStep("otp")
		if other := a.Code(a.U2.Email); other != code {
			forged("another person, whose own code waits", dora, dora.URL().Path, "wrong", a.RP2.Client)
		}
		want(t, "answers", a.RP1.Answers()+a.RP2.Answers(), n)

		mine.GiveCode(code)
		want(t, "where it was asked for", a.RP1.Last().Acr(), "mfa")
		recorded(t, a.World, "mfa.ok", storage.Event{Outcome: "ok", Reason: "email", ClientID: a.RP1.Client, PersonID: a.V.ID})
		his.Open(a.RP1.Login("acr_values", "mfa", "prompt", "none"))
		want(t, "his session", a.RP1.Last().Error, "interaction_required")

		// A code of the account area is none of a sign-in.
		time.Sleep(2 * time.Minute)
		his.Open(here + "/account/factors/new").WantStep("otp")
		if his.Has("resend") && a.Codes(a.V.Email) == 1 {
			his.Submit("resend")
		}
		code = a.Code(a.V.Email)
		his.Open(a.RP2.Login("acr_values", "mfa")).WantStep("otp")
		forged("of the account, at a sign-in", his, his.URL().Path, "expired", a.RP2.Client)
	})
}

// F06: tries, time and a newer code end a code; the person is shown the same page, and the record says why.
func TestF06TriesTimeAndANewerCodeEndACode(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		n := a.RP1.Answers()
		ends := func(what, reason, code string) {
			t.Helper()
			got := a.prober(0).send(submitted(b, b.URL().Path+"/code", "otp", code))
			want(t, what, got.says(), "422 otp")
			a.refusedCode(what, reason, a.RP1, a.U2)
			time.Sleep(time.Second)
		}
		first := a.Code(a.U2.Email)
		for range 5 {
			ends("a wrong one", "wrong", wrong(first))
		}
		ends("the right one, sixth", "expired", first)
		time.Sleep(time.Minute)
		b.Submit("resend").WantStep("otp")
		second := a.Code(a.U2.Email)
		time.Sleep(time.Minute)
		b.Submit("resend").WantStep("otp")
		if third := a.Code(a.U2.Email); third != second {
			ends("one that was replaced", "wrong", second)
		}
		third := a.Code(a.U2.Email)
		time.Sleep(10 * time.Minute)
		ends("after ten minutes", "expired", third)
		want(t, "answers", a.RP1.Answers(), n)
		b.Open(b.URL().String())
		b.Submit("resend").WantStep("otp").GiveCode(a.Code(a.U2.Email))
		want(t, "a good one", a.RP1.Last().Acr(), "mfa")
	})
}
