// Package contact is the one service for the addresses of an account: adding, proving, resting, telling, removing. Whoever
// changes one asks here: the sign-in of a newcomer (login), the operator's system (people), and whoever comes next.
//
// It owns what is stored of an address, which ones rest and for how long, who is told and what is recorded, and the limits
// of what strangers may have us write to. It leaves the form of addresses to user, codes to mfa, and whether a code to an
// address would count to acr.
//
// Easy to get wrong: an address that is only claimed. It must not stand among anybody's contacts before its code came back:
// it would make its owner's sign-in by e-mail ambiguous. And an address that comes to an account in use opens nothing
// sensitive for a while (contacts.cooling), whoever filed it, with the old addresses told.
package contact

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// Change is what becomes of a person's contacts.
type Change struct {
	put    []*storage.Contact
	remove []*storage.Contact
	acts   []act // what is recorded of it, besides each proved address that goes
}

// act is a record about one contact.
type act struct {
	name, reason string
	of           *storage.Contact
}

// Empty reports whether nothing changes.
func (c *Change) Empty() bool { return len(c.put)+len(c.remove) == 0 }

// Wanted are the addresses an account is to have. They are checked: each has a canonical form.
type Wanted struct {
	Emails, Phones []string // of each the first is primary
	Gone           []string // canonical forms that go, proved ones too
}

// Compare says what is to change so that p has the wanted addresses. New ones are on file: the first correct code verifies
// them, and until fresh they rest. Addresses that the person has proved stay, whatever
// the list says, unless they are among those to go.
func Compare(p *storage.Person, w Wanted, fresh, now time.Time) Change {
	var c Change
	c.channel(p, "email", w.Emails, w.Gone, fresh, now)
	c.channel(p, "phone", w.Phones, w.Gone, fresh, now)
	return c
}

func (c *Change) channel(p *storage.Person, channel string, list, gone []string, fresh, now time.Time) {
	var wanted []string
	for i, address := range list {
		canonical, _ := user.CanonicalContact(address) // checked before
		wanted = append(wanted, canonical)
		at := slices.IndexFunc(p.Contacts, func(have *storage.Contact) bool { return have.Channel == channel && have.Canonical == canonical })
		if at < 0 {
			written, _ := user.WrittenContact(address)
			c.put = append(c.put, &storage.Contact{
				ID: secret.NewID(), PersonID: p.ID, Channel: channel, Address: written, Canonical: canonical,
				Primary: i == 0, RestsUntil: fresh, Created: now,
			})
			continue
		}
		if have := p.Contacts[at]; have.Primary != (i == 0) {
			moved := *have
			moved.Primary = i == 0
			c.put = append(c.put, &moved)
		}
	}
	primary := len(wanted) > 0 // one of those is
	for _, have := range p.Contacts {
		switch {
		case have.Channel != channel || slices.Contains(wanted, have.Canonical):
		case have.VerifiedAt.IsZero() || slices.Contains(gone, have.Canonical):
			c.remove = append(c.remove, have)
		case have.Primary == !primary: // of those that stay on their own the first is primary
			primary = true
		default:
			moved := *have
			moved.Primary, primary = !primary, true
			c.put = append(c.put, &moved)
		}
	}
}

// Keep writes a change and tells nobody: of an account that is made just now. Run it in a transaction.
func (c *Change) Keep(ctx context.Context, db storage.Records) error {
	for _, gone := range c.remove {
		if err := db.RemoveContact(ctx, gone.PersonID, gone.ID); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
	}
	for _, put := range c.put {
		if err := db.PutContact(ctx, put); err != nil {
			return err
		}
	}
	return nil
}

// By is who changes addresses.
type By struct {
	Record func(name string) *storage.Event // of what they do to the person
	Notice func(ctx context.Context, db storage.Records, person *storage.Person, kind string, by session.Client, now time.Time) error
	// Revertible is Notice with the links by which a change is taken back, by the id of the contact that gets each; nil = none are made.
	Revertible func(ctx context.Context, db storage.Records, person *storage.Person, kind string, links map[string]string, by session.Client, now time.Time) error
	Revert     time.Duration // how long it can be (contacts.revert); 0 = it cannot
	Origin     string        // what the change stands on; "" = the operator's word, or as good (see [Origin])
	Via        []string      // canonical addresses that whoever changes them had codes from

	Client session.Client // the browser; zero = none
	Now    time.Time
}

// Make writes a change, records each proved address that goes, and tells the person at the addresses of before: those that
// go are among them. Run it in a transaction.
func (c *Change) Make(ctx context.Context, db storage.Records, before *storage.Person, by By) error {
	if c.Empty() {
		return nil
	}
	if err := c.Keep(ctx, db); err != nil {
		return err
	}
	kind, acts := "contact_changed", c.acts
	for _, gone := range c.remove {
		if !gone.VerifiedAt.IsZero() {
			kind, acts = "contact_removed", append(slices.Clip(acts), act{audit.ContactRemoved, gone.Channel, gone})
		}
	}
	for _, a := range acts {
		ev, err := record(by, a)
		if err != nil {
			return err
		}
		if err := db.Append(ctx, ev); err != nil {
			return err
		}
	}
	return c.tell(ctx, db, before, kind, by)
}

func record(by By, a act) (*storage.Event, error) {
	detail, err := json.Marshal(map[string]string{"contact": a.of.ID, "address": mfa.Mask(a.of.Canonical)})
	if err != nil {
		return nil, err
	}
	ev := by.Record(a.name)
	ev.Reason, ev.Detail = a.reason, detail
	return ev, nil
}
