package contact

import (
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// Most is how many contacts people add to their own account: each gets every notice.
const Most = 10

// Why a contact of one's own stays as it is.
var (
	ErrLast       = errors.New("contact: no other one to which codes can go would be left")
	ErrMailbox    = errors.New("contact: no other mailbox for links and notices would be left")
	ErrFactor     = errors.New("contact: the number is an own factor")
	ErrRests      = errors.New("contact: it rests")
	ErrUnverified = errors.New("contact: nobody has proved it")
	ErrSame       = errors.New("contact: it is so already")
)

func isMailbox(c *storage.Contact) bool { return c.Channel == "email" }

// find is one of a person's contacts. storage.ErrNotFound.
func find(p *storage.Person, id string) (*storage.Contact, error) {
	at := slices.IndexFunc(p.Contacts, func(c *storage.Contact) bool { return c.ID == id })
	if at < 0 {
		return nil, storage.ErrNotFound
	}
	return p.Contacts[at], nil
}

// settled reports whether a code came back from a contact, and it does not rest.
func settled(c *storage.Contact, now time.Time) bool {
	return !c.VerifiedAt.IsZero() && !c.RestsUntil.After(now)
}

// usable reports whether a code to it opens something.
func usable(cfg *config.Config, c *storage.Contact, now time.Time) bool {
	if c.NoCodes || !settled(c, now) {
		return false
	}
	if !isMailbox(c) {
		return slices.ContainsFunc(cfg.Policy.Channels, acr.Method.ByPhone) && cfg.TakesCodes(c.Canonical)
	}
	return slices.Contains(cfg.Policy.Channels, acr.Email)
}

// spared says why codes may not stop going to a contact: it would leave none to which they can go.
func spared(cfg *config.Config, p *storage.Person, c *storage.Contact, now time.Time) error {
	if !slices.ContainsFunc(p.Contacts, func(o *storage.Contact) bool { return o.ID != c.ID && usable(cfg, o, now) }) {
		return ErrLast
	}
	return nil
}

// Remove takes one of p's contacts away. Where it was the primary one, the oldest settled one of the kind takes its place.
// storage.ErrNotFound, ErrFactor, ErrMailbox, ErrLast.
func Remove(cfg *config.Config, p *storage.Person, id string, now time.Time) (Change, error) {
	c, err := find(p, id)
	if err != nil {
		return Change{}, err
	}
	if !isMailbox(c) && slices.ContainsFunc(p.Factors, func(f *storage.Factor) bool { return f.Address == c.Canonical }) {
		return Change{}, ErrFactor
	}
	if isMailbox(c) && !slices.ContainsFunc(p.Contacts, func(o *storage.Contact) bool { return o.ID != id && isMailbox(o) && settled(o, now) }) {
		return Change{}, ErrMailbox
	}
	if err := spared(cfg, p, c, now); err != nil {
		return Change{}, err
	}
	change := Change{remove: []*storage.Contact{c}}
	if c.VerifiedAt.IsZero() { // of a proved one Make writes the record
		change.acts = []act{{audit.ContactRemoved, c.Channel, c}}
	}
	if c.Primary {
		change.put = heir(p, c, now)
	}
	return change, nil
}

// heir is the contact that is primary once c is not.
func heir(p *storage.Person, c *storage.Contact, now time.Time) []*storage.Contact {
	var best *storage.Contact
	for _, o := range p.Contacts { // the primary one first, then by age
		if o.ID != c.ID && o.Channel == c.Channel && (best == nil || settled(o, now) && !settled(best, now)) {
			best = o
		}
	}
	if best == nil {
		return nil
	}
	moved := *best
	moved.Primary = true
	return []*storage.Contact{&moved}
}

// Primary makes a contact the primary one of its kind: it is what panels get as email or phone_number. storage.ErrNotFound,
// ErrSame, ErrUnverified, ErrRests.
func Primary(p *storage.Person, id string, now time.Time) (Change, error) {
	c, err := find(p, id)
	switch {
	case err != nil:
		return Change{}, err
	case c.Primary:
		return Change{}, ErrSame
	case c.VerifiedAt.IsZero():
		return Change{}, ErrUnverified
	case !settled(c, now):
		return Change{}, ErrRests
	}
	change := Change{acts: []act{{audit.ContactPrimary, c.Channel, c}}}
	for _, o := range p.Contacts {
		if o.Channel == c.Channel && (o.Primary || o.ID == id) {
			moved := *o
			moved.Primary = o.ID == id
			change.put = append(change.put, &moved)
		}
	}
	return change, nil
}

// Codes lets codes go to a contact, or no more. storage.ErrNotFound, ErrSame, ErrLast.
func Codes(cfg *config.Config, p *storage.Person, id string, on bool, now time.Time) (Change, error) {
	c, err := find(p, id)
	if err != nil {
		return Change{}, err
	}
	if c.NoCodes == !on {
		return Change{}, ErrSame
	}
	if !on {
		if err := spared(cfg, p, c, now); err != nil {
			return Change{}, err
		}
	}
	chosen := *c
	chosen.NoCodes = !on
	return Change{put: []*storage.Contact{&chosen}, acts: []act{{audit.ContactCodes, map[bool]string{true: "on", false: "off"}[on], c}}}, nil
}
