package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func sessions(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a live session comes with its person", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		got, who, err := w.SessionByHash(ctx, s.Hash, w.now)
		must(t, err)
		same(t, got, s)
		same(t, who, p, noSecret)
		got, err = w.Session(ctx, s.ID)
		must(t, err)
		same(t, got, s)
	})

	t.Run("it is judged on the time of the caller", func(t *testing.T) {
		s := w.session(t, w.person(t))
		for name, c := range map[string]struct {
			at   time.Time
			want error
		}{
			"before the idle limit": {s.IdleUntil.Add(-time.Microsecond), nil},
			"at the idle limit":     {s.IdleUntil, storage.ErrNotFound},
			"past the end":          {s.Expires, storage.ErrNotFound},
		} {
			_, _, err := w.SessionByHash(ctx, s.Hash, c.at)
			want(t, name, err, c.want)
		}
		_, _, err := w.SessionByHash(ctx, hash(), w.now)
		want(t, "unknown hash", err, storage.ErrNotFound)
		_, err = w.Session(ctx, "none")
		want(t, "unknown id", err, storage.ErrNotFound)
	})

	t.Run("the count has live sessions of everybody", func(t *testing.T) {
		count := func(at time.Time) int {
			t.Helper()
			n, err := w.LiveSessions(ctx, at)
			must(t, err)
			return n
		}
		before, p := count(w.now), w.person(t)
		ended, kept := w.session(t, p), w.session(t, w.person(t))
		if n := count(w.now); n != before+2 {
			t.Errorf("%d after two more than %d", n, before)
		}
		must(t, w.end(ctx, ended))
		if n := count(w.now); n != before+1 {
			t.Errorf("%d after one of two has ended, from %d", n, before)
		}
		if early, late := count(kept.IdleUntil.Add(-time.Microsecond)), count(kept.IdleUntil); early <= late {
			t.Errorf("%d before the idle limit, %d at it", early, late)
		}
	})

	t.Run("rotation gives a new secret once per version", func(t *testing.T) {
		s := w.session(t, w.person(t))
		old := *s
		s.Events = []byte(`[{"method":"pwd"},{"method":"totp"}]`)
		next := hash()
		must(t, w.RotateSession(ctx, s, next, w.now))
		if s.Version != old.Version+1 {
			t.Errorf("version %d after %d", s.Version, old.Version)
		}
		_, _, err := w.SessionByHash(ctx, old.Hash, w.now)
		want(t, "old secret", err, storage.ErrNotFound)
		got, _, err := w.SessionByHash(ctx, next, w.now)
		must(t, err)
		same(t, got, s)
		want(t, "stale version", w.RotateSession(ctx, &old, hash(), w.now), storage.ErrConflict)
		oneWinner(t, storage.ErrConflict, func(ctx context.Context, _ int) error {
			mine := *s
			return w.RotateSession(ctx, &mine, hash(), w.now)
		})
	})

	t.Run("an ended session does not rotate", func(t *testing.T) {
		s := w.session(t, w.person(t))
		must(t, w.end(ctx, s))
		want(t, "rotate", w.RotateSession(ctx, s, hash(), w.now), storage.ErrConflict)
	})

	t.Run("activity is written at most once a minute", func(t *testing.T) {
		s := w.session(t, w.person(t))
		touched := func(after, idle time.Duration) time.Time {
			must(t, w.TouchSession(ctx, s.ID, w.in(after), w.in(idle)))
			got, err := w.Session(ctx, s.ID)
			must(t, err)
			return got.IdleUntil
		}
		if got := touched(0, 2*time.Hour); !got.Equal(w.in(2 * time.Hour)) {
			t.Errorf("idle until %v", got)
		}
		if got := touched(time.Minute, 3*time.Hour); !got.Equal(w.in(2 * time.Hour)) {
			t.Errorf("moved again within the minute: %v", got)
		}
		if got := touched(time.Minute+time.Second, 3*time.Hour); !got.Equal(w.in(3 * time.Hour)) {
			t.Errorf("not moved after the minute: %v", got)
		}
		if got := touched(4*time.Hour, 9*time.Hour); !got.Equal(w.in(3 * time.Hour)) {
			t.Errorf("an idle session came back to life: %v", got)
		}
	})

	t.Run("Q73 the grain of a short limit is a quarter of it", func(t *testing.T) {
		s := w.session(t, w.person(t))
		for _, c := range []struct{ after, idle, until time.Duration }{
			{0, 40 * time.Second, 40 * time.Second},
			{9 * time.Second, 49 * time.Second, 40 * time.Second},
			{11 * time.Second, 51 * time.Second, 51 * time.Second},
			{50 * time.Second, 90 * time.Second, 90 * time.Second},
		} {
			must(t, w.TouchSession(ctx, s.ID, w.in(c.after), w.in(c.idle)))
			got, err := w.Session(ctx, s.ID)
			must(t, err)
			if !got.IdleUntil.Equal(w.in(c.until)) {
				t.Errorf("touched after %v: idle for %v, want %v", c.after, got.IdleUntil.Sub(w.now), c.until)
			}
		}
		s = w.session(t, w.person(t))
		g, x := w.redeemed(t, s)
		must(t, w.TouchSession(ctx, s.ID, w.now, w.in(40*time.Second)))
		y := w.rotation(g, x.RefreshHash)
		y.Now, y.IdleUntil = w.in(20*time.Second), w.in(time.Minute)
		must(t, w.Refresh(ctx, y))
		got, err := w.Session(ctx, s.ID)
		must(t, err)
		if !got.IdleUntil.Equal(y.IdleUntil) {
			t.Errorf("a refresh after half of the limit: idle for %v", got.IdleUntil.Sub(w.now))
		}
	})

	t.Run("the list has live sessions, last seen first", func(t *testing.T) {
		p := w.person(t)
		first, second := w.session(t, p), w.session(t, p)
		must(t, w.TouchSession(ctx, second.ID, w.now, w.in(2*time.Hour)))
		list, err := w.SessionsOf(ctx, p.ID, w.now)
		must(t, err)
		if len(list) != 2 || list[0].ID != second.ID || list[1].ID != first.ID {
			t.Errorf("%d sessions in the wrong order", len(list))
		}
		list, err = w.SessionsOf(ctx, p.ID, w.in(13*time.Hour))
		must(t, err)
		if len(list) != 0 {
			t.Errorf("%d sessions after their end", len(list))
		}
	})
}

func quarantines(t *testing.T, w *world) {
	ctx := t.Context()
	p := w.person(t)
	fresh := func() *storage.Quarantine {
		q := &storage.Quarantine{ID: id(), PersonID: p.ID, Hash: hash(), Events: []byte(`[]`), IP: "192.0.2.1",
			UserAgent: "UA", Created: w.now, Expires: w.in(30 * time.Minute)}
		must(t, w.CreateQuarantine(ctx, q))
		return q
	}

	t.Run("it comes with its person until it expires", func(t *testing.T) {
		q := fresh()
		got, who, err := w.QuarantineByHash(ctx, q.Hash, w.now)
		must(t, err)
		same(t, got, q)
		same(t, who, p, noSecret)
		_, _, err = w.QuarantineByHash(ctx, q.Hash, q.Expires)
		want(t, "expired", err, storage.ErrNotFound)
	})

	t.Run("of many takers one gets it", func(t *testing.T) {
		q := fresh()
		oneWinner(t, storage.ErrNotFound, func(ctx context.Context, _ int) error {
			got, err := w.TakeQuarantine(ctx, q.ID)
			if err == nil {
				same(t, got, q)
			}
			return err
		})
		_, _, err := w.QuarantineByHash(ctx, q.Hash, w.now)
		want(t, "taken", err, storage.ErrNotFound)
	})
}
