package storagetest

import (
	"context"
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
