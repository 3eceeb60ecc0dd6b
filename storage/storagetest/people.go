package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soglia-sso/soglia/storage"
)

var noSecret = cmpopts.IgnoreFields(storage.Factor{}, "Sealed")

func people(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a person is found whole by id, name, address and identity", func(t *testing.T) {
		p := w.person(t)
		must(t, w.PutRecoveryCodes(ctx, p.ID, [][]byte{hash(), hash(), hash()}, w.now))
		p.RecoveryCodes, p.RecoveryMade, p.Updated = 3, w.now, w.now
		for name, find := range map[string]func() (*storage.Person, error){
			"id":       func() (*storage.Person, error) { return w.Person(ctx, p.ID) },
			"name":     func() (*storage.Person, error) { return w.PersonByUsername(ctx, p.Canonical) },
			"identity": func() (*storage.Person, error) { return w.PersonByIdentity(ctx, "google", p.Identities[0].Subject) },
			"external": func() (*storage.Person, error) { return w.PersonByExternalID(ctx, p.ExternalID) },
			"address": func() (*storage.Person, error) {
				found, err := w.PeopleByEmail(ctx, p.Contacts[0].Canonical)
				if len(found) != 1 {
					t.Fatalf("%d people by address, want 1", len(found))
				}
				return found[0], err
			},
		} {
			got, err := find()
			must(t, err)
			if len(got.Factors) != 1 || got.Factors[0].Sealed != nil {
				t.Errorf("by %s: factors %+v, want one without its secret", name, got.Factors)
			}
			same(t, got, p, noSecret)
		}
		for name, find := range map[string]func() (*storage.Person, error){
			"id":       func() (*storage.Person, error) { return w.Person(ctx, "nobody") },
			"name":     func() (*storage.Person, error) { return w.PersonByUsername(ctx, "nobody") },
			"identity": func() (*storage.Person, error) { return w.PersonByIdentity(ctx, "facebook", p.Identities[0].Subject) },
			"external": func() (*storage.Person, error) { return w.PersonByExternalID(ctx, "nobody") },
			"no id":    func() (*storage.Person, error) { return w.PersonByExternalID(ctx, "") },
		} {
			_, err := find()
			want(t, "unknown by "+name, err, storage.ErrNotFound)
		}
		none, err := w.PeopleByEmail(ctx, "nobody@example.com")
		must(t, err)
		if len(none) != 0 {
			t.Errorf("an unknown address finds %d people", len(none))
		}
	})

	t.Run("groups are kept, changed with the row, and read with the session", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		for _, groups := range [][]string{{"a"}, nil, {"billing/it", "staff", "x~y"}} {
			p, err := w.Person(ctx, p.ID)
			must(t, err)
			p.Groups = groups
			must(t, w.UpdatePerson(ctx, p))
			_, read, err := w.SessionByHash(ctx, s.Hash, w.now)
			must(t, err)
			if !slices.Equal(read.Groups, groups) {
				t.Errorf("groups %q, want %q", read.Groups, groups)
			}
			p.Version--
			p.Groups = []string{"older"}
			want(t, "an older copy", w.UpdatePerson(ctx, p), storage.ErrConflict)
		}
	})

	t.Run("Q61 birth is written once, with the first password, and by nothing else", func(t *testing.T) {
		until := w.now.Add(time.Hour)
		marked := func(p *storage.Person) bool {
			got, err := w.Person(ctx, p.ID)
			must(t, err)
			if set := !got.BirthUntil.IsZero(); set != (got.BirthAddress != "") || set && !got.BirthUntil.Equal(until) {
				t.Errorf("half a mark: %q until %s", got.BirthAddress, got.BirthUntil)
			}
			return got.BirthAddress != ""
		}
		contact := func(p *storage.Person) *storage.Contact {
			return &storage.Contact{ID: id(), PersonID: p.ID, Channel: "email", Address: "a@example.com", Canonical: "a@example.com", Created: w.now}
		}
		factor := func(p *storage.Person, pending bool) *storage.Factor {
			return &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Sealed: []byte("x"), Pending: pending, Created: w.now}
		}
		login := func(p *storage.Person) *storage.Identity {
			return &storage.Identity{Provider: "google", Subject: id(), PersonID: p.ID, Created: w.now}
		}
		// bare makes an account that nobody had yet.
		bare := func() *storage.Person {
			p := &storage.Person{ID: id(), Canonical: id(), Created: w.now}
			must(t, w.CreatePerson(ctx, p))
			must(t, w.PutContact(ctx, contact(p)))
			p, err := w.Person(ctx, p.ID)
			must(t, err)
			return p
		}
		bear := func(p *storage.Person, hash string) *storage.Person {
			p.PasswordHash, p.PasswordSetAt, p.BirthAddress, p.BirthUntil = hash, w.now, "a@example.com", until
			must(t, w.UpdatePerson(ctx, p))
			return p
		}
		if p := bear(bare(), "h"); !marked(p) {
			t.Error("an account that nobody had is not born by its first password")
		}
		profile := bear(bare(), "h")
		profile.Profile, profile.BirthAddress, profile.BirthUntil = []byte(`{}`), "", time.Time{}
		must(t, w.UpdatePerson(ctx, profile))
		must(t, w.RehashPassword(ctx, profile.ID, "h", "h again"))
		if !marked(profile) {
			t.Error("a profile or a new hash of the same password takes the mark away")
		}
		unmarked := bare()
		unmarked.BirthAddress, unmarked.BirthUntil = "a@example.com", until
		must(t, w.UpdatePerson(ctx, unmarked))
		if marked(unmarked) {
			t.Error("born without a password")
		}

		// Whoever had it before: no birth.
		for name, had := range map[string]func(p *storage.Person) error{
			"a password": func(p *storage.Person) error {
				p.PasswordHash = "old"
				return w.UpdatePerson(ctx, p)
			},
			"a login":  func(p *storage.Person) error { return w.PutIdentity(ctx, login(p)) },
			"a factor": func(p *storage.Person) error { return w.PutFactor(ctx, factor(p, false)) },
			"a login that went": func(p *storage.Person) error {
				i := login(p)
				must(t, w.PutIdentity(ctx, i))
				return w.RemoveIdentity(ctx, p.ID, i.Provider, i.Subject)
			},
		} {
			p := bare()
			must(t, had(p))
			if bear(p, "h"); marked(p) {
				t.Errorf("born although it had %s", name)
			}
		}
		imported := &storage.Person{ID: id(), Canonical: id(), PasswordHash: "old", Created: w.now}
		must(t, w.CreatePerson(ctx, imported))
		if bear(imported, "h"); marked(imported) {
			t.Error("born although it came with a password")
		}

		// What changes afterwards takes it away, and an older copy of the person does not bring it back.
		for name, change := range map[string]func(p *storage.Person) error{
			"a password": func(p *storage.Person) error {
				q := *p
				q.PasswordHash = "another"
				err := w.UpdatePerson(ctx, &q)
				p.Version = q.Version
				return err
			},
			"an address":      func(p *storage.Person) error { return w.PutContact(ctx, contact(p)) },
			"an address less": func(p *storage.Person) error { return w.RemoveContact(ctx, p.ID, p.Contacts[0].ID) },
			"a login":         func(p *storage.Person) error { return w.PutIdentity(ctx, login(p)) },
			"a factor":        func(p *storage.Person) error { return w.PutFactor(ctx, factor(p, false)) },
			"reserve codes":   func(p *storage.Person) error { return w.PutRecoveryCodes(ctx, p.ID, [][]byte{hash()}, w.now) },
			"an enrolment confirmed": func(p *storage.Person) error {
				f := factor(p, true)
				must(t, w.PutFactor(ctx, f))
				must(t, w.VerifyContact(ctx, p.Contacts[0].ID, w.now))
				if !marked(p) {
					t.Error("an enrolment begun, or the address verified, takes the mark away")
				}
				return w.ActivateFactor(ctx, f.ID, 1, time.Time{}, w.now)
			},
		} {
			p := bear(bare(), "h")
			must(t, change(p))
			if marked(p) {
				t.Errorf("%s leaves the mark", name)
			}
			if name != "a password" {
				must(t, w.UpdatePerson(ctx, p))
			}
			if marked(p) {
				t.Errorf("after %s an older copy brings the mark back", name)
			}
		}
	})

	t.Run("a bare person loads with nothing", func(t *testing.T) {
		p := &storage.Person{ID: id(), Canonical: id(), Created: w.now}
		must(t, w.CreatePerson(ctx, p))
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		same(t, got, p)
		if got.Profile != nil || !got.PasswordSetAt.IsZero() {
			t.Errorf("unset fields came back set: %+v", got)
		}
	})

	t.Run("a shared mailbox finds twenty people at most, each whole", func(t *testing.T) {
		address := id() + "@example.com"
		for range 21 {
			p := w.person(t)
			must(t, w.PutContact(ctx, &storage.Contact{ID: id(), PersonID: p.ID, Channel: "email", Canonical: address, Created: w.now}))
		}
		found, err := w.PeopleByEmail(ctx, address)
		must(t, err)
		if len(found) != 20 || len(found[0].Contacts) != 3 || len(found[1].Contacts) != 3 || found[0].ID == found[1].ID {
			t.Errorf("found %d people", len(found))
		}
	})

	t.Run("a disabled factor is still the person's own, a pending one not yet", func(t *testing.T) {
		p := w.person(t)
		disabled := &storage.Factor{ID: id(), PersonID: p.ID, Method: "sms", Address: "+39333", Disabled: true, Created: w.now}
		must(t, w.PutFactor(ctx, disabled))
		must(t, w.PutFactor(ctx, &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: true, Created: w.now}))
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		same(t, got.Factors, []*storage.Factor{p.Factors[0], disabled}, noSecret)
	})

	t.Run("a taken name or identity leaves nothing behind", func(t *testing.T) {
		p := w.person(t)
		q := &storage.Person{ID: id(), Canonical: p.Canonical, Created: w.now}
		want(t, "same name", w.CreatePerson(ctx, q), storage.ErrConflict)
		q = &storage.Person{ID: id(), Canonical: id(), ExternalID: p.ExternalID, Created: w.now}
		want(t, "same external id", w.CreatePerson(ctx, q), storage.ErrConflict)
		q = &storage.Person{ID: id(), Canonical: id(), Identities: []*storage.Identity{
			{Provider: "google", Subject: p.Identities[0].Subject},
		}}
		want(t, "same identity", w.CreatePerson(ctx, q), storage.ErrConflict)
		_, err := w.Person(ctx, q.ID)
		want(t, "half a person", err, storage.ErrNotFound)
	})

	t.Run("of many who want a name one gets it", func(t *testing.T) {
		name := id()
		oneWinner(t, storage.ErrConflict, func(ctx context.Context, _ int) error {
			return w.CreatePerson(ctx, &storage.Person{ID: id(), Canonical: name, Created: w.now})
		})
	})

	t.Run("an update is refused once the version moved on", func(t *testing.T) {
		p := w.person(t)
		old := *p
		p.Locale, p.Disabled, p.Profile, p.PasswordVia = "en", true, []byte(`{}`), ""
		must(t, w.UpdatePerson(ctx, p))
		if p.Version != old.Version+1 {
			t.Errorf("version %d after %d", p.Version, old.Version)
		}
		want(t, "stale update", w.UpdatePerson(ctx, &old), storage.ErrConflict)
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		same(t, got, p, noSecret)
		oneWinner(t, storage.ErrConflict, func(ctx context.Context, _ int) error {
			mine := *p
			return w.UpdatePerson(ctx, &mine)
		})
	})

	t.Run("a rename to a taken name is a conflict", func(t *testing.T) {
		p, q := w.person(t), w.person(t)
		p.Canonical = q.Canonical
		want(t, "rename", w.UpdatePerson(ctx, p), storage.ErrConflict)
	})

	t.Run("a password is held as it was set, rehashed or not", func(t *testing.T) {
		p := w.person(t)
		must(t, w.RehashPassword(ctx, p.ID, p.PasswordHash, "$argon2id$new"))
		must(t, w.HoldPassword(ctx, p.ID, p.PasswordSetAt))
		want(t, "set meanwhile", w.HoldPassword(ctx, p.ID, p.PasswordSetAt.Add(-time.Microsecond)), storage.ErrNotFound)
		want(t, "nobody", w.HoldPassword(ctx, "nobody", p.PasswordSetAt), storage.ErrNotFound)
		p.Disabled = true
		must(t, w.UpdatePerson(ctx, p))
		want(t, "disabled", w.HoldPassword(ctx, p.ID, p.PasswordSetAt), storage.ErrNotFound)
	})

	t.Run("a password is rehashed only while it is the old one", func(t *testing.T) {
		p := w.person(t)
		must(t, w.RehashPassword(ctx, p.ID, p.PasswordHash, "$argon2id$new"))
		must(t, w.RehashPassword(ctx, p.ID, p.PasswordHash, "$argon2id$late"))
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		if got.PasswordHash != "$argon2id$new" || got.Version != p.Version {
			t.Errorf("hash %q at version %d", got.PasswordHash, got.Version)
		}
	})

	t.Run("contacts are put, verified once and removed by their owner", func(t *testing.T) {
		p, q := w.person(t), w.person(t)
		c := p.Contacts[1]
		must(t, w.VerifyContact(ctx, c.ID, w.now))
		must(t, w.VerifyContact(ctx, c.ID, w.in(time.Hour)))
		want(t, "verify unknown", w.VerifyContact(ctx, "none", w.now), storage.ErrNotFound)
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		if !got.Contacts[1].VerifiedAt.Equal(w.now) {
			t.Errorf("verified at %v, want the first time %v", got.Contacts[1].VerifiedAt, w.now)
		}
		c.Address, c.Canonical, c.VerifiedAt = "+39 334", "+39334", time.Time{}
		must(t, w.PutContact(ctx, c))
		stolen := *c
		stolen.PersonID = q.ID
		want(t, "another's contact", w.PutContact(ctx, &stolen), storage.ErrConflict)
		want(t, "contact of nobody", w.PutContact(ctx, &storage.Contact{ID: id(), PersonID: "nobody"}), storage.ErrNotFound)
		want(t, "remove another's", w.RemoveContact(ctx, q.ID, c.ID), storage.ErrNotFound)
		got, err = w.Person(ctx, p.ID)
		must(t, err)
		same(t, got.Contacts[1], c)
		must(t, w.RemoveContact(ctx, p.ID, c.ID))
		got, err = w.Person(ctx, p.ID)
		must(t, err)
		if len(got.Contacts) != 1 {
			t.Errorf("%d contacts after removal", len(got.Contacts))
		}
	})

	t.Run("a contact settles before its time once, and only its owner's", func(t *testing.T) {
		p, q := w.person(t), w.person(t)
		c := p.Contacts[0]
		c.NoCodes, c.ProvedBy, c.PutBack = true, "b@example.com", true
		must(t, w.PutContact(ctx, c))
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		same(t, got.Contacts[0], c)
		want(t, "another's", w.SettleContact(ctx, q.ID, c.ID, w.now), storage.ErrNotFound)
		want(t, "on file", w.SettleContact(ctx, p.ID, p.Contacts[1].ID, w.now), storage.ErrNotFound)
		var won atomic.Int32
		var all sync.WaitGroup
		for range takers {
			all.Go(func() {
				if err := w.SettleContact(ctx, p.ID, c.ID, w.now); err == nil {
					won.Add(1)
				} else if !errors.Is(err, storage.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := won.Load(); n != 1 {
			t.Errorf("settled %d times", n)
		}
		got, err = w.Person(ctx, p.ID)
		must(t, err)
		if !got.Contacts[0].RestsUntil.IsZero() {
			t.Errorf("rests until %v", got.Contacts[0].RestsUntil)
		}
	})

	t.Run("an identity is linked once and proved once", func(t *testing.T) {
		p, q := w.person(t), w.person(t)
		i := &storage.Identity{Provider: "facebook", Subject: id(), PersonID: p.ID, Created: w.now}
		must(t, w.PutIdentity(ctx, i))
		mine := *i
		mine.PersonID = q.ID
		want(t, "linked elsewhere", w.PutIdentity(ctx, &mine), storage.ErrConflict)
		must(t, w.ProveIdentity(ctx, i.Provider, i.Subject, w.now))
		must(t, w.ProveIdentity(ctx, i.Provider, i.Subject, w.in(time.Hour)))
		want(t, "prove unknown", w.ProveIdentity(ctx, "x", "y", w.now), storage.ErrNotFound)
		got, err := w.PersonByIdentity(ctx, i.Provider, i.Subject)
		must(t, err)
		for _, found := range got.Identities {
			if found.Provider == i.Provider && !found.ProvedAt.Equal(w.now) {
				t.Errorf("proved at %v, want %v", found.ProvedAt, w.now)
			}
		}
		want(t, "remove another's", w.RemoveIdentity(ctx, q.ID, i.Provider, i.Subject), storage.ErrNotFound)
		must(t, w.RemoveIdentity(ctx, p.ID, i.Provider, i.Subject))
		_, err = w.PersonByIdentity(ctx, i.Provider, i.Subject)
		want(t, "removed", err, storage.ErrNotFound)
		must(t, w.PutIdentity(ctx, i)) // relinked: unproved again
		got, err = w.PersonByIdentity(ctx, i.Provider, i.Subject)
		must(t, err)
		if !identity(got, i).ProvedAt.IsZero() {
			t.Error("relinked and still proved")
		}
		must(t, w.ProveIdentity(ctx, i.Provider, i.Subject, w.now))
		must(t, w.UnproveIdentities(ctx, q.ID))
		got, err = w.PersonByIdentity(ctx, i.Provider, i.Subject)
		must(t, err)
		if identity(got, i).ProvedAt.IsZero() {
			t.Error("unproved with another's")
		}
		must(t, w.UnproveIdentities(ctx, p.ID))
		got, err = w.PersonByIdentity(ctx, i.Provider, i.Subject)
		must(t, err)
		if !identity(got, i).ProvedAt.IsZero() || !slices.Equal(identity(got, i).Emails, i.Emails) {
			t.Error("Q67: still proved, or its addresses are lost")
		}
	})
}

func identity(p *storage.Person, like *storage.Identity) *storage.Identity {
	for _, i := range p.Identities {
		if i.Provider == like.Provider && i.Subject == like.Subject {
			return i
		}
	}
	return &storage.Identity{}
}
