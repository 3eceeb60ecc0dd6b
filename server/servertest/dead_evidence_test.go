package servertest_test

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// appOn switches the app on in the account area, behind a code to the mailbox.
func appOn(t *testing.T, w *servertest.World, b *servertest.Browser, p *servertest.Person) {
	t.Helper()
	b.Open(accountURL + "/factors/new")
	if b.Step() == "otp" {
		b.GiveCode(w.Code(p.Email))
	}
	b.WantStep("account_new").Submit("add-totp").WantStep("enrol_totp")
	p.Key = manualKey(t, b)
	b.FillID("otp", p.AppCode()).Submit("otp-submit")
	keepCodes(t, b)
}

// appOff switches it off again.
func appOff(t *testing.T, w *servertest.World, b *servertest.Browser, p *servertest.Person) {
	t.Helper()
	b.Open(accountURL + "/factors/" + factorID(t, w, p) + "/remove").WantStep("account_remove")
	b.FillID("password", p.Password).Submit("remove-submit").WantStep("account_door")
	p.Key = ""
}

// A grant by a mailed code loses billing when the app comes, and does not get it back when the app goes.
func TestQ64WhatAFactorTookAwayDoesNotComeBackWithItsRemoval(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP2, w.U2)
		time.Sleep(time.Minute)
		b.Open(w.RP2.Login("scope", "openid billing")).GiveCode(w.Code(w.U2.Email))
		token := w.RP2.Last().Token.RefreshToken
		billing := func(when string, should bool) {
			t.Helper()
			got, err := w.RP2.Refresh(token)
			if err != nil {
				t.Fatal(when, err)
			}
			if got.Token.RefreshToken != "" {
				token = got.Token.RefreshToken
			}
			want(t, when+": billing", got.Scoped("billing"), should)
			want(t, when+": an ID token", got.IDToken != nil, should)
		}
		billing("by the code", true)
		time.Sleep(time.Minute)
		appOn(t, w, b, w.U2)
		billing("with the app on", false)
		time.Sleep(time.Minute)
		appOff(t, w, b, w.U2)
		if _, err := w.RP2.Refresh(token); err == nil {
			t.Error("the grant outlived the sessions that ended with the app")
		}
		time.Sleep(time.Second) // what happens in the same microsecond counts as before
		w.SignedIn(b, w.RP2, w.U2)
		time.Sleep(time.Minute)

		// The owner proves it anew, for a new grant; the old one stays what it is.
		b.Open(w.RP2.Login("scope", "openid billing", "prompt", "none"))
		want(t, "silently", w.RP2.Last().Error, "interaction_required")
		b.Open(w.RP2.Login("scope", "openid billing")).GiveCode(w.Code(w.U2.Email))
		want(t, "by a new code", w.RP2.Last().Scoped("billing"), true)
		if _, err := w.RP2.Refresh(token); err == nil {
			t.Error("the old grant came back with the new code")
		}
	})
}

// A contact that was removed and added again is another one: a session's and a grant's code to the former prove nothing.
func TestQ64AContactAddedAgainIsAnotherOne(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ctx := context.Background()
		b := w.Browser("vera")
		w.SignedIn(b, w.RP2, w.V)
		b.Open(w.RP2.Login("scope", "openid billing")).GiveCode(w.Code(w.V.Email))
		got := w.RP2.Last()
		want(t, "by the code", got.Scoped("billing"), true)
		row := must(w.Store.Person(ctx, w.V.ID))(t).Contacts[0]
		time.Sleep(time.Minute)
		for _, err := range []error{
			w.Store.RemoveContact(ctx, w.V.ID, row.ID),
			w.Store.PutContact(ctx, &storage.Contact{
				ID: "another", PersonID: w.V.ID, Channel: row.Channel, Address: row.Address, Canonical: row.Canonical,
				Primary: true, VerifiedAt: time.Now(), Created: time.Now(),
			}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		again, err := w.RP2.Refresh(got.Token.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "refreshed: billing", again.Scoped("billing"), false)
		b.Open(w.RP2.Login("scope", "openid billing", "prompt", "none"))
		want(t, "the session, silently", w.RP2.Last().Error, "interaction_required")
		b.Open(w.RP2.Login("scope", "openid billing")).GiveCode(w.Code(w.V.Email))
		want(t, "by a code to the new row", w.RP2.Last().Scoped("billing"), true)
	})
}
