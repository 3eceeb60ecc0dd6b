package storagetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func consents(t *testing.T, w *world) {
	ctx := t.Context()
	give := func(personID, client string, at time.Time, scopes ...string) {
		t.Helper()
		must(t, w.PutConsent(ctx, &storage.Consent{PersonID: personID, ClientID: client, Scopes: scopes, Created: at, Updated: at}))
	}

	t.Run("scopes add up", func(t *testing.T) {
		p := w.person(t)
		_, err := w.Consent(ctx, p.ID, "panel")
		want(t, "none yet", err, storage.ErrNotFound)
		give(p.ID, "panel", w.now, "openid", "email")
		give(p.ID, "panel", w.in(time.Hour), "profile", "openid")
		give(p.ID, "other", w.in(time.Minute))
		panel := &storage.Consent{PersonID: p.ID, ClientID: "panel", Scopes: []string{"email", "openid", "profile"},
			Created: w.now, Updated: w.in(time.Hour)}
		got, err := w.Consent(ctx, p.ID, "panel")
		must(t, err)
		same(t, got, panel)
		all, err := w.ConsentsOf(ctx, p.ID)
		must(t, err)
		same(t, all, []*storage.Consent{
			{PersonID: p.ID, ClientID: "other", Created: w.in(time.Minute), Updated: w.in(time.Minute)}, panel,
		})
		none, err := w.ConsentsOf(ctx, id())
		must(t, err)
		if len(none) != 0 {
			t.Errorf("%d consents of nobody", len(none))
		}
		want(t, "of nobody", w.PutConsent(ctx, &storage.Consent{PersonID: "nobody", ClientID: "panel"}), storage.ErrNotFound)
	})

	t.Run("answers given at once add up too", func(t *testing.T) {
		p := w.person(t)
		_, errs := race(t, func(ctx context.Context, i int) error {
			return w.PutConsent(ctx, &storage.Consent{PersonID: p.ID, ClientID: "panel", Created: w.now, Updated: w.now,
				Scopes: []string{"openid", fmt.Sprint("s", i), fmt.Sprint("s", takers-i)}})
		})
		for _, err := range errs {
			t.Error(err)
		}
		got, err := w.Consent(ctx, p.ID, "panel")
		must(t, err)
		if len(got.Scopes) != takers+2 {
			t.Errorf("%d scopes, want %d", len(got.Scopes), takers+2)
		}
	})

	t.Run("one taken back is gone, and another panel's is not", func(t *testing.T) {
		p := w.person(t)
		give(p.ID, "panel", w.now, "openid")
		give(p.ID, "other", w.now, "openid")
		for range 2 {
			must(t, w.RemoveConsent(ctx, p.ID, "panel"))
		}
		_, err := w.Consent(ctx, p.ID, "panel")
		want(t, "taken back", err, storage.ErrNotFound)
		_, err = w.Consent(ctx, p.ID, "other")
		must(t, err)
	})
}
