package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func keys(t *testing.T, w *world) {
	ctx := t.Context()
	k := &storage.Key{ID: "k1", Alg: "ES256", Sealed: []byte("sealed"), Public: []byte("public"), Created: w.now,
		ActiveFrom: w.in(time.Hour)}
	older := &storage.Key{ID: "k0", Alg: "RS256", Created: w.in(-time.Hour), GoneAt: w.in(time.Hour)}
	gone := &storage.Key{ID: "k-1", Alg: "RS256", Created: w.in(-2 * time.Hour), GoneAt: w.in(-time.Hour)}
	for _, key := range []*storage.Key{k, older, gone} {
		must(t, w.PutKey(ctx, key))
	}
	want(t, "same kid", w.PutKey(ctx, k), storage.ErrConflict)
	got, err := w.Keys(ctx)
	must(t, err)
	same(t, got, []*storage.Key{older, k})
	older.RetiredAt, older.GoneAt = w.now, w.in(-time.Minute)
	must(t, w.UpdateKey(ctx, older))
	want(t, "unknown kid", w.UpdateKey(ctx, &storage.Key{ID: "none"}), storage.ErrNotFound)
	got, err = w.Keys(ctx)
	must(t, err)
	same(t, got, []*storage.Key{k})

	before, err := w.Generation(ctx)
	must(t, err)
	if _, errs := race(t, func(ctx context.Context, _ int) error { return w.BumpGeneration(ctx) }); errs != nil {
		t.Error(errs)
	}
	after, err := w.Generation(ctx)
	must(t, err)
	if before != 0 || after != takers {
		t.Errorf("generation %d, then %d, want 0 and %d", before, after, takers)
	}
}

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

func audit(t *testing.T, w *world) {
	ctx := t.Context()
	person := id()
	var all []*storage.Event
	for i := range 5 {
		ev := w.event("authn.ok", &storage.Grant{PersonID: person, ClientID: "panel", SessionID: "s"})
		ev.At, ev.Reason = w.in(time.Duration(i)*time.Second), "because"
		must(t, w.Append(ctx, ev))
		all = append([]*storage.Event{ev}, all...)
	}
	must(t, w.Append(ctx, &storage.Event{Name: "client.auth.fail", Outcome: "fail"}))
	got, err := w.Events(ctx, person, time.Time{}, 100)
	must(t, err)
	same(t, got, all)
	got, err = w.Events(ctx, person, all[1].At, 2)
	must(t, err)
	same(t, got, all[2:4])
	got, err = w.Events(ctx, "", time.Time{}, 100)
	must(t, err)
	if len(got) != 6 {
		t.Errorf("%d events of everyone, want 6", len(got))
	}
	oldest := all[len(all)-1]
	twin := w.event("authn.fail", &storage.Grant{PersonID: person})
	twin.At, twin.ID = oldest.At, oldest.ID+"a" // the same microsecond
	must(t, w.Append(ctx, twin))
	since, err := w.EventsSince(ctx, oldest.At, oldest.ID, 1)
	must(t, err)
	same(t, since, []*storage.Event{twin})
	since, err = w.EventsSince(ctx, all[3].At, all[3].ID, 2)
	must(t, err)
	same(t, since, []*storage.Event{all[2], all[1]})
	since, err = w.EventsSince(ctx, all[0].At, all[0].ID, 10)
	must(t, err)
	for _, ev := range since {
		if ev.PersonID == person {
			t.Errorf("%s after the last", ev.Name)
		}
	}
	for _, ev := range got {
		if ev.ID == "" || ev.At.IsZero() {
			t.Errorf("%s without id or time", ev.Name)
		}
	}

	t.Run("of many at once each is kept as it was, and one that is refused takes no other along", func(t *testing.T) {
		crowd := id()
		_, errs := race(t, func(ctx context.Context, i int) error {
			for round := range 4 {
				ev := w.event("token.issued", &storage.Grant{PersonID: crowd, ClientID: "panel", SessionID: id()})
				ev.At, ev.Detail = w.in(time.Duration(round*takers+i)*time.Second), []byte(`{"n":"'\\\"{},NULL"}`)
				if i%8 == 3 {
					ev.ID, ev.At = twin.ID, twin.At
				}
				switch err := w.Append(ctx, ev); {
				case i%8 == 3 && !errors.Is(err, storage.ErrConflict):
					return fmt.Errorf("the same again: %v", err)
				case i%8 != 3 && err != nil:
					return err
				}
			}
			return nil
		})
		for _, err := range errs {
			t.Error(err)
		}
		n, _ := w.named(t, crowd, "token.issued")
		if want := 4 * (takers - takers/8); n != want {
			t.Errorf("%d were kept, want %d", n, want)
		}
		got, err := w.Events(ctx, crowd, time.Time{}, 1000)
		must(t, err)
		for _, ev := range got {
			if string(ev.Detail) != `{"n":"'\\\"{},NULL"}` || ev.ClientID != "panel" || ev.SessionID == "" {
				t.Errorf("kept as %+v", ev)
			}
		}
	})
}

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

	t.Run("pauses in a row are counted", func(t *testing.T) {
		key := id()
		must(t, w.Pause(ctx, key, w.in(15*time.Minute), w.now))
		must(t, w.Pause(ctx, key, w.in(10*time.Minute), w.now))
		c, err := w.Counter(ctx, key, w.now)
		must(t, err)
		same(t, c, storage.Counter{Until: w.in(15 * time.Minute), Streak: 1})
		must(t, w.Pause(ctx, key, w.in(45*time.Minute), w.in(15*time.Minute)))
		c, err = w.Bump(ctx, key, time.Hour, w.in(time.Hour))
		must(t, err)
		same(t, c, storage.Counter{Count: 1, Since: w.in(time.Hour), Until: w.in(45 * time.Minute), Streak: 2})
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
