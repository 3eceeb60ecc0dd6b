package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Of what waits to be confirmed only the newest is good: what stands in an older tab may have been read, photographed or
// left open by somebody else.
func TestQ69OfKeysShownOnlyTheNewestSwitchesTheAppOn(t *testing.T) {
	t.Run("in the account", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			w.SignedIn(b, w.RP1, w.U2)
			b.Open(accountURL + "/factors/new").WantStep("otp").GiveCode(w.Code(w.U2.Email))
			b.Submit("add-totp").WantStep("enrol_totp")
			old := b.Tab("old")
			older := &servertest.Person{Key: manualKey(t, b)}
			former := url.Values{"ticket": {ticketOf(b)}, "otp": {older.AppCode()}}
			b.Open(accountURL + "/factors/new").Submit("add-totp").WantStep("enrol_totp")
			newer := &servertest.Person{Key: manualKey(t, b)}

			old.Post(b.URL(), origin+"/account/factors/enrol/confirm", former).WantStep("account_factors")
			want(t, "switched on by the older key", len(w.Records("factor.added")), 0)
			b.FillID("otp", newer.AppCode()).Submit("otp-submit").WantStep("recovery_codes")
			want(t, "switched on by the newest", len(w.Records("factor.added")), 1)
			old.Post(b.URL(), origin+"/account/factors/enrol/confirm", former)
			want(t, "and no other beside it", len(w.Records("factor.added")), 1)
		})
	})
	t.Run("at a panel, in two browsers", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			begin := func(name string) *servertest.Browser {
				b := w.Browser(name)
				w.SignedIn(b, w.RP1, w.U2)
				b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
				b.Click("Switch on the Authenticator app")
				time.Sleep(time.Minute)
				b.Submit("resend").GiveCode(w.Code(w.U2.Email)).WantStep("enrol")
				return b.Click("Switch on the Authenticator app").WantStep("enrol_totp")
			}
			first := begin("thief")
			second := begin("dora")
			key := &servertest.Person{Key: manualKey(t, first)}
			first.FillID("otp", key.AppCode()).Submit("otp-submit")
			want(t, "switched on by the older key", len(w.Records("factor.added")), 0)
			key.Key = manualKey(t, second)
			second.FillID("otp", key.AppCode()).Submit("otp-submit").WantStep("recovery_codes")
		})
	})
}

func TestQ69OfReserveCodesShownOnlyTheNewestComeIntoForce(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		withCodes(t, w, b, w.U2)
		time.Sleep(20 * time.Minute)
		b.Open(accountURL + "/factors").Submit("recovery-renew").WantStep("otp").GiveCode(w.U2.AppCode())
		b.WantStep("account_factors").Submit("recovery-renew").WantStep("recovery_codes")
		old := b.Tab("old")
		older := shownCodes(b)
		former := url.Values{"ticket": {ticketOf(b)}, "otp": {older[0]}}
		confirm := func() { old.Post(b.URL(), origin+"/account/factors/recovery/confirm", former) }

		b.Open(accountURL + "/factors").Submit("recovery-renew").WantStep("recovery_codes")
		confirm()
		want(t, "confirmed after newer ones were shown", strings.Contains(old.Text(), "The new recovery codes are active"), false)
		fresh := keepCodes(t, b)
		b.WantText("The new recovery codes are active")
		confirm()
		want(t, "confirmed after newer ones were", strings.Contains(old.Text(), "The new recovery codes are active"), false)

		time.Sleep(time.Minute)
		again := w.Browser("dora later")
		again.Open(w.RP1.Login()).SignIn(w.U2)
		recoverBy(again, older[1]).WantStatus(422)
		again.FillID("otp", fresh[1]).Submit("otp-submit")
		want(t, "acr by a code of the list that was kept", w.RP1.Last().Acr(), "mfa")
	})
}
