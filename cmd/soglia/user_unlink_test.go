package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// A linked login that somebody else put on the account could be taken away by nobody (the kind of Q22).
func TestQ22ALinkedLoginIsTakenAwayByTheOperator(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		link := func(subject string) {
			t.Helper()
			err := w.Store.PutIdentity(t.Context(), &storage.Identity{
				Provider: "social", Subject: subject, PersonID: w.U2.ID, ProvedAt: time.Now(), Created: time.Now(),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		unlink := func(c unlinkLogin) (string, error) {
			t.Helper()
			row, err := w.Store.Person(t.Context(), w.U2.ID)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = c.take(t.Context(), &found{row, w.Config, operated{Store: w.Store}}, &streams{nil, &out, &out})
			return out.String(), err
		}
		b, other := w.Browser("thief"), w.Browser("vera")
		strong := w.SignedIn(b, w.RP1, w.U2)
		w.SignedIn(other, w.RP1, w.V)

		if _, err := unlink(unlinkLogin{Provider: "social"}); err == nil || !strings.Contains(err.Error(), "no such login") {
			t.Errorf("none: %v", err)
		}
		link("s1")
		link("s2")
		if _, err := unlink(unlinkLogin{Provider: "social"}); err == nil || !strings.Contains(err.Error(), "--subject") {
			t.Errorf("one of two: %v", err)
		}
		b.Open(w.RP1.Login("prompt", "none"))
		if got := w.RP1.Last().Error; got != "" {
			t.Errorf("signed out for nothing: %s", got)
		}
		said, err := unlink(unlinkLogin{Provider: "social", Subject: "s2"})
		if err != nil || !strings.HasPrefix(said, "social/s2 was taken away from dora;") {
			t.Fatalf("%q, %v", said, err)
		}

		if row, err := w.Store.Person(t.Context(), w.U2.ID); err != nil || len(row.Identities) != 1 || row.Identities[0].Subject != "s1" {
			t.Errorf("left: %+v, %v", row.Identities, err)
		}
		b.Open(w.RP1.Login("prompt", "none"))
		if got := w.RP1.Last().Error; got != "login_required" {
			t.Errorf("a session lives on: %q", got)
		}
		if _, err := w.RP1.Refresh(strong.Token.RefreshToken); err == nil {
			t.Error("the panel's refresh token lives on")
		}
		other.Open(w.RP1.Login("prompt", "none"))
		if got := w.RP1.Last().Error; got != "" {
			t.Errorf("somebody else was signed out: %s", got)
		}
		told := w.Mails(w.U2.Email)
		if last := told[len(told)-1]; last.Kind != "notice" || !strings.Contains(last.Text, "was disconnected from your account") {
			t.Errorf("told: %+v", last)
		}
		if gone := w.Records(audit.IDPUnlink); len(gone) != 1 || gone[0].Actor != operator || gone[0].Reason != "social" || gone[0].PersonID != w.U2.ID {
			t.Errorf("the record: %+v", gone)
		}
	})
}

// Who has nothing else would be shut out for good: the account is locked instead, or gets an address first.
func TestTheLastWayInIsNotTakenAway(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &storage.Person{ID: "p", Username: "solo", Canonical: "solo", Created: time.Now(), Identities: []*storage.Identity{
			{Provider: "social", Subject: "s", ProvedAt: time.Now(), Created: time.Now()},
		}}
		if err := w.Store.CreatePerson(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		err := (&unlinkLogin{Provider: "social"}).take(t.Context(), &found{p, w.Config, operated{Store: w.Store}}, &streams{})
		if err == nil || !strings.Contains(err.Error(), "no other way in") {
			t.Errorf("%v", err)
		}
	})
}
