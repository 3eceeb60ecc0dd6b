package user

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Mailbox is a stored address with the accounts it belongs to: often several (help promise 13).
type Mailbox struct {
	Address   string // as stored; nothing in a request ever names a recipient
	Canonical string
	Accounts  []Account
}

// Account is one of them.
type Account struct {
	Person *storage.Person
	Link   string // secret of the link that sets its password; "" = it has none and signs in by providers only
}

// Mailboxes finds where to write to whoever somebody says to be: a user name means that account and its main mailbox, an
// address means that mailbox and every account it belongs to. Disabled accounts are left out. Nobody is no error.
//
// The number of statements depends on the text only, never on who exists (see [Find]).
func Mailboxes(ctx context.Context, records storage.People, identifiers []string, text string, now time.Time) ([]Mailbox, error) {
	var found []Mailbox
	if name, err := CanonicalUsername(text); err == nil && slices.Contains(identifiers, ByUsername) {
		p, err := records.PersonByUsername(ctx, name)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
		if p != nil && !p.Disabled {
			if c := MainMailbox(p, now); c != nil {
				found = append(found, Mailbox{c.Address, c.Canonical, []Account{{Person: p}}})
			}
		}
	}
	if !strings.Contains(text, "@") || !slices.Contains(identifiers, ByEmail) {
		return found, nil
	}
	address, err := CanonicalEmail(text)
	if err != nil {
		return found, nil
	}
	people, err := records.PeopleByEmail(ctx, address)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, err
	}
	for _, p := range people {
		if c := mailbox(p, address, now); c != nil && !p.Disabled {
			found = join(found, c, p)
		}
	}
	return found, nil
}

// MainMailbox is where mail about an account goes: the primary address, else the first. An address that was changed a
// short while ago stands back where there is a settled one: it may be the change that somebody else made. One that was put back by a
// mailed link is none before it has settled. nil = none.
func MainMailbox(p *storage.Person, now time.Time) *storage.Contact {
	var best *storage.Contact
	for _, c := range p.Contacts {
		if c.Channel != "email" || c.PutBack && c.RestsUntil.After(now) {
			continue
		}
		settled := !c.RestsUntil.After(now)
		switch {
		case best == nil, settled && best.RestsUntil.After(now), c.Primary && settled == !best.RestsUntil.After(now):
			best = c
		}
	}
	return best
}

// mailbox is the person's contact with that address, when a password may be set through it.
func mailbox(p *storage.Person, address string, now time.Time) *storage.Contact {
	main := MainMailbox(p, now)
	for _, c := range p.Contacts {
		if SelfMade(p) && c.VerifiedAt.IsZero() { // the provider's word, which nobody confirmed
			continue
		}
		if c.Channel == "email" && c.Canonical == address && (!c.RestsUntil.After(now) || c == main) {
			return c
		}
	}
	return nil
}

// join adds an account to its mailbox.
func join(to []Mailbox, c *storage.Contact, p *storage.Person) []Mailbox {
	for _, m := range to { // named by user name already
		if slices.ContainsFunc(m.Accounts, func(a Account) bool { return a.Person.ID == p.ID }) {
			return to
		}
	}
	for i := range to {
		if to[i].Canonical == c.Canonical {
			to[i].Accounts = append(to[i].Accounts, Account{Person: p})
			return to
		}
	}
	return append(to, Mailbox{c.Address, c.Canonical, []Account{{Person: p}}})
}
