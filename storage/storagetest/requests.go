package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func (w *world) request() *storage.Request {
	return &storage.Request{
		Hash: hash(), ClientID: "panel", BrowserHash: hash(), IP: id(), Params: []byte(`{"state":"s"}`),
		Asked: []byte(`{"acr":"mfa"}`), Created: w.now, Expires: w.in(30 * time.Minute),
	}
}

func requests(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a request is found until it expires", func(t *testing.T) {
		q := w.request()
		must(t, w.CreateRequest(ctx, q, 20, 200))
		got, err := w.Request(ctx, q.Hash, w.now)
		must(t, err)
		same(t, got, q)
		_, err = w.Request(ctx, q.Hash, q.Expires)
		want(t, "expired", err, storage.ErrNotFound)
		want(t, "same id", w.CreateRequest(ctx, q, 20, 200), storage.ErrConflict)
	})

	t.Run("it is found with the browser's session", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		_, person, err := w.SessionByHash(ctx, s.Hash, w.now)
		must(t, err)
		bound, unbound := w.request(), w.request()
		bound.BrowserHash, unbound.BrowserHash = hash(), nil
		for _, q := range []*storage.Request{bound, unbound} {
			must(t, w.CreateRequest(ctx, q, 20, 200))
			got, session, who, err := w.RequestInSession(ctx, q.Hash, s.Hash, w.now)
			must(t, err)
			same(t, got, q)
			same(t, session, s)
			same(t, who, person)
			got, session, who, err = w.RequestInSession(ctx, q.Hash, hash(), w.now)
			must(t, err)
			same(t, got, q)
			if session != nil || who != nil {
				t.Error("the session of another hash")
			}
		}
		_, _, _, err = w.RequestInSession(ctx, hash(), s.Hash, w.now)
		want(t, "unknown", err, storage.ErrNotFound)
		_, _, _, err = w.RequestInSession(ctx, bound.Hash, s.Hash, bound.Expires)
		want(t, "expired", err, storage.ErrNotFound)
	})

	t.Run("an update is refused once the version moved on", func(t *testing.T) {
		q := w.request()
		q.BrowserHash = nil
		must(t, w.CreateRequest(ctx, q, 20, 200))
		old := *q
		q.Asked, q.Interacted, q.BrowserHash, q.Standing = []byte(`{"acr":"sfa"}`), true, hash(), storage.Proved
		must(t, w.UpdateRequest(ctx, q))
		want(t, "stale", w.UpdateRequest(ctx, &old), storage.ErrConflict)
		got, err := w.Request(ctx, q.Hash, w.now)
		must(t, err)
		same(t, got, q)
		q.BrowserHash = hash()
		want(t, "another browser", w.UpdateRequest(ctx, q), storage.ErrConflict)
	})

	t.Run("it is finished once", func(t *testing.T) {
		q := w.request()
		must(t, w.CreateRequest(ctx, q, 20, 200))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			return w.FinishRequest(ctx, q.Hash, w.now)
		})
		got, err := w.Request(ctx, q.Hash, w.now)
		must(t, err)
		if !got.FinishedAt.Equal(w.now) {
			t.Errorf("finished at %v", got.FinishedAt)
		}
		want(t, "unknown", w.FinishRequest(ctx, hash(), w.now), storage.ErrNotFound)
	})
}
