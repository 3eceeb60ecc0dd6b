package servertest_test

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// People untick their address at Facebook; and logins are unlinked and linked again. What was reported once stays known.
func TestQ62AnAddressOnceReportedIsNoSecondFactorWhateverIsReportedNow(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
		ctx := context.Background()
		link := func() {
			t.Helper()
			err := w.Store.PutIdentity(ctx, &storage.Identity{
				Provider: "facebook", Subject: fb.Now.Subject, PersonID: w.V.ID, ProvedAt: time.Now(), Created: time.Now(),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		link()
		signIn := func(name, reports string) *servertest.Browser {
			fb.Now.Email = reports
			b := w.Browser(name).Open(w.RP1.Login()).Click("Continue with Facebook")
			want(t, name, w.RP1.Last().IDToken.Subject, w.V.ID)
			return b
		}
		thief := func(b *servertest.Browser, when string) {
			t.Helper()
			b.Open(w.RP1.Login("acr_values", "mfa"))
			want(t, when, w.RP1.Last().Error, "unmet_authentication_requirements")
			want(t, when+": codes", w.Codes(w.V.Email), 0)
		}
		thief(signIn("reports the mailbox", w.V.Email), "while it is reported")
		thief(signIn("omits it", ""), "once it is omitted")
		thief(signIn("reports another", "vera@altrove.test"), "once another is reported")
		time.Sleep(time.Minute)
		if err := w.Store.RemoveIdentity(ctx, w.V.ID, "facebook", fb.Now.Subject); err != nil {
			t.Fatal(err)
		}
		link()
		time.Sleep(time.Minute)
		thief(signIn("linked again", ""), "after it was unlinked and linked again")

		// The owner has a mailbox that Facebook never knew.
		err := w.Store.PutContact(ctx, &storage.Contact{
			ID: "casa", PersonID: w.V.ID, Channel: "email", Address: "vera@casa.test", Canonical: "vera@casa.test", Created: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		b := signIn("the owner", "").Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		b.GiveCode(w.Code("vera@casa.test"))
		want(t, "by a code to the other mailbox", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(required))
}

// Sub-addresses are the same mailbox, at any provider of mail.
func TestQ62ASubAddressIsTheSameMailbox(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
		fb.Now.Email = "fabio@neri.test"
		b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		const same = "Fabio+casa@neri.test"
		b.FillID("email", same).Submit("contact-submit").WantStatus(422).WantStep("contact")
		want(t, "messages to "+same, len(w.Mails(same)), 0)
		// The very address gets a code, which tells whether an account has it (Q19) and is no second step.
		b.FillID("email", "fabio@neri.test").Submit("contact-submit").GiveCode(w.Code("fabio@neri.test")).WantStep("contact")
		want(t, "answers", w.RP1.Answers(), 0)
		b.FillID("email", "fabio@neri.test").Submit("contact-submit").WantStatus(422).WantStep("contact")
		b.FillID("email", "fabio@lavoro.test").Submit("contact-submit").GiveCode(w.Code("fabio@lavoro.test"))
		want(t, "by another mailbox", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(required))
}

// A password that was mailed to a mailbox is not confirmed by another spelling of it.
func TestQ62APasswordMailedToAMailboxIsNotConfirmedByItsSubAddress(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ctx := context.Background()
		p := w.Create(&servertest.Person{Username: "gina", Password: "cinque sedie di paglia", Email: "gina@neri.test", Verified: true})
		put := func(id, address string) {
			t.Helper()
			err := w.Store.PutContact(ctx, &storage.Contact{ID: id, PersonID: p.ID, Channel: "email", Address: address, Canonical: address, Created: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
		}
		put("sub", "gina+banca@neri.test")
		forgot(w.Browser("thief"), p.Username)
		setPassword(w.Browser("thief"), link(t, w, p.Email), newPassword)
		p.Password = newPassword
		time.Sleep(time.Minute)
		b := w.Browser("thief")
		w.SignedIn(b, w.RP1, p)
		b.Open(w.RP1.Login("acr_values", "mfa"))
		want(t, "the thief", w.RP1.Last().Error, "unmet_authentication_requirements")
		put("other", "gina@casa.test")
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").GiveCode(w.Code("gina@casa.test"))
		want(t, "by another mailbox", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(required))
}

// What was reported of a login before an account had it, counts as well: otherwise unticking the address while connecting
// would be enough.
func TestQ62AnAddressReportedByAStrangerIsKept(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
		fb.Now.Email = w.V.Email
		w.Browser("vera").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("connect")
		fb.Now.Email = ""
		b := w.Browser("vera again").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("connect")
		b.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit").GiveCode(w.Code(w.V.Email))
		want(t, "connected", person(t, w, "facebook", fb.Now.Subject).ID, w.V.ID)
		codes := w.Codes(w.V.Email)

		time.Sleep(time.Hour)
		thief := w.Browser("thief").Open(w.RP2.Login()).Click("Continue with Facebook")
		want(t, "answers", w.RP2.Answers(), 0)
		want(t, "codes to the mailbox of the login", w.Codes(w.V.Email), codes)
		want(t, "step", thief.Step() == "otp", false)
	}, servertest.With(required), servertest.With(closed))
}
