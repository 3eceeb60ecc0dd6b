package storagetest

import (
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// freezes: "it was not me" is kept in the person's row, and lifted once.
func freezes(t *testing.T, w *world) {
	ctx := t.Context()
	is := func(t *testing.T, what string, got, wanted any) {
		t.Helper()
		if got != wanted {
			t.Errorf("%s: %v, want %v", what, got, wanted)
		}
	}
	load := func(t *testing.T, id string) *storage.Person {
		t.Helper()
		p, err := w.Person(ctx, id)
		must(t, err)
		return p
	}
	freeze := func(t *testing.T, p *storage.Person, act time.Duration, mailed bool, via ...string) {
		t.Helper()
		must(t, w.Freeze(ctx, &storage.Freezing{PersonID: p.ID, Act: w.in(act), Mailed: mailed, Until: w.in(24 * time.Hour), Via: via, Now: w.now}))
	}

	t.Run("kept, and never brought down by an older copy of the person", func(t *testing.T) {
		p := w.person(t)
		freeze(t, p, -time.Hour, true, "x@example.test", "a_b%@example.test")
		must(t, w.UpdatePerson(ctx, p))
		got := load(t, p.ID)
		is(t, "since", got.FrozenSince, w.in(-time.Hour))
		is(t, "mailed", got.FrozenMailed, w.in(-time.Hour))
		is(t, "until", got.FrozenUntil, w.in(24*time.Hour))
		is(t, "lifted", got.FrozenLifted.IsZero(), true)
		same(t, got.FrozenVia, []string{"x@example.test", "a_b%@example.test"})
		want(t, "nobody", w.Freeze(ctx, &storage.Freezing{PersonID: "nobody", Act: w.now, Until: w.in(time.Hour), Now: w.now}), storage.ErrNotFound)
	})

	t.Run("of two acts the earlier one counts, and addresses add up", func(t *testing.T) {
		p := w.person(t)
		freeze(t, p, -2*time.Hour, true, "x@example.test")
		freeze(t, p, -time.Hour, true, "y@example.test")
		freeze(t, p, -90*24*time.Hour, false)
		got := load(t, p.ID)
		is(t, "since", got.FrozenSince, w.in(-90*24*time.Hour))
		is(t, "mailed: what a session says lowers it not", got.FrozenMailed, w.in(-2*time.Hour))
		same(t, got.FrozenVia, []string{"x@example.test", "y@example.test"})
	})

	t.Run("one that is over is forgotten", func(t *testing.T) {
		p := w.person(t)
		must(t, w.Freeze(ctx, &storage.Freezing{PersonID: p.ID, Act: w.in(-50 * time.Hour), Mailed: true, Until: w.in(-time.Hour), Via: []string{"x@example.test"}, Now: w.in(-25 * time.Hour)}))
		freeze(t, p, -time.Minute, false)
		got := load(t, p.ID)
		is(t, "since", got.FrozenSince, w.in(-time.Minute))
		is(t, "mailed", got.FrozenMailed.IsZero(), true)
		is(t, "via", len(got.FrozenVia), 0)
	})

	t.Run("of 32 that lift it exactly one does", func(t *testing.T) {
		p := w.person(t)
		freeze(t, p, -time.Hour, true)
		var lifted int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				ok, err := w.Unfreeze(ctx, p.ID, w.now)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if ok {
					lifted++
				}
			})
		}
		all.Wait()
		is(t, "lifted", lifted, 1)
		got := load(t, p.ID)
		is(t, "lifted at", got.FrozenLifted, w.now)
		is(t, "what came since is still known", got.FrozenUntil, w.in(24*time.Hour))
		freeze(t, p, -time.Minute, true)
		got = load(t, p.ID)
		is(t, "frozen again", got.FrozenLifted.IsZero(), true)
		is(t, "by the earlier act", got.FrozenSince, w.in(-time.Hour))
	})

	t.Run("nothing to lift", func(t *testing.T) {
		p := w.person(t)
		ok, err := w.Unfreeze(ctx, p.ID, w.now)
		must(t, err)
		is(t, "never frozen", ok, false)
		freeze(t, p, -time.Hour, true)
		ok, err = w.Unfreeze(ctx, p.ID, w.in(25*time.Hour))
		must(t, err)
		is(t, "over by time", ok, false)
	})

	t.Run("a factor is as old as its confirmation", func(t *testing.T) {
		p := w.person(t)
		f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: true, Created: w.in(-10 * time.Minute)}
		must(t, w.PutFactor(ctx, f))
		must(t, w.ActivateFactor(ctx, f.ID, 5, time.Time{}, w.now))
		got, err := w.Factor(ctx, p.ID, f.ID)
		must(t, err)
		is(t, "created", got.Created, w.now)
	})
}
