package storagetest

import (
	"slices"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// reported: what a provider told of somebody is never forgotten.
func reported(t *testing.T, w *world) {
	ctx := t.Context()
	knows := func(t *testing.T, of *storage.Identity, addresses ...string) {
		t.Helper()
		p, err := w.PersonByIdentity(ctx, of.Provider, of.Subject)
		must(t, err)
		got := slices.Sorted(slices.Values(identity(p, of).Emails))
		if !slices.Equal(got, addresses) {
			t.Errorf("reported %q, want %q", got, addresses)
		}
	}

	t.Run("Q62 addresses are added, and outlive link and person", func(t *testing.T) {
		p, q := w.person(t), w.person(t)
		i := *p.Identities[0]
		knows(t, &i, "a@example.com", "b@example.com")
		must(t, w.ReportAddresses(ctx, i.Provider, i.Subject, "c@example.com", "a@example.com"))
		must(t, w.ReportAddresses(ctx, i.Provider, i.Subject))
		knows(t, &i, "a@example.com", "b@example.com", "c@example.com")
		i.Emails, i.ProvedAt = []string{"d@example.com"}, time.Time{}
		must(t, w.PutIdentity(ctx, &i))
		i.Emails = nil
		must(t, w.PutIdentity(ctx, &i))
		all := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"}
		knows(t, &i, all...)
		must(t, w.RemoveIdentity(ctx, p.ID, i.Provider, i.Subject))
		i.PersonID = q.ID
		must(t, w.PutIdentity(ctx, &i))
		knows(t, &i, all...)
		knows(t, q.Identities[0], "a@example.com", "b@example.com")
	})

	t.Run("Q62 of a subject nobody has, for whoever links it", func(t *testing.T) {
		p := w.person(t)
		i := &storage.Identity{Provider: "facebook", Subject: id(), PersonID: p.ID, Created: w.now}
		must(t, w.ReportAddresses(ctx, i.Provider, i.Subject, "è@xn--caf-dma.example", "a b@example.com"))
		must(t, w.PutIdentity(ctx, i))
		knows(t, i, "a b@example.com", "è@xn--caf-dma.example")
	})

	t.Run("Q62 session, quarantine, grant and token tell them", func(t *testing.T) {
		p := w.person(t)
		i := p.Identities[0]
		s := w.session(t, p)
		g, x := w.redeemed(t, s)
		must(t, w.ReportAddresses(ctx, i.Provider, i.Subject, "z@example.com"))
		q := &storage.Quarantine{ID: id(), PersonID: p.ID, Hash: hash(), Created: w.now, Expires: w.in(time.Hour)}
		must(t, w.CreateQuarantine(ctx, q))
		for name, load := range map[string]func() (*storage.Person, error){
			"session": func() (*storage.Person, error) { _, who, err := w.SessionByHash(ctx, s.Hash, w.now); return who, err },
			"quarantine": func() (*storage.Person, error) {
				_, who, err := w.QuarantineByHash(ctx, q.Hash, w.now)
				return who, err
			},
			"code": func() (*storage.Person, error) { _, who, err := w.GrantByCode(ctx, x.CodeHash); return who, err },
			"refresh": func() (*storage.Person, error) {
				_, who, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now)
				return who, err
			},
			"JWT": func() (*storage.Person, error) { _, who, err := w.LiveGrant(ctx, g.ID, w.now); return who, err },
		} {
			who, err := load()
			must(t, err)
			if !slices.Contains(identity(who, i).Emails, "z@example.com") {
				t.Errorf("%s: reported %q", name, identity(who, i).Emails)
			}
		}
	})
}
