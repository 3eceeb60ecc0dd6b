package servertest_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// stolen resets a password by the mailbox, as whoever reads it can, and signs in with it.
func stolen(t *testing.T, w *servertest.World, p *servertest.Person) *servertest.Browser {
	t.Helper()
	forgot(w.Browser("forgot "+p.Username), p.Username)
	setPassword(w.Browser("reset "+p.Username), link(t, w, p.Email), newPassword).WantStep("password_set")
	p.Password = newPassword
	time.Sleep(time.Minute)
	b := w.Browser(p.Username)
	w.SignedIn(b, w.RP1, p)
	time.Sleep(time.Minute)
	return b
}

// changePassword asks for the link that changes the password from within, and follows it.
func changePassword(t *testing.T, w *servertest.World, b *servertest.Browser, p *servertest.Person, password string) *storage.Person {
	t.Helper()
	b.Open(origin + "/password").WantStep("change_password").Submit("change-password").WantStep("change_password_sent")
	setPassword(b, link(t, w, p.Email), password).WantStep("password_set")
	p.Password = password
	return must(w.Store.Person(context.Background(), p.ID))(t)
}

// An app switched on behind the mailbox that reset the password rests, and lifts nothing.
func TestQ63AnAppThatRestsDoesNotLaunderTheMailboxThatResetThePassword(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief := stolen(t, w, w.V)
		before := must(w.Store.Person(context.Background(), w.V.ID))(t)
		appOn(t, w, thief, w.V)
		after := changePassword(t, w, thief, w.V, "nove barche nel porto")
		want(t, "the mailbox that was enough", after.PasswordVia, w.V.Email)
		want(t, "until", after.PasswordViaUntil, before.PasswordViaUntil)
		if !after.RecoveryRestsUntil.After(time.Now().Add(23 * time.Hour)) {
			t.Errorf("the reserve codes of the app that rests do so until %v", after.RecoveryRestsUntil)
		}
	})
}

// The owner's app is older than the reset.
func TestQ63TheOwnersAppLiftsTheTaint(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		owner := stolen(t, w, w.U1)
		want(t, "tainted", must(w.Store.Person(context.Background(), w.U1.ID))(t).PasswordVia, w.U1.Email)
		want(t, "lifted", changePassword(t, w, owner, w.U1, "nove barche nel porto").PasswordVia, "")
	})
}

// Reserve codes handed out with an app that counts at once count at once too.
func TestQ63TheOwnersReserveCodesDoNotRest(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		codes := withCodes(t, w, w.Browser("dora"), w.U2)
		want(t, "rest", must(w.Store.Person(context.Background(), w.U2.ID))(t).RecoveryRestsUntil, time.Time{})
		time.Sleep(time.Hour)
		b := w.Browser("dora without phone")
		b.Open(w.RP1.Login()).SignIn(w.U2)
		recoverBy(b, codes[0])
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	})
}

// Where the operator lets dependent codes count and offers them beside a factor, the mailbox may switch an app on; but
// that one takes no other factor away while it rests, and makes no codes in place of the owner's.
func TestQ63AnAppThatRestsTakesNothingAway(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ctx := context.Background()
		strong := &storage.Factor{ID: "strong", PersonID: w.V.ID, Method: "sms", Address: "+393331234567", Created: time.Now().Add(-24 * time.Hour)}
		if err := w.Store.PutFactor(ctx, strong); err != nil {
			t.Fatal(err)
		}
		thief := stolen(t, w, w.V)
		if err := w.Store.PutRecoveryCodes(ctx, w.V.ID, [][]byte{[]byte("a")}, time.Now().Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		thief.Open(accountURL + "/factors/new")
		if thief.Step() == "otp" {
			time.Sleep(time.Minute)
			thief.GiveCode(w.Code(w.V.Email))
		}
		thief.WantStep("account_new").Submit("add-totp").WantStep("enrol_totp")
		w.V.Key = manualKey(t, thief)
		thief.FillID("otp", w.V.AppCode()).Submit("otp-submit").WantStep("account_factors")
		row := must(w.Store.Person(ctx, w.V.ID))(t)
		if len(row.Factors) != 2 || row.Factors[1].RestsUntil.IsZero() {
			t.Fatalf("no app that rests: %+v", row.Factors)
		}
		page := thief.URL()
		// The owner's reserve codes would do; the app that rests does not.
		thief.Tab("remove").Open(accountURL + "/factors/strong/remove").WantStep("otp").WantText("recovery code")
		thief.Tab("post").Post(page, accountURL+"/factors/strong/remove", url.Values{"password": {w.V.Password}}).WantStep("otp")
		thief.Tab("codes").Post(page, accountURL+"/factors/recovery", url.Values{}).WantStep("otp")
		want(t, "factor.removed", len(w.Records("factor.removed")), 0)

		// A day later it counts like any other.
		time.Sleep(25 * time.Hour)
		later := w.Browser("later")
		w.SignedIn(later, w.RP1, w.V)
		later.Open(accountURL + "/factors/strong/remove")
		if later.Step() == "otp" {
			time.Sleep(time.Minute)
			later.GiveCode(w.V.AppCode())
		}
		later.WantStep("account_remove")
	}, servertest.With(func(f *config.File) { f.SecondFactor.ContactCodes = "always" }))
}
