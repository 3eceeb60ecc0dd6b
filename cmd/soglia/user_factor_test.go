package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// reset runs "soglia user reset-factor" on the world's database.
func reset(t *testing.T, w *servertest.World, p *servertest.Person, c resetFactor) (said string, err error) {
	t.Helper()
	row, err := w.Store.Person(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = c.take(t.Context(), &found{row, w.Config, operated{Store: w.Store}}, &streams{nil, &out, &out})
	return out.String(), err
}

// Q67: what linked logins were proved by went with the factor. Q21: who talked the help desk into it, with the password and
// the mailbox, does not open billing at once.
func TestQ67Q21AResetFactorOpensNothingAndEndsWhatItHadOpened(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		u := w.U1
		desk, phone, other := w.Browser("desk"), w.Browser("phone"), w.Browser("vera")
		strong := w.SignedIn(desk, w.RP1, u, "acr_values", "mfa", "scope", "openid offline_access")
		time.Sleep(time.Minute) // a code serves once
		w.SignedIn(phone, w.RP1, u)
		w.SignedIn(other, w.RP1, w.V)
		if strong.Acr() != "mfa" || strong.Token == nil || strong.Token.RefreshToken == "" {
			t.Fatalf("before: %q", strong.Acr())
		}
		login := &storage.Identity{Provider: "social", Subject: "u", PersonID: u.ID, ProvedAt: w.Store.Now(), Created: w.Store.Now()}
		if err := w.Store.PutIdentity(t.Context(), login); err != nil {
			t.Fatal(err)
		}
		asked := w.Browser("asked")
		asked.Open(w.RP1.Login("acr_values", "mfa")).SignIn(u).WantStep("otp")
		mails := len(w.Mails(u.Email))

		said, err := reset(t, w, u, resetFactor{})
		if err != nil || !strings.HasPrefix(said, "1 taken away from ugo;") {
			t.Fatalf("%q, %v", said, err)
		}

		// What it had opened is over, on every browser and in every panel, and nobody else's is.
		for _, b := range []*servertest.Browser{desk, phone, asked} {
			b.Open(w.RP1.Login("prompt", "none"))
			if got := w.RP1.Last().Error; got != "login_required" {
				t.Errorf("a session lives on: %q", got)
			}
		}
		if _, err := w.RP1.Refresh(strong.Token.RefreshToken); err == nil {
			t.Error("the panel's refresh token lives on")
		}
		if got := w.RP1.UserInfoStatus(strong.Token.AccessToken); got != 401 {
			t.Errorf("the panel's access token lives on: %d", got)
		}
		other.Open(w.RP1.Login("prompt", "none"))
		if got := w.RP1.Last().Error; got != "" {
			t.Errorf("somebody else was signed out: %s", got)
		}

		// The person is told, once, in each mailbox.
		told := w.Mails(u.Email)[mails:]
		if len(told) != 1 || told[0].Kind != "notice" || !strings.Contains(told[0].Text, "A verification method was removed from your account.") {
			t.Errorf("%d mails: %+v", len(told), told)
		}
		if n := len(w.Mails(w.V.Email)); n != 0 {
			t.Errorf("somebody else got %d mails", n)
		}

		// It is on record, by whom.
		events, err := w.Store.Events(t.Context(), u.ID, w.Store.Now().Add(time.Hour), 100)
		if err != nil {
			t.Fatal(err)
		}
		var removed []*storage.Event
		for _, ev := range events {
			if ev.Name == audit.FactorRemoved {
				removed = append(removed, ev)
			}
		}
		if len(removed) != 1 || removed[0].Actor != operator || removed[0].Reason != "totp" || removed[0].Outcome != audit.OK || removed[0].PersonID != u.ID {
			t.Errorf("the record: %+v", removed)
		}

		time.Sleep(time.Second) // what happens in the same microsecond counts as before
		// The password alone opens what it always did; what needs more has to wait, and then takes the mailbox.
		fresh := w.Browser("fresh")
		fresh.Open(w.RP1.Login()).SignIn(u)
		if got := w.RP1.Last(); got.Error != "" || got.Acr() != "sfa" {
			t.Errorf("the password: %q %s", got.Acr(), got.Error)
		}
		for range 2 {
			fresh.Open(w.RP1.Login("acr_values", "mfa"))
			if got := w.RP1.Last().Error; got != acr.ErrUnmet {
				t.Fatalf("a recovered account answers %q", got)
			}
			fresh.Open("https://" + servertest.SSO + "/account/confirm/factors").WantStatus(403).WantText("Please wait a while")
			time.Sleep(11 * time.Hour)
		}
		time.Sleep(2 * time.Hour)
		fresh.Open(w.RP1.Login("acr_values", "mfa")).SignIn(u).WantStep("otp")
		if !fresh.Has("resend") {
			t.Errorf("it is no code by mail that is asked for: %s", fresh.Text())
		}
		answers := w.RP1.Answers()
		fresh.GiveCode(u.AppCode()).WantStep("otp")
		if w.RP1.Answers() != answers {
			t.Error("the app that was taken away still opens")
		}
		fresh.GiveCode(w.Code(u.Email))
		if got := w.RP1.Last().Acr(); got != "mfa" {
			t.Errorf("the mailbox: %q", got)
		}
		row, err := w.Store.Person(t.Context(), u.ID)
		if err != nil || len(row.Factors) != 0 || row.RecoveryCodes != 0 {
			t.Errorf("left: %+v, %d recovery codes, %v", row.Factors, row.RecoveryCodes, err)
		}
		if len(row.Identities) != 1 || !row.Identities[0].ProvedAt.IsZero() {
			t.Errorf("the linked login is still proved: %+v", row.Identities)
		}
	})
}

func TestAResetThatFindsNothingChangesNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, dora := w.Browser("ugo"), w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U1)
		w.SignedIn(dora, w.RP1, w.U2)
		for _, each := range []struct {
			who *servertest.Person
			c   resetFactor
		}{{w.U1, resetFactor{Factor: "none"}}, {w.U2, resetFactor{}}} {
			if _, err := reset(t, w, each.who, each.c); err == nil || !strings.Contains(err.Error(), "has no such factor") {
				t.Errorf("%s: %v", each.who.Username, err)
			}
		}
		for _, each := range []*servertest.Browser{b, dora} {
			each.Open(w.RP1.Login("prompt", "none"))
			if got := w.RP1.Last().Error; got != "" {
				t.Errorf("signed out for nothing: %s", got)
			}
		}
		for _, m := range append(w.Mails(w.U1.Email), w.Mails(w.U2.Email)...) {
			if m.Kind == "notice" {
				t.Errorf("told of nothing: %s", m.Subject)
			}
		}
	})
}

func TestOneOfTwoFactorsIsTakenAwayAndTheOtherStays(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		u := w.U1
		row, err := w.Store.Person(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		first, lost := row.Factors[0].ID, *u
		w.AddApp(u) // the second one; its key is u's from now on
		if err := w.Store.PutRecoveryCodes(t.Context(), u.ID, [][]byte{[]byte("a"), []byte("b")}, w.Store.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := reset(t, w, u, resetFactor{Factor: first}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		b := w.Browser("ugo")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(u)
		b.GiveCode(lost.AppCode()).WantStep("otp")
		time.Sleep(time.Minute)
		b.GiveCode(u.AppCode())
		if got := w.RP1.Last().Acr(); got != "mfa" {
			t.Errorf("the app that stayed: %q", got)
		}
		if row, err = w.Store.Person(t.Context(), u.ID); err != nil || len(row.Factors) != 1 || row.RecoveryCodes != 2 {
			t.Errorf("left: %+v, %d recovery codes, %v", row.Factors, row.RecoveryCodes, err)
		}
	})
}
