package storagetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func outbox(t *testing.T, w *world) {
	ctx := t.Context()
	put := func(t *testing.T) *storage.Message {
		m := &storage.Message{ID: id(), PersonID: id(), Channel: "email", Kind: "code", Sealed: []byte("sealed"),
			Created: w.now, NotAfter: w.in(10 * time.Minute), Due: w.now}
		must(t, w.Enqueue(ctx, m))
		return m
	}
	lease := func(t *testing.T, worker string, at time.Time) []*storage.Message {
		got, err := w.LeaseMessages(ctx, worker, 10, at, time.Minute)
		must(t, err)
		return got
	}

	t.Run("a message is leased, given back, leased again, finished", func(t *testing.T) {
		m := put(t)
		want(t, "twice", w.Enqueue(ctx, m), storage.ErrConflict)
		got := lease(t, "a", w.now)
		m.Attempts = 1
		same(t, got, []*storage.Message{m})
		if again := lease(t, "b", w.now); len(again) != 0 {
			t.Error("leased twice")
		}
		want(t, "another's", w.FinishMessage(ctx, m.ID, "b", "sent", "", w.now), storage.ErrConflict)
		want(t, "another's", w.RetryMessage(ctx, m.ID, "b", w.now), storage.ErrConflict)
		must(t, w.RetryMessage(ctx, m.ID, "a", w.in(time.Minute)))
		if early := lease(t, "b", w.in(30*time.Second)); len(early) != 0 {
			t.Error("leased before its time")
		}
		if n := len(lease(t, "b", w.in(time.Minute))); n != 1 {
			t.Errorf("%d leased when due, want 1", n)
		}
		lost := lease(t, "c", w.in(2*time.Minute)) // b died
		if len(lost) != 1 || lost[0].Attempts != 3 {
			t.Errorf("after the lease %d messages", len(lost))
		}
		n, err := w.OutboxDepth(ctx)
		must(t, err)
		if n != 1 {
			t.Errorf("depth %d, want 1", n)
		}
		must(t, w.FinishMessage(ctx, m.ID, "c", "sent", "", w.now))
		want(t, "finished twice", w.FinishMessage(ctx, m.ID, "c", "sent", "", w.now), storage.ErrConflict)
		n, err = w.OutboxDepth(ctx)
		must(t, err)
		if n != 0 || len(lease(t, "d", w.in(5*time.Minute))) != 0 {
			t.Error("a finished message is still there")
		}
	})

	t.Run("nothing goes out after its time", func(t *testing.T) {
		put(t)
		if late := lease(t, "a", w.in(10*time.Minute)); len(late) != 0 {
			t.Error("leased at its NotAfter")
		}
		for _, m := range lease(t, "a", w.now) {
			must(t, w.FinishMessage(ctx, m.ID, "a", "failed", "gone", w.now))
		}
	})

	t.Run("many workers get every message once", func(t *testing.T) {
		const messages = 100
		for range messages {
			put(t)
		}
		var mu sync.Mutex
		seen := map[string]int{}
		_, errs := race(t, func(ctx context.Context, i int) error {
			for {
				mu.Lock()
				done := len(seen) == messages
				mu.Unlock()
				if done {
					return nil
				}
				got, err := w.LeaseMessages(ctx, fmt.Sprint("worker", i), 7, w.now, time.Hour)
				if err != nil {
					return err
				}
				mu.Lock()
				for _, m := range got {
					seen[m.ID]++
				}
				mu.Unlock()
			}
		})
		for _, err := range errs {
			t.Error(err)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s was leased %d times", id, n)
			}
		}
	})
}
