package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func limits(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("hits count within a window and begin anew after it", func(t *testing.T) {
		key := id()
		bump := func(d time.Duration) storage.Counter {
			c, err := w.Bump(ctx, key, time.Hour, w.in(d))
			must(t, err)
			return c
		}
		same(t, bump(0), storage.Counter{Count: 1, Since: w.now})
		same(t, bump(59*time.Minute), storage.Counter{Count: 2, Since: w.now})
		c, err := w.Counter(ctx, key, w.in(59*time.Minute))
		must(t, err)
		same(t, c, storage.Counter{Count: 2, Since: w.now})
		c, err = w.Counter(ctx, key, w.in(time.Hour))
		must(t, err)
		same(t, c, storage.Counter{})
		same(t, bump(time.Hour), storage.Counter{Count: 1, Since: w.in(time.Hour)})
		other, kept := id(), id()
		for _, k := range []string{other, kept} {
			_, err := w.Bump(ctx, k, time.Hour, w.now)
			must(t, err)
		}
		must(t, w.ResetCounter(ctx, key, other))
		for k, n := range map[string]int{key: 0, other: 0, kept: 1} {
			c, err := w.Counter(ctx, k, w.now)
			must(t, err)
			if c.Count != n {
				t.Errorf("after a reset of two counters one is at %d, want %d", c.Count, n)
			}
		}
	})

	t.Run("a tally forgets and counts at once", func(t *testing.T) {
		old, kept, fresh := id(), id(), id()
		for _, k := range []string{old, kept} {
			_, err := w.Bump(ctx, k, time.Hour, w.now)
			must(t, err)
		}
		hits := []storage.Hit{{Key: kept, Window: time.Hour}, {Key: fresh, Window: time.Minute}}
		got, err := w.Tally(ctx, []string{old}, w.in(time.Minute), hits...)
		must(t, err)
		same(t, got, []storage.Counter{{Count: 2, Since: w.now}, {Count: 1, Since: w.in(time.Minute)}})
		got, err = w.Tally(ctx, nil, w.in(2*time.Minute), hits[1], hits[0])
		must(t, err)
		same(t, got, []storage.Counter{{Count: 1, Since: w.in(2 * time.Minute)}, {Count: 3, Since: w.now}})
		c, err := w.Counter(ctx, old, w.now)
		must(t, err)
		same(t, c, storage.Counter{})
		got, err = w.Tally(ctx, []string{kept}, w.now)
		must(t, err)
		same(t, len(got), 0)
		c, err = w.Counter(ctx, kept, w.now)
		must(t, err)
		same(t, c, storage.Counter{})
	})

	t.Run("parallel tallies lose no hit", func(t *testing.T) {
		gone, one, two := id(), id(), id()
		_, errs := race(t, func(ctx context.Context, _ int) error {
			_, err := w.Tally(ctx, []string{gone}, w.now, storage.Hit{Key: one, Window: time.Hour}, storage.Hit{Key: two, Window: time.Hour})
			return err
		})
		for _, err := range errs {
			t.Error(err)
		}
		for _, k := range []string{one, two} {
			c, err := w.Counter(ctx, k, w.now)
			must(t, err)
			same(t, c.Count, takers)
		}
	})

	t.Run("a pause may only be lengthened", func(t *testing.T) {
		key := id()
		must(t, w.Pause(ctx, key, w.in(15*time.Minute)))
		must(t, w.Pause(ctx, key, w.in(10*time.Minute)))
		c, err := w.Counter(ctx, key, w.now)
		must(t, err)
		same(t, c, storage.Counter{Until: w.in(15 * time.Minute)})
		must(t, w.Pause(ctx, key, w.in(45*time.Minute)))
		c, err = w.Bump(ctx, key, time.Hour, w.in(time.Hour))
		must(t, err)
		same(t, c, storage.Counter{Count: 1, Since: w.in(time.Hour), Until: w.in(45 * time.Minute)})
	})

	t.Run("parallel hits are all counted", func(t *testing.T) {
		key := id()
		seen := make([]int, takers)
		_, errs := race(t, func(ctx context.Context, i int) error {
			c, err := w.Bump(ctx, key, time.Hour, w.now)
			seen[i] = c.Count
			return err
		})
		for _, err := range errs {
			t.Error(err)
		}
		each := map[int]bool{}
		for _, n := range seen {
			each[n] = true
		}
		if len(each) != takers || !each[1] || !each[takers] {
			t.Errorf("counts %v, want each of 1 to %d", seen, takers)
		}
	})
}
