package contact

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/mailaddress"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// purpose is of the row that holds a claimed address until its code came back.
const purpose = "contact"

// How many addresses one person may try in an hour, and how many such codes one mailbox gets from all of them together.
const (
	perPerson  = 5
	perMailbox = 5
)

// Claim is one person's claim to a mail address in one transaction of codes (mfa.Try.Transaction): made, then proved by
// the code that was sent there. A newer claim takes the place of an older one.
type Claim struct {
	Box         *secret.Box
	Person      *storage.Person
	Transaction string
	RestsUntil  time.Time // until when the address rests once it is proved; zero = not: the account has nothing yet that it could open
	ProvedBy    string    // see [Origin]; only a newcomer's has none
	Now         time.Time
}

// ID is the id that an address will have as this person's contact: the limits of codes hang on it.
func (c *Claim) ID(canonical string) string {
	return hex.EncodeToString(c.Box.MAC("contact", c.Person.ID, canonical)[:16])
}

func (c *Claim) key() []byte { return c.Box.MAC("claimed contact", c.Transaction, c.Person.ID) }

// Of is the contact that an address will be once its code came back.
func (c *Claim) Of(address mailaddress.Address) *storage.Contact {
	canonical := address.Canonical()
	for _, have := range c.Person.Contacts {
		if have.Channel == "email" && have.Canonical == canonical {
			known := *have
			known.VerifiedAt = c.Now
			return &known
		}
	}
	return &storage.Contact{
		ID: c.ID(canonical), PersonID: c.Person.ID, Channel: "email", Address: address.String(), Canonical: canonical,
		Primary: !slices.ContainsFunc(c.Person.Contacts, isMailbox), VerifiedAt: c.Now, RestsUntil: c.RestsUntil, ProvedBy: c.ProvedBy, Created: c.Now,
	}
}

// Put makes the claim, which is good until then. *mfa.Wait where the person, or everybody at this mailbox, claimed too much
// in an hour: how many mailboxes a stranger can have us write to is bounded, and how often strangers can have us write to
// one. Whether somebody has an account by the address is neither looked up nor told.
func (c *Claim) Put(ctx context.Context, db storage.Records, address mailaddress.Address, until time.Time) error {
	canonical := address.Canonical()
	for _, l := range []struct {
		key  string
		most int
	}{
		{"contact/by/" + c.Person.ID, perPerson},
		{"contact/to/" + hex.EncodeToString(c.Box.MAC("contact limit", canonical)[:16]), perMailbox},
	} {
		hits, err := db.Bump(ctx, l.key, time.Hour, c.Now)
		if err != nil {
			return err
		}
		if hits.Count > l.most {
			return &mfa.Wait{Until: hits.Since.Add(time.Hour), Limit: "hour"}
		}
	}
	return db.PutLink(ctx, &storage.Link{
		Hash: c.key(), Purpose: purpose, PersonID: c.Person.ID, Address: canonical, Data: []byte(address.String()),
		Created: c.Now, Expires: until,
	})
}

// Load is the contact whose code is awaited; nil when there is none.
func (c *Claim) Load(ctx context.Context, db storage.Links) (*storage.Contact, error) {
	l, err := db.Link(ctx, c.key(), purpose, c.Now)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	address, err := user.Email(string(l.Data))
	if err != nil {
		return nil, err
	}
	return c.Of(address), nil
}

// Prove ends the claim to what Load gave, whose right code came: once, in the transaction of the code. The caller writes the
// change: Keep where nobody has an older address to be told at, Make otherwise. storage.ErrNotFound: another tab was
// faster.
func (c *Claim) Prove(ctx context.Context, db storage.Records, proved *storage.Contact) (Change, error) {
	if _, err := db.TakeLink(ctx, c.key(), purpose, c.Now); err != nil {
		return Change{}, err
	}
	return Change{put: []*storage.Contact{proved}}, nil
}
