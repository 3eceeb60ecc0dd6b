package storagetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// reverts: changes of the contacts that wait to be taken back, each by itself and once.
func reverts(t *testing.T, w *world) {
	ctx := t.Context()
	fresh := func(personID, address string) *storage.Revert {
		r := &storage.Revert{Hash: hash(), PersonID: personID, Address: address, Data: []byte(`{"added":["c"]}`), Created: w.now, Expires: w.in(72 * time.Hour)}
		must(t, w.PutRevert(ctx, r))
		return r
	}
	t.Run("G09 two of a person wait at once, and outlive their links", func(t *testing.T) {
		p := w.person(t)
		one, two := fresh(p.ID, "x@example.com"), fresh(p.ID, "x@example.com")
		must(t, w.DropLinks(ctx, p.ID, w.now))
		for _, r := range []*storage.Revert{one, two} {
			got, err := w.Revert(ctx, r.Hash, w.now)
			must(t, err)
			same(t, got, r)
		}
		got, err := w.TakeRevert(ctx, one.Hash, w.in(time.Minute))
		must(t, err)
		one.UsedAt = w.in(time.Minute)
		same(t, got, one)
		_, err = w.TakeRevert(ctx, one.Hash, w.in(time.Minute))
		want(t, "again", err, storage.ErrNotFound)
		_, err = w.Revert(ctx, two.Hash, w.now)
		must(t, err)
		_, err = w.TakeRevert(ctx, two.Hash, two.Expires)
		want(t, "late", err, storage.ErrNotFound)
	})
	t.Run("those of one address die with it", func(t *testing.T) {
		p, q := w.person(t), w.person(t)
		gone, other, theirs := fresh(p.ID, "x@example.com"), fresh(p.ID, "y@example.com"), fresh(q.ID, "x@example.com")
		must(t, w.DropReverts(ctx, p.ID, "x@example.com", w.now))
		_, err := w.TakeRevert(ctx, gone.Hash, w.now)
		want(t, "dropped", err, storage.ErrNotFound)
		for _, r := range []*storage.Revert{other, theirs} {
			_, err := w.TakeRevert(ctx, r.Hash, w.now)
			must(t, err)
		}
	})
	t.Run("of many takers one wins", func(t *testing.T) {
		r := fresh(w.person(t).ID, "x@example.com")
		var won atomic.Int32
		var all sync.WaitGroup
		for range takers {
			all.Go(func() {
				if _, err := w.TakeRevert(ctx, r.Hash, w.now); err == nil {
					won.Add(1)
				} else if !errors.Is(err, storage.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := won.Load(); n != 1 {
			t.Errorf("%d won", n)
		}
	})
}
