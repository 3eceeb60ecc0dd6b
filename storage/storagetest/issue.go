package storagetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soglia-sso/soglia/storage"
)

func issuing(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a code is kept with its grant and its audit", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g := w.grant(t, s)
		got, _, err := w.GrantByCode(ctx, g.CodeHash)
		must(t, err)
		g.Expires, g.SessionIdle, g.SessionEnds = s.Expires, s.IdleUntil, s.Expires // unset: as long as the session
		same(t, got, g)
		n, ev := w.named(t, s.PersonID, "authz.granted")
		if n != 1 {
			t.Fatalf("%d audit events, want 1", n)
		}
		same(t, ev, w.event("authz.granted", g), cmpopts.IgnoreFields(storage.Event{}, "ID"))
		_, _, err = w.GrantByCode(ctx, hash())
		want(t, "unknown code", err, storage.ErrNotFound)
	})

	for name, spoil := range map[string]func(*storage.Session, *storage.Person){
		"the version moved on": func(s *storage.Session, _ *storage.Person) {
			stale := *s
			must(t, w.RotateSession(ctx, &stale, hash(), w.now))
		},
		"the session ended": func(s *storage.Session, _ *storage.Person) {
			must(t, w.end(ctx, s))
		},
		"the person is disabled": func(_ *storage.Session, p *storage.Person) {
			p.Disabled = true
			must(t, w.UpdatePerson(ctx, p))
		},
	} {
		t.Run("no code when "+name, func(t *testing.T) {
			p := w.person(t)
			s := w.session(t, p)
			spoil(s, p)
			q := w.request()
			must(t, w.CreateRequest(ctx, q, 20, 200))
			g := w.newGrant(s)
			g.RequestHash = q.Hash
			want(t, "issue", w.IssueCode(ctx, g, s.Version, w.event("authz.granted", g)), storage.ErrConflict)
			_, _, err := w.GrantByCode(ctx, g.CodeHash)
			want(t, "its grant", err, storage.ErrNotFound)
			if n, _ := w.named(t, p.ID, "authz.granted"); n != 0 {
				t.Error("refused, yet the audit says granted")
			}
			got, err := w.Request(ctx, q.Hash, w.now)
			must(t, err)
			if !got.FinishedAt.IsZero() {
				t.Error("refused, yet the request is finished")
			}
		})
	}

	t.Run("no code for another's session, nor after its limits", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g := w.newGrant(s)
		g.PersonID = w.person(t).ID
		want(t, "another's", w.IssueCode(ctx, g, s.Version, nil), storage.ErrConflict)
		g = w.newGrant(s)
		g.Created = s.IdleUntil
		want(t, "idle", w.IssueCode(ctx, g, s.Version, nil), storage.ErrConflict)
	})

	t.Run("a stored request gives one code", func(t *testing.T) {
		s := w.session(t, w.person(t))
		q := w.request()
		must(t, w.CreateRequest(ctx, q, 20, 200))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			g := w.newGrant(s)
			g.RequestHash = q.Hash
			return w.IssueCode(ctx, g, s.Version, w.event("authz.granted", g))
		})
		if n, _ := w.named(t, s.PersonID, "authz.granted"); n != 1 {
			t.Errorf("%d audit events, want 1", n)
		}
		got, err := w.Request(ctx, q.Hash, w.now)
		must(t, err)
		if got.FinishedAt.IsZero() {
			t.Error("the request is not finished")
		}
	})
}
