package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func links(t *testing.T, w *world) {
	ctx := t.Context()
	fresh := func(personID, purpose string) *storage.Link {
		l := &storage.Link{Hash: hash(), Purpose: purpose, PersonID: personID, Address: "anna@example.com",
			Data: []byte(`{"next":"/"}`), Created: w.now, Expires: w.in(time.Hour)}
		must(t, w.PutLink(ctx, l))
		return l
	}

	t.Run("a link is looked at as often as one likes and used once", func(t *testing.T) {
		l := fresh(id(), "reset")
		for range 2 {
			got, err := w.Link(ctx, l.Hash, "reset", w.now)
			must(t, err)
			same(t, got, l)
		}
		got, err := w.TakeLink(ctx, l.Hash, "reset", w.in(time.Minute))
		must(t, err)
		l.UsedAt = w.in(time.Minute)
		same(t, got, l)
		_, err = w.TakeLink(ctx, l.Hash, "reset", w.in(time.Minute))
		want(t, "again", err, storage.ErrNotFound)
		_, err = w.Link(ctx, l.Hash, "reset", w.in(time.Minute))
		want(t, "used", err, storage.ErrNotFound)
	})

	t.Run("only for its purpose and in time", func(t *testing.T) {
		l := fresh(id(), "reset")
		for name, find := range map[string]func() (*storage.Link, error){
			"other purpose": func() (*storage.Link, error) { return w.TakeLink(ctx, l.Hash, "not_me", w.now) },
			"expired":       func() (*storage.Link, error) { return w.TakeLink(ctx, l.Hash, "reset", l.Expires) },
			"unknown":       func() (*storage.Link, error) { return w.TakeLink(ctx, hash(), "reset", w.now) },
			"look, purpose": func() (*storage.Link, error) { return w.Link(ctx, l.Hash, "not_me", w.now) },
			"look, expired": func() (*storage.Link, error) { return w.Link(ctx, l.Hash, "reset", l.Expires) },
		} {
			_, err := find()
			want(t, name, err, storage.ErrNotFound)
		}
		_, err := w.TakeLink(ctx, l.Hash, "reset", w.now)
		must(t, err)
	})

	t.Run("the newest of a person and purpose is the only one", func(t *testing.T) {
		anna := id()
		old, other, ben := fresh(anna, "reset"), fresh(anna, "not_me"), fresh(id(), "reset")
		_, err := w.TakeLink(ctx, old.Hash, "reset", w.now)
		must(t, err)
		next := fresh(anna, "reset")
		last := fresh(anna, "reset")
		_, err = w.TakeLink(ctx, next.Hash, "reset", w.now)
		want(t, "replaced", err, storage.ErrNotFound)
		for _, l := range []*storage.Link{last, other, ben} {
			got, err := w.Link(ctx, l.Hash, l.Purpose, w.now)
			must(t, err)
			same(t, got, l)
		}
		must(t, w.DropLinks(ctx, anna, w.now))
		for _, l := range []*storage.Link{last, other} {
			_, err := w.Link(ctx, l.Hash, l.Purpose, w.now)
			want(t, "dropped", err, storage.ErrNotFound)
		}
		_, err = w.Link(ctx, ben.Hash, "reset", w.now)
		must(t, err)
	})

	t.Run("of many mailed at once one works", func(t *testing.T) {
		anna := id()
		all := make([]*storage.Link, takers)
		_, errs := race(t, func(ctx context.Context, i int) error {
			all[i] = &storage.Link{Hash: hash(), Purpose: "reset", PersonID: anna, Created: w.now, Expires: w.in(time.Hour)}
			return w.PutLink(ctx, all[i])
		})
		for _, err := range errs {
			t.Error(err)
		}
		oneWinner(t, storage.ErrNotFound, func(ctx context.Context, i int) error {
			_, err := w.TakeLink(ctx, all[i].Hash, "reset", w.now)
			return err
		})
	})

	t.Run("of many takers one gets it", func(t *testing.T) {
		l := fresh(id(), "reset")
		oneWinner(t, storage.ErrNotFound, func(ctx context.Context, _ int) error {
			_, err := w.TakeLink(ctx, l.Hash, "reset", w.now)
			return err
		})
	})
}

func assertions(t *testing.T, w *world) {
	ctx := t.Context()
	jti := id()
	must(t, w.UseAssertion(ctx, "panel", jti, w.in(time.Minute), w.now))
	want(t, "again", w.UseAssertion(ctx, "panel", jti, w.in(time.Minute), w.in(59*time.Second)), storage.ErrUsed)
	must(t, w.UseAssertion(ctx, "other", jti, w.in(time.Minute), w.now))
	must(t, w.UseAssertion(ctx, "panel", jti, w.in(time.Hour), w.in(time.Minute))) // expired, not swept
	want(t, "again, later", w.UseAssertion(ctx, "panel", jti, w.in(time.Hour), w.in(time.Minute)), storage.ErrUsed)
	jti = id()
	oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
		return w.UseAssertion(ctx, "panel", jti, w.in(time.Minute), w.now)
	})
}
