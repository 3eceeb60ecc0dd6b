package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// voiding: every road by which a factor or a linked login goes voids the second steps of before, and nothing else does.
func voiding(t *testing.T, w *world) {
	ctx := t.Context()
	since := func(t *testing.T, id string) time.Time {
		t.Helper()
		p, err := w.Person(ctx, id)
		must(t, err)
		return p.SecondSince
	}
	put := func(change func(*storage.Factor)) func(*testing.T, *storage.Person) error {
		return func(t *testing.T, p *storage.Person) error {
			f, err := w.Factor(ctx, p.ID, p.Factors[0].ID)
			must(t, err)
			change(f)
			return w.PutFactor(ctx, f)
		}
	}
	for name, c := range map[string]struct {
		voids bool
		act   func(t *testing.T, p *storage.Person) error
	}{
		"Q64 a factor is removed": {true, func(_ *testing.T, p *storage.Person) error { return w.RemoveFactor(ctx, p.ID, p.Factors[0].ID) }},
		"G12 another one takes its place": {true, func(t *testing.T, p *storage.Person) error {
			f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "sms", Pending: true, Replaces: p.Factors[0].ID, Created: w.now}
			must(t, w.PutFactor(ctx, f))
			return w.SwapFactor(ctx, p.ID, f.ID, f.Replaces, 0, time.Time{}, w.now)
		}},
		"Q64 its secret is swapped":  {true, put(func(f *storage.Factor) { f.Sealed = []byte{4} })},
		"Q64 its secret is taken":    {true, put(func(f *storage.Factor) { f.Sealed = nil })},
		"Q64 its number is swapped":  {true, put(func(f *storage.Factor) { f.Address = "+39344" })},
		"Q64 its method is swapped":  {true, put(func(f *storage.Factor) { f.Method = "sms" })},
		"Q64 it has to be confirmed": {true, put(func(f *storage.Factor) { f.Pending = true })},
		"Q64 it works again": {true, func(t *testing.T, p *storage.Person) error {
			must(t, put(func(f *storage.Factor) { f.Disabled = true })(t, p))
			if !since(t, p.ID).IsZero() {
				t.Error("wrong codes of a stranger void the owner's second steps")
			}
			return put(func(f *storage.Factor) { f.Disabled = false })(t, p)
		}},
		"Q64 a login is unlinked": {true, func(_ *testing.T, p *storage.Person) error {
			return w.RemoveIdentity(ctx, p.ID, "google", p.Identities[0].Subject)
		}},
		"Q22 a proved address goes": {true, func(_ *testing.T, p *storage.Person) error {
			return w.RemoveContact(ctx, p.ID, p.Contacts[0].ID)
		}},
		"Q64 it was not me": {true, func(_ *testing.T, p *storage.Person) error { return w.VoidSecondSteps(ctx, p.ID) }},

		"it is named": {false, put(func(f *storage.Factor) { f.Label = "New phone" })},
		"it is used":  {false, func(_ *testing.T, p *storage.Person) error { return w.UseStep(ctx, p.Factors[0].ID, 99, w.now) }},
		"it is not there": {false, func(t *testing.T, p *storage.Person) error {
			want(t, "removal", w.RemoveFactor(ctx, p.ID, "none"), storage.ErrNotFound)
			return nil
		}},
		"the login is another's": {false, func(t *testing.T, p *storage.Person) error {
			want(t, "removal", w.RemoveIdentity(ctx, p.ID, "google", w.person(t).Identities[0].Subject), storage.ErrNotFound)
			return nil
		}},
		"another one is confirmed": {false, func(t *testing.T, p *storage.Person) error {
			f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: true, Created: w.now}
			must(t, w.PutFactor(ctx, f))
			f.Sealed = []byte{9}
			must(t, w.PutFactor(ctx, f))
			return w.ActivateFactor(ctx, f.ID, 5, time.Time{}, w.now)
		}},
		"a begun one is dropped": {false, func(t *testing.T, p *storage.Person) error {
			f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: true, Created: w.now}
			must(t, w.PutFactor(ctx, f))
			return w.RemoveFactor(ctx, p.ID, f.ID)
		}},
		"a login is linked and proved": {false, func(t *testing.T, p *storage.Person) error {
			i := &storage.Identity{Provider: "facebook", Subject: id(), PersonID: p.ID, Created: w.now}
			must(t, w.PutIdentity(ctx, i))
			return w.ProveIdentity(ctx, i.Provider, i.Subject, w.now)
		}},
		"reserve codes are renewed": {false, func(_ *testing.T, p *storage.Person) error {
			return w.PutRecoveryCodes(ctx, p.ID, [][]byte{hash()}, w.now)
		}},
		"an address that nobody proved goes": {false, func(_ *testing.T, p *storage.Person) error {
			return w.RemoveContact(ctx, p.ID, p.Contacts[1].ID)
		}},
		"the person changes": {false, func(_ *testing.T, p *storage.Person) error { return w.UpdatePerson(ctx, p) }},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.person(t)
			before := w.Now()
			must(t, c.act(t, p))
			switch got := since(t, p.ID); {
			case c.voids && (got.Before(before) || got.After(w.Now())):
				t.Errorf("void since %v, want %v or a little later", got, before)
			case !c.voids && !got.IsZero():
				t.Errorf("void since %v", got)
			}
		})
	}

	t.Run("Q64 nothing brings the time down", func(t *testing.T) {
		p := w.person(t)
		must(t, w.VoidSecondSteps(ctx, p.ID))
		first := since(t, p.ID)
		must(t, w.UpdatePerson(ctx, p)) // read before
		if got := since(t, p.ID); !got.Equal(first) {
			t.Errorf("%v after an update that knew nothing of it, was %v", got, first)
		}
		time.Sleep(time.Microsecond)
		must(t, w.RemoveFactor(ctx, p.ID, p.Factors[0].ID))
		if got := since(t, p.ID); !got.After(first) {
			t.Errorf("%v after another one went, was %v", got, first)
		}
		must(t, w.VoidSecondSteps(ctx, "nobody"))
	})

	t.Run("Q64 session, quarantine, grant and token tell it with the person", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		g, x := w.redeemed(t, s)
		must(t, w.VoidSecondSteps(ctx, p.ID))
		q := &storage.Quarantine{ID: id(), PersonID: p.ID, Hash: hash(), Created: w.now, Expires: w.in(time.Hour)}
		must(t, w.CreateQuarantine(ctx, q))
		r := w.request()
		must(t, w.CreateRequest(ctx, r, 20, 200))
		for name, load := range map[string]func() (*storage.Person, error){
			"session": func() (*storage.Person, error) { _, who, err := w.SessionByHash(ctx, s.Hash, w.now); return who, err },
			"request": func() (*storage.Person, error) {
				_, _, who, err := w.RequestInSession(ctx, r.Hash, s.Hash, w.now)
				return who, err
			},
			"quarantine": func() (*storage.Person, error) {
				_, who, err := w.QuarantineByHash(ctx, q.Hash, w.now)
				return who, err
			},
			"refresh": func() (*storage.Person, error) {
				_, who, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now)
				return who, err
			},
			"opaque": func() (*storage.Person, error) {
				_, _, who, err := w.Store.AccessToken(ctx, x.Access.Hash, w.now)
				return who, err
			},
			"JWT": func() (*storage.Person, error) { _, who, err := w.LiveGrant(ctx, g.ID, w.now); return who, err },
		} {
			who, err := load()
			must(t, err)
			if !who.SecondSince.Equal(since(t, p.ID)) {
				t.Errorf("%s: void since %v, want %v", name, who.SecondSince, since(t, p.ID))
			}
		}
	})

	t.Run("Q64 a code from before is worth nothing, one from after it is", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		old := w.grant(t, s)
		must(t, w.VoidSecondSteps(ctx, p.ID))
		want(t, "redeem", w.Redeem(ctx, w.redemption(old)), storage.ErrNotFound)
		time.Sleep(time.Microsecond)
		g := w.newGrant(s)
		g.Created, g.CodeExpires = w.Now(), w.Now().Add(time.Minute)
		must(t, w.IssueCode(ctx, g, s.Version, nil))
		must(t, w.Redeem(context.WithoutCancel(ctx), w.redemption(g)))
	})
}
