package storagetest

import (
	"errors"
	"testing"

	"github.com/soglia-sso/soglia/storage"
)

func transactions(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("all or nothing", func(t *testing.T) {
		p := w.person(t)
		boom := errors.New("boom")
		err := w.Tx(ctx, func(r storage.Records) error {
			p.Locale = "de"
			must(t, r.UpdatePerson(ctx, p))
			got, err := r.Person(ctx, p.ID)
			must(t, err)
			if got.Locale != "de" {
				t.Error("a transaction does not see what it wrote")
			}
			return boom
		})
		want(t, "transaction", err, boom)
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		if got.Locale != "it" {
			t.Error("rolled back, yet written")
		}
	})

	t.Run("methods with transactions of their own join", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		must(t, w.Tx(ctx, func(r storage.Records) error {
			g := w.newGrant(s)
			must(t, r.IssueCode(ctx, g, s.Version, w.event("authz.granted", g)))
			x := w.redemption(g)
			err := r.Redeem(ctx, x)
			must(t, err)
			must(t, r.Refresh(ctx, w.rotation(g, x.RefreshHash)))
			_, err = r.EndSessions(ctx, storage.SessionEnd{PersonID: p.ID, Only: s.ID, Reason: "logout", Now: w.now})
			must(t, err)
			return r.PutRecoveryCodes(ctx, p.ID, [][]byte{hash()}, w.now)
		}))
		_, _, err := w.SessionByHash(ctx, s.Hash, w.now)
		want(t, "ended inside", err, storage.ErrNotFound)
	})

	t.Run("a conflict does not spoil the transaction", func(t *testing.T) {
		p := w.person(t)
		must(t, w.Tx(ctx, func(r storage.Records) error {
			want(t, "same name", r.CreatePerson(ctx, &storage.Person{ID: id(), Canonical: p.Canonical}), storage.ErrConflict)
			return r.Append(ctx, &storage.Event{Name: "after"})
		}))
	})

	t.Run("a panic rolls back and gives the connection back", func(t *testing.T) {
		p := w.person(t)
		for range 3 {
			func() {
				defer func() { _ = recover() }()
				_ = w.Tx(ctx, func(r storage.Records) error {
					must(t, r.RemoveContact(ctx, p.ID, p.Contacts[0].ID))
					panic("boom")
				})
			}()
		}
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		if len(got.Contacts) != 2 {
			t.Error("a panic wrote")
		}
	})

	t.Run("it is ready", func(t *testing.T) { must(t, w.Ready(ctx)) })
}
