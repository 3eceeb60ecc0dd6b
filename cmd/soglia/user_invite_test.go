package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
)

var invitation = regexp.MustCompile(`https://sso\.example\.test/password/reset\?t=\S+`)

// newest is the link of the newest mail to an address.
func newest(t *testing.T, w *servertest.World, address string) string {
	t.Helper()
	mails := w.Mails(address)
	if len(mails) == 0 {
		t.Fatalf("no mail to %s", address)
	}
	return invitation.FindString(mails[len(mails)-1].Text)
}

func TestQ61AnInvitationIsSentAgainAndOnlyTheNewestOpens(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		var out bytes.Buffer
		s := &streams{nil, &out, &out}
		add := addPerson{Username: "ada", Email: "ada@neri.test", Locale: "en", Invite: true}
		if err := add.create(t.Context(), w.Config, operated{Store: w.Store}, s); err != nil || !strings.HasPrefix(out.String(), "ada is invited by mail") {
			t.Fatalf("%q, %v", out.String(), err)
		}
		first := newest(t, w, add.Email)
		if m := w.Mails(add.Email)[0]; !strings.Contains(m.Text, "An account was created for you.") || strings.Contains(m.Text, "minutes") {
			t.Errorf("the invitation says: %s", m.Text)
		}
		row, err := w.Store.PersonByUsername(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		invite := func() error {
			row, err := w.Store.Person(t.Context(), row.ID)
			if err != nil {
				t.Fatal(err)
			}
			return (&invitePerson{}).send(t.Context(), &found{row, w.Config, operated{Store: w.Store}}, s)
		}
		time.Sleep(24 * time.Hour)
		if err := invite(); err != nil {
			t.Fatal(err)
		}
		second := newest(t, w, add.Email)
		b := w.Browser("ada")
		b.Open(first).WantStatus(410)
		b.Open(second).WantStep("set_password").FillID("password", "tre mele verdi nel cesto").Submit("password-submit").WantStep("password_set")
		if row, err = w.Store.Person(t.Context(), row.ID); err != nil || row.BirthAddress != add.Email {
			t.Errorf("born by %q, %v", row.BirthAddress, err)
		}
		if n := len(w.Records(audit.PersonInvited)); n != 2 {
			t.Errorf("%d records of invitations, want 2", n)
		}

		// Who has a password is not invited any more.
		mails := len(w.Mails(add.Email))
		if err := invite(); err == nil || !strings.Contains(err.Error(), "has a password already") {
			t.Errorf("invited although there is a password: %v", err)
		}
		if n := len(w.Mails(add.Email)); n != mails {
			t.Errorf("%d mails, want %d", n, mails)
		}
	})
}
