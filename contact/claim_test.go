package contact

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mailaddress"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
	"github.com/soglia-sso/soglia/user"
)

func address(t *testing.T, s string) mailaddress.Address {
	t.Helper()
	a, err := user.Email(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAClaimedAddressIsAContactOnceItsCodeCame(t *testing.T) {
	ctx := t.Context()
	db, err := sql.Open(ctx, storagetest.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	now := db.Now()
	p, err := user.Create(ctx, db, user.New{Username: "anna", Emails: []user.NewEmail{{Address: "old@x.test", Verified: true}}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	claim := &Claim{Box: box, Person: p, Transaction: "t", RestsUntil: now.Add(time.Hour), Now: now}
	if none, err := claim.Load(ctx, db); none != nil || err != nil {
		t.Fatalf("before the claim: %+v, %v", none, err)
	}
	if err := claim.Put(ctx, db, address(t, "New@x.test"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	waits, err := claim.Load(ctx, db)
	if err != nil || waits == nil || waits.Canonical != "new@x.test" || waits.Primary || !waits.RestsUntil.Equal(claim.RestsUntil) {
		t.Fatalf("claimed: %+v, %v", waits, err)
	}
	if now, err := db.Person(ctx, p.ID); err != nil || len(now.Contacts) != 1 {
		t.Fatalf("only claimed, and a contact: %+v, %v", now, err)
	}

	change, err := claim.Prove(ctx, db, waits)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	by := By{
		Record: func(name string) *storage.Event { return &storage.Event{Name: name, PersonID: p.ID, At: now} },
		Notice: func(_ context.Context, _ storage.Records, who *storage.Person, kind string, _ session.Client, _ time.Time) error {
			told = append(told, fmt.Sprint(kind, " at ", len(who.Contacts)))
			return nil
		},
		Now: now,
	}
	if err := change.Make(ctx, db, p, by); err != nil {
		t.Fatal(err)
	}
	if _, err := claim.Prove(ctx, db, waits); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("proved twice: %v", err)
	}
	whole, err := db.Person(ctx, p.ID)
	if err != nil || len(whole.Contacts) != 2 {
		t.Fatalf("proved: %+v, %v", whole, err)
	}

	// The proved one goes when it is said in as many words, on record, and its owner is told at the addresses of before.
	gone := Compare(whole, Wanted{Emails: []string{"old@x.test"}, Gone: []string{"new@x.test"}}, now, now)
	if err := gone.Make(ctx, db, whole, by); err != nil {
		t.Fatal(err)
	}
	if want := "[contact_changed at 1 contact_removed at 2]"; fmt.Sprint(told) != want {
		t.Errorf("told %v, want %s", told, want)
	}
	events, err := db.Events(ctx, p.ID, now.Add(time.Hour), 10)
	if err != nil || len(events) != 1 || events[0].Name != audit.ContactRemoved || events[0].Reason != "email" {
		t.Errorf("on record: %+v, %v", events, err)
	}
}

func TestAStrangerHasUsWriteToFewMailboxes(t *testing.T) {
	ctx := t.Context()
	db, err := sql.Open(ctx, storagetest.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	put := func(person, to string) error {
		c := &Claim{Box: box, Person: &storage.Person{ID: person}, Transaction: person, Now: db.Now()}
		return c.Put(ctx, db, address(t, to), c.Now.Add(time.Hour))
	}
	var wait *mfa.Wait
	for i := range perPerson + 1 {
		if err := put("one", fmt.Sprintf("%d@x.test", i)); errors.As(err, &wait) != (i == perPerson) {
			t.Errorf("address %d of one person: %v", i+1, err)
		}
	}
	for i := range perMailbox + 1 {
		if err := put(fmt.Sprint("p", i), "same@x.test"); errors.As(err, &wait) != (i == perMailbox) {
			t.Errorf("person %d at one mailbox: %v", i+1, err)
		}
	}
}
