package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func codes(t *testing.T, w *world) {
	ctx := t.Context()
	fresh := func() *storage.Code {
		c := &storage.Code{ID: id(), Transaction: id(), Purpose: "login", PersonID: id(), ContactID: id(), SentTo: id(),
			Channel: "email", MAC: hash(), MaxTries: 3, Created: w.now, Expires: w.in(10 * time.Minute)}
		must(t, w.PutCode(ctx, c))
		return c
	}
	try := func(c *storage.Code, mac []byte) *storage.CodeTry {
		return &storage.CodeTry{ID: c.ID, Transaction: c.Transaction, Purpose: c.Purpose, PersonID: c.PersonID, MAC: mac, Now: w.now}
	}

	t.Run("wrong, wrong, right, used", func(t *testing.T) {
		c := fresh()
		for left := 2; left > 0; left-- {
			ok, got, err := w.TryCode(ctx, try(c, hash()))
			must(t, err)
			if ok || got != left {
				t.Errorf("wrong code: ok %v, %d left, want %d", ok, got, left)
			}
		}
		ok, _, err := w.TryCode(ctx, try(c, c.MAC))
		must(t, err)
		if !ok {
			t.Error("the right code was refused")
		}
		_, _, err = w.TryCode(ctx, try(c, c.MAC))
		want(t, "again", err, storage.ErrUsed)
		got, err := w.LatestCode(ctx, c.Transaction, c.Purpose)
		must(t, err)
		c.Tries, c.UsedAt = 3, w.now
		same(t, got, c)
	})

	t.Run("three wrong ones kill it", func(t *testing.T) {
		c := fresh()
		for range 3 {
			_, _, err := w.TryCode(ctx, try(c, hash()))
			must(t, err)
		}
		_, _, err := w.TryCode(ctx, try(c, c.MAC))
		want(t, "the right one, too late", err, storage.ErrUsed)
	})

	t.Run("only for its transaction, purpose and person, and in time", func(t *testing.T) {
		c := fresh()
		for name, spoil := range map[string]func(*storage.CodeTry){
			"transaction": func(x *storage.CodeTry) { x.Transaction = "other" },
			"purpose":     func(x *storage.CodeTry) { x.Purpose = "other" },
			"person":      func(x *storage.CodeTry) { x.PersonID = "other" },
			"id":          func(x *storage.CodeTry) { x.ID = "other" },
			"time":        func(x *storage.CodeTry) { x.Now = c.Expires },
		} {
			x := try(c, c.MAC)
			spoil(x)
			ok, _, err := w.TryCode(ctx, x)
			want(t, name, err, storage.ErrNotFound)
			if ok {
				t.Errorf("%s: accepted", name)
			}
		}
		got, err := w.LatestCode(ctx, c.Transaction, c.Purpose)
		must(t, err)
		if got.Tries != 0 {
			t.Errorf("%d tries were counted", got.Tries)
		}
	})

	t.Run("the newest replaces the older ones of its transaction and purpose", func(t *testing.T) {
		old := fresh()
		other := *old
		other.ID, other.Purpose = id(), "verify"
		must(t, w.PutCode(ctx, &other))
		next := *old
		next.ID, next.MAC, next.Created = id(), hash(), w.in(time.Second)
		must(t, w.PutCode(ctx, &next))
		_, _, err := w.TryCode(ctx, try(old, old.MAC))
		want(t, "replaced", err, storage.ErrUsed)
		got, err := w.LatestCode(ctx, next.Transaction, next.Purpose)
		must(t, err)
		same(t, got, &next)
		for _, c := range []*storage.Code{&next, &other} {
			if ok, _, err := w.TryCode(ctx, try(c, c.MAC)); !ok || err != nil {
				t.Errorf("%s: %v %v", c.Purpose, ok, err)
			}
		}
		last, err := w.LastSent(ctx, next.SentTo, w.now)
		must(t, err)
		same(t, last, storage.Sent{At: next.Created, Over: true}) // used
		last, err = w.LastSent(ctx, "none", w.now)
		must(t, err)
		same(t, last, storage.Sent{})
		_, err = w.LatestCode(ctx, "none", "login")
		want(t, "no code", err, storage.ErrNotFound)
	})

	t.Run("one that a page waits for names the browser of its open request, or its live session", func(t *testing.T) {
		p := w.person(t)
		s, q := w.session(t, p), w.request()
		must(t, w.CreateRequest(ctx, q, 20, 200))
		put := func(change func(*storage.Code)) *storage.Code {
			c := &storage.Code{ID: id(), Transaction: id(), Purpose: "login", PersonID: p.ID, ContactID: id(),
				Channel: "email", MAC: hash(), MaxTries: 3, Created: w.now, Expires: w.in(10 * time.Minute)}
			change(c)
			must(t, w.PutCode(ctx, c))
			return c
		}
		waits := func(c *storage.Code, browser, session []byte) {
			t.Helper()
			got, err := w.AwaitedCode(ctx, c.ID, w.now)
			must(t, err)
			same(t, got, &storage.Awaited{Code: *c, Browser: browser, Session: session, Profile: p.Profile})
		}
		asked, inside := put(func(c *storage.Code) { c.RequestHash = q.Hash }), put(func(c *storage.Code) { c.SessionID = s.ID })
		waits(asked, q.BrowserHash, nil)
		waits(inside, nil, s.Hash)
		must(t, w.FinishRequest(ctx, q.Hash, w.now))
		must(t, w.end(ctx, s))
		waits(asked, nil, nil)
		waits(inside, nil, nil)
		_, err := w.AwaitedCode(ctx, "none", w.now)
		want(t, "no code", err, storage.ErrNotFound)
	})

	t.Run("the last one is over when it, or what it was asked in, is over", func(t *testing.T) {
		over := func(c *storage.Code, at time.Time) bool {
			t.Helper()
			last, err := w.LastSent(ctx, c.SentTo, at)
			must(t, err)
			same(t, last.At, c.Created)
			return last.Over
		}
		put := func(change func(*storage.Code)) *storage.Code {
			c := &storage.Code{ID: id(), Transaction: id(), Purpose: "login", PersonID: id(), ContactID: id(), SentTo: id(),
				Channel: "email", MAC: hash(), MaxTries: 3, Created: w.now, Expires: w.in(10 * time.Minute)}
			change(c)
			must(t, w.PutCode(ctx, c))
			return c
		}
		q, s := w.request(), w.session(t, w.person(t))
		must(t, w.CreateRequest(ctx, q, 0, 0))
		alone := put(func(*storage.Code) {})
		asked := put(func(c *storage.Code) { c.RequestHash = q.Hash })
		inside := put(func(c *storage.Code) { c.SessionID = s.ID })
		for name, c := range map[string]*storage.Code{"alone": alone, "in a request": asked, "in a session": inside} {
			if over(c, w.now) {
				t.Errorf("%s: over at once", name)
			}
		}
		if over(alone, w.in(time.Hour)) || !over(asked, q.Expires) || !over(inside, s.Expires) {
			t.Error("when they expire")
		}
		must(t, w.FinishRequest(ctx, q.Hash, w.now))
		must(t, w.end(ctx, s))
		must(t, w.DropCodes(ctx, alone.Transaction, "another", w.now))
		if over(alone, w.now) || !over(asked, w.now) || !over(inside, w.now) {
			t.Error("when they end")
		}
		must(t, w.DropCodes(ctx, alone.Transaction, alone.Purpose, w.now))
		if !over(alone, w.now) {
			t.Error("when it is dropped")
		}
		_, _, err := w.TryCode(ctx, try(alone, alone.MAC))
		want(t, "a dropped one", err, storage.ErrUsed)
		next := put(func(c *storage.Code) { c.SentTo = alone.SentTo }) // in the same moment
		if over(next, w.now) {
			t.Error("the older one was taken for the last")
		}
	})

	t.Run("of many right ones one wins", func(t *testing.T) {
		c := fresh()
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			_, _, err := w.TryCode(ctx, try(c, c.MAC))
			return err
		})
	})

	t.Run("of many wrong ones three are counted", func(t *testing.T) {
		c := fresh()
		won, _ := race(t, func(ctx context.Context, _ int) error {
			_, _, err := w.TryCode(ctx, try(c, hash()))
			return err
		})
		if won != 3 {
			t.Errorf("%d tries, want 3", won)
		}
	})
}

func federations(t *testing.T, w *world) {
	ctx := t.Context()
	fresh := func() *storage.Federation {
		f := &storage.Federation{StateHash: hash(), Provider: "google", RequestID: id(), BrowserHash: hash(),
			Sealed: []byte("sealed"), Created: w.now, Expires: w.in(10 * time.Minute)}
		must(t, w.PutFederation(ctx, f))
		return f
	}

	t.Run("a state is for one provider and one browser, in time", func(t *testing.T) {
		f := fresh()
		_, err := w.TakeFederation(ctx, f.StateHash, "facebook", f.BrowserHash, w.now)
		want(t, "other provider", err, storage.ErrNotFound)
		_, err = w.TakeFederation(ctx, f.StateHash, f.Provider, hash(), w.now)
		want(t, "other browser", err, storage.ErrNotFound)
		_, err = w.TakeFederation(ctx, f.StateHash, f.Provider, f.BrowserHash, f.Expires)
		want(t, "expired", err, storage.ErrNotFound)
		got, err := w.TakeFederation(ctx, f.StateHash, f.Provider, f.BrowserHash, w.now)
		must(t, err)
		same(t, got, f)
		want(t, "same state", w.PutFederation(ctx, f), nil)
		want(t, "same state twice", w.PutFederation(ctx, f), storage.ErrConflict)
	})

	t.Run("of many takers one gets it", func(t *testing.T) {
		f := fresh()
		oneWinner(t, storage.ErrNotFound, func(ctx context.Context, _ int) error {
			_, err := w.TakeFederation(ctx, f.StateHash, f.Provider, f.BrowserHash, w.now)
			return err
		})
	})
}
