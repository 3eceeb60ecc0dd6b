package servertest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

const kept, gone = "anna@neri.test", "vecchia@neri.test"

// withTwoMailboxes is a customer of the operator's, two proved addresses, the second one about to be lost, and the account
// in use for a while.
func withTwoMailboxes(t *testing.T, w *servertest.World) (*backend, *servertest.Person) {
	t.Helper()
	api := newBackend(t, w, "crm")
	api.call("PUT", "/api/people/C-7", strings.Replace(anna, `["anna@neri.test"]`, `["`+gone+`","`+kept+`"]`, 1))
	p := &servertest.Person{Username: "anna", Password: "sette nani nel bosco", Email: gone}
	setPassword(w.Browser("anna's first"), link(t, w, gone), p.Password)
	for _, c := range contacts(t, w) {
		if err := w.Store.VerifyContact(context.Background(), c.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(48 * time.Hour)
	api.token = newBackend(t, w, "crm").token
	return api, p
}

func contacts(t *testing.T, w *servertest.World) []*storage.Contact {
	t.Helper()
	row, err := w.Store.PersonByExternalID(context.Background(), "C-7")
	if err != nil {
		t.Fatal(err)
	}
	return row.Contacts
}

const removeGone = `{"remove_contacts":["` + gone + `"]}`

// A mailbox that was lost, sold or taken over has to go, also where it was proved. Until people can do it themselves the
// operator's system can, when it says so in as many words.
func TestQ22AProvedMailboxIsRemovedByAnExplicitMember(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, _ := withTwoMailboxes(t, w)
		left := api.call("PATCH", "/api/people/C-7", `{"emails":["`+kept+`"]}`)
		want(t, "left out of the list it stays", slices.Contains(left.Verified, gone), true)
		api.call("PATCH", "/api/people/C-7", `{"emails":["`+gone+`","`+kept+`"]}`)
		told, toldOther := bySubject(w, gone, "A contact"), bySubject(w, kept, "A contact")

		got := api.call("PATCH", "/api/people/C-7", removeGone)
		want(t, "status", got.status, 200)
		want(t, "addresses", strings.Join(got.Emails, " "), kept)
		want(t, "proved ones", len(got.Verified), 2)
		want(t, "the one that is left is the primary one", contacts(t, w)[0].Primary, true)
		want(t, "the removed mailbox is told", bySubject(w, gone, "A contact")-told, 1)
		want(t, "and so is the other", bySubject(w, kept, "A contact")-toldOther, 1)
		records := w.Records("contact.removed")
		if len(records) != 1 || records[0].Actor != "crm" || records[0].Reason != "email" || !strings.Contains(string(records[0].Detail), "v•••@n•••.test") {
			t.Errorf("%d records, %+v %s", len(records), records[0], records[0].Detail)
		}
		etag := got.header.Get("ETag")
		want(t, "the same again", api.call("PATCH", "/api/people/C-7", removeGone).header.Get("ETag"), etag)

		phone := api.call("PATCH", "/api/people/C-7", `{"remove_contacts":["+39 333 123-4567"]}`)
		want(t, "a proved number", len(phone.Phones), 0)
		last := api.call("PATCH", "/api/people/C-7", `{"emails":[],"remove_contacts":["`+strings.ToUpper(kept)+`"]}`)
		want(t, "the last address", len(last.Emails), 0)
	}, servertest.With(crm))
}

func TestQ22ARemovalIsRefusedWhereTheDocumentContradictsItself(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, _ := withTwoMailboxes(t, w)
		for body, at := range map[string]string{
			`{"emails":["` + gone + `"],"remove_contacts":["` + gone + `"]}`:                           "/remove_contacts/0",
			`{"phones":["+39 333 1234567"],"remove_contacts":["` + gone + `","+393331234567"]}`:        "/remove_contacts/1",
			`{"remove_contacts":["nobody"]}`:                                                           "/remove_contacts/0",
			`{"remove_contacts":["` + gone + `","` + gone + `"]}`:                                      "/remove_contacts/1",
			`{"remove_contacts":"` + gone + `"}`:                                                       "/remove_contacts",
			`{"username":"` + gone + `","emails":["` + kept + `"],"remove_contacts":["` + gone + `"]}`: "/username",
			`{"username":"` + gone + `","remove_contacts":["` + gone + `"]}`:                           "/username",
		} {
			got := api.call("PATCH", "/api/people/C-7", body)
			if got.status != 422 || len(got.Errors) != 1 || got.Errors[0].Pointer != at {
				t.Errorf("%s: %d %+v, want 422 at %s", body, got.status, got.Errors, at)
			}
		}
		want(t, "addresses", len(contacts(t, w)), 3)
	}, servertest.With(crm))
}

// What the mailbox proved goes with it, and does not come back with the address.
func TestQ22WhatARemovedMailboxProvedIsVoid(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, p := withTwoMailboxes(t, w)
		b := w.Browser("thief")
		w.SignedIn(b, w.RP1, p)
		b.Open(w.RP1.Login("scope", "openid billing", "acr_values", "mfa")).WantStep("otp").GiveCode(w.Code(gone))
		got := w.RP1.Last()
		want(t, "billing by a code to the mailbox", got.Scoped("billing"), true)
		forgot(w.Browser("thief's other"), p.Username)
		mailed := link(t, w, gone)

		void := func(when string) {
			t.Helper()
			b.Open(w.RP1.Login("prompt", "none", "acr_values", "mfa"))
			want(t, "silent mfa "+when, w.RP1.Last().Error, "interaction_required")
			next, err := w.RP1.Refresh(got.Token.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "billing refreshed "+when, next.Scoped("billing"), false)
			got = next
		}
		api.call("PATCH", "/api/people/C-7", removeGone)
		void("after the removal")
		dead(t, w.Browser("late"), mailed)
		time.Sleep(time.Minute)
		back := api.call("PATCH", "/api/people/C-7", `{"emails":["`+gone+`","`+kept+`"]}`)
		want(t, "the address is back", slices.Contains(back.Emails, gone), true)
		want(t, "but not proved", slices.Contains(back.Verified, gone), false)
		void("after the address was put back")
		for _, c := range contacts(t, w) {
			if c.Canonical == gone && !c.RestsUntil.Equal(time.Now().Add(24*time.Hour)) {
				t.Errorf("an address put back rests until %v", c.RestsUntil)
			}
		}
		// The owner goes on with the mailbox that is left.
		time.Sleep(time.Minute)
		owner := w.Browser("owner")
		owner.Open(w.RP1.Login("scope", "openid billing", "acr_values", "mfa")).SignIn(p)
		if owner.WantStep("otp"); strings.Contains(owner.Text(), "v•••") {
			t.Errorf("a code to an address that rests is offered:\n%s", owner.Text())
		}
		owner.GiveCode(w.Code(kept))
		want(t, "billing by a code to the mailbox that is left", w.RP1.Last().Scoped("billing"), true)
	}, servertest.With(crm))
}

// Who held the mailbox may have used it to get further: whatever was proved before takes new proof, by whichever way.
func TestQ22ARemovalVoidsEverySecondStepOfBefore(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, p := withTwoMailboxes(t, w)
		api.call("PATCH", "/api/people/C-7", `{"emails":["`+kept+`","`+gone+`"]}`)
		b := w.Browser("anna")
		w.SignedIn(b, w.RP1, p)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").GiveCode(w.Code(kept))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		api.call("PATCH", "/api/people/C-7", `{"emails":["`+kept+`","terza@neri.test","`+gone+`"]}`)
		b.Open(w.RP1.Login("prompt", "none", "acr_values", "mfa"))
		want(t, "after an address came", w.RP1.Last().Acr(), "mfa")
		api.call("PATCH", "/api/people/C-7", `{"emails":["`+kept+`","`+gone+`"]}`)
		b.Open(w.RP1.Login("prompt", "none", "acr_values", "mfa"))
		want(t, "after one went that was never proved", w.RP1.Last().Acr(), "mfa")
		time.Sleep(time.Minute)
		api.call("PATCH", "/api/people/C-7", removeGone)
		b.Open(w.RP1.Login("prompt", "none", "acr_values", "mfa"))
		want(t, "after a proved one went", w.RP1.Last().Error, "interaction_required")
		time.Sleep(time.Minute)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").GiveCode(w.Code(kept))
		want(t, "by a new code", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(crm))
}

// The change was the operator's, proved by more than the address: whoever reads the removed mailbox can freeze the account
// and no more.
func TestQ22TheLinkInTheRemovedMailboxPutsNothingBack(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, p := withTwoMailboxes(t, w)
		owner := w.Browser("owner")
		w.SignedIn(owner, w.RP1, p)
		api.call("PATCH", "/api/people/C-7", removeGone)
		found := links(t, w, gone, notMeLink)
		b := w.Browser("who reads the mailbox")
		b.Open(found[0]).WantStep("not_me").Submit("not-me").WantStep("not_me_done")
		owner.Open(w.RP1.Login("prompt", "none"))
		want(t, "the account's sessions", w.RP1.Last().Error, "login_required")
		want(t, "addresses", len(contacts(t, w)), 2)
		sent := len(w.Mails(gone))
		forgot(b, p.Username)
		want(t, "mails to the removed mailbox", len(w.Mails(gone))-sent, 0)
		dead(t, b, found[0])
	}, servertest.With(crm))
}
