package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// canonicals checks a list of addresses.
func canonicals(list []string, at string, canonical func(string) (string, error), why string) ([]string, []fault) {
	var (
		out    []string
		faults []fault
	)
	if len(list) > maxContacts {
		return nil, []fault{{at, fmt.Sprintf("There are more than %d.", maxContacts)}}
	}
	for i, address := range list {
		c, err := canonical(address)
		switch {
		case err != nil:
			faults = append(faults, fault{at + "/" + strconv.Itoa(i), why})
		case slices.Contains(out, c):
			faults = append(faults, fault{at + "/" + strconv.Itoa(i), "The address is in the list twice."})
		}
		out = append(out, c)
	}
	return out, faults
}

var errPhone = errors.New("people: not a telephone number")

// canonicalPhone is the E.164 form of a number written with its country's prefix.
func canonicalPhone(s string) (string, error) {
	c := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()", r) {
			return -1
		}
		return r
	}, s)
	digits, ok := strings.CutPrefix(c, "+")
	if !ok || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return "", errPhone
	}
	return c, nil
}

// canonicalContact is the form of an address of either channel.
func canonicalContact(s string) (string, error) {
	if strings.Contains(s, "@") {
		return user.CanonicalEmail(s)
	}
	return canonicalPhone(s)
}

// filing is what becomes of a person's contacts.
type filing struct {
	put    []*storage.Contact
	remove []*storage.Contact
}

func (f *filing) empty() bool { return len(f.put)+len(f.remove) == 0 }

// taken are the proved ones that go.
func (f *filing) taken() []*storage.Contact {
	return slices.DeleteFunc(slices.Clone(f.remove), func(c *storage.Contact) bool { return c.VerifiedAt.IsZero() })
}

// file compares the wanted addresses of a checked draft with those there are. New ones are on file: the first correct
// code verifies them. Addresses that the person has proved stay, whatever the operator's system knows of them, unless it
// says in as many words that they go.
func (d *draft) file(p *storage.Person, fresh time.Time, now time.Time) filing {
	var f filing
	f.channel(p, "email", d.Emails, d.gone, fresh, now)
	f.channel(p, "phone", d.Phones, d.gone, fresh, now)
	return f
}

func (f *filing) channel(p *storage.Person, channel string, list, gone []string, fresh, now time.Time) {
	var wanted []string
	for i, address := range list {
		c, _ := canonicalContact(address) // checked before
		wanted = append(wanted, c)
		at := slices.IndexFunc(p.Contacts, func(have *storage.Contact) bool { return have.Channel == channel && have.Canonical == c })
		if at < 0 {
			f.put = append(f.put, &storage.Contact{
				ID: secret.NewID(), PersonID: p.ID, Channel: channel, Address: user.Trim(address), Canonical: c,
				Primary: i == 0, FreshUntil: fresh, Created: now,
			})
			continue
		}
		if have := p.Contacts[at]; have.Primary != (i == 0) {
			moved := *have
			moved.Primary = i == 0
			f.put = append(f.put, &moved)
		}
	}
	primary := len(wanted) > 0 // one of those is
	for _, have := range p.Contacts {
		switch {
		case have.Channel != channel || slices.Contains(wanted, have.Canonical):
		case have.VerifiedAt.IsZero() || slices.Contains(gone, have.Canonical):
			f.remove = append(f.remove, have)
		case have.Primary == !primary: // of those that stay on their own the first is primary
			primary = true
		default:
			moved := *have
			moved.Primary, primary = !primary, true
			f.put = append(f.put, &moved)
		}
	}
}

// keep writes the filing.
func (f *filing) keep(ctx context.Context, db storage.Records) error {
	for _, c := range f.remove {
		if err := db.RemoveContact(ctx, c.PersonID, c.ID); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
	}
	for _, c := range f.put {
		if err := db.PutContact(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
