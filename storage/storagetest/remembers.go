package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func remembers(t *testing.T, w *world) {
	ctx := t.Context()
	fresh := func(personID string) *storage.Remember {
		m := &storage.Remember{Hash: hash(), PersonID: personID, IP: "192.0.2.1", UserAgent: "UA", Created: w.now,
			Expires: w.in(24 * time.Hour)}
		must(t, w.PutRemember(ctx, m))
		return m
	}
	take := func(m *storage.Remember) error {
		_, err := w.TakeRemember(ctx, m.Hash, w.now)
		return err
	}

	t.Run("each use is the only one, in time", func(t *testing.T) {
		m := fresh(id())
		want(t, "same cookie", w.PutRemember(ctx, m), storage.ErrConflict)
		_, err := w.TakeRemember(ctx, m.Hash, m.Expires)
		want(t, "expired", err, storage.ErrNotFound)
		_, err = w.TakeRemember(ctx, hash(), w.now)
		want(t, "unknown", err, storage.ErrNotFound)
		got, err := w.TakeRemember(ctx, m.Hash, w.now)
		must(t, err)
		same(t, got, m)
		_, err = w.TakeRemember(ctx, m.Hash, m.Expires)
		want(t, "used and expired", err, storage.ErrNotFound)
	})

	t.Run("a used one that comes back takes all of its person's with it", func(t *testing.T) {
		anna, ben := id(), fresh(id())
		first, elsewhere := fresh(anna), fresh(anna)
		must(t, take(first))
		next := fresh(anna)
		want(t, "came back", take(first), storage.ErrUsed)
		want(t, "its successor", take(next), storage.ErrNotFound)
		want(t, "another browser", take(elsewhere), storage.ErrNotFound)
		want(t, "came back again", take(first), storage.ErrUsed)
		must(t, take(ben))
	})

	t.Run("theft is dealt with whatever becomes of the caller's transaction", func(t *testing.T) {
		anna := id()
		first := fresh(anna)
		must(t, take(first))
		next := fresh(anna)
		err := w.Tx(ctx, func(r storage.Records) error {
			_, err := r.TakeRemember(ctx, first.Hash, w.now)
			return err
		})
		want(t, "came back", err, storage.ErrUsed)
		want(t, "its successor", take(next), storage.ErrNotFound)
	})

	t.Run("one browser is forgotten, or all of a person's", func(t *testing.T) {
		anna, ben := id(), fresh(id())
		a, b, c := fresh(anna), fresh(anna), fresh(anna)
		dropped := func(of string) bool {
			was, err := w.DropRememberOf(ctx, a.Hash, of)
			must(t, err)
			return was
		}
		if dropped(ben.PersonID) || !dropped(anna) || dropped(anna) {
			t.Error("forgotten for another person, or not once for its own")
		}
		a = fresh(anna)
		must(t, w.DropRemember(ctx, a.Hash))
		must(t, w.DropRemember(ctx, a.Hash))
		want(t, "forgotten", take(a), storage.ErrNotFound)
		must(t, take(b))
		must(t, w.DropRemembers(ctx, anna))
		want(t, "all forgotten", take(c), storage.ErrNotFound)
		must(t, take(ben))
	})

	t.Run("of many takers one gets it", func(t *testing.T) {
		m := fresh(id())
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			_, err := w.TakeRemember(ctx, m.Hash, w.now)
			return err
		})
	})
}
