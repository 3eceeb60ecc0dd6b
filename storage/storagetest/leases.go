package storagetest

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func leases(t *testing.T, w *world) {
	ctx := t.Context()
	take := func(holder string, after time.Duration) bool {
		ok, err := w.Lease(ctx, "sweep", holder, w.in(after), time.Minute)
		must(t, err)
		return ok
	}
	for _, c := range []struct {
		name, holder string
		after        time.Duration
		want         bool
	}{
		{"free", "a", 0, true},
		{"held by another", "b", 59 * time.Second, false},
		{"renewed by its holder", "a", 59 * time.Second, true},
		{"still held", "b", 70 * time.Second, false},
		{"run out", "b", 2 * time.Minute, true},
		{"lost", "a", 2 * time.Minute, false},
	} {
		if got := take(c.holder, c.after); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	must(t, w.Release(ctx, "sweep", "a")) // not a's any more
	if take("a", 2*time.Minute) {
		t.Error("released by somebody else")
	}
	must(t, w.Release(ctx, "sweep", "b"))
	if !take("a", 2*time.Minute) {
		t.Error("released, yet not free")
	}
	oneWinner(t, errTaken, func(ctx context.Context, i int) error {
		ok, err := w.Lease(ctx, "rotate", fmt.Sprint(i), w.now, time.Minute)
		if err == nil && !ok {
			err = errTaken
		}
		return err
	})
}
