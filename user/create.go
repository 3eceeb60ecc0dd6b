package user

import (
	"context"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// New is an account to be.
type New struct {
	Username       string
	Emails         []NewEmail // the first is the primary one
	Phones         []string   // the same, all on file
	PasswordHash   string     // of Hasher.NewPassword; "" = no password
	CustomerNumber string
	ExternalID     string
	Groups         []string
	Locale         string // "it", "en"
	Profile        Profile
	Now            time.Time
}

// NewEmail is a mail address of a new account.
type NewEmail struct {
	Address  string
	Verified bool // false: on file, the first correct code verifies it
}

// Create stores a new person. ErrUsername, ErrEmail, ErrPhone, storage.ErrConflict when the user name is taken.
//
// A user name with "@" must be one of the account's own addresses: nobody may be named like somebody else's mailbox, or
// that one's owner could no longer sign in by it.
func Create(ctx context.Context, records storage.People, n New) (*storage.Person, error) {
	p, err := n.person()
	if err != nil {
		return nil, err
	}
	if err := records.CreatePerson(ctx, p); err != nil {
		return nil, err
	}
	return p, nil
}

func (n New) person() (*storage.Person, error) {
	canonical, err := CanonicalUsername(n.Username)
	if err != nil {
		return nil, err
	}
	p := &storage.Person{
		ID:             secret.NewID(),
		Version:        1,
		Username:       Trim(n.Username),
		Canonical:      canonical,
		CustomerNumber: n.CustomerNumber,
		ExternalID:     n.ExternalID,
		Groups:         SortedGroups(n.Groups),
		Locale:         n.Locale,
		Profile:        n.Profile.JSON(),
		PasswordHash:   n.PasswordHash,
		Created:        n.Now,
		Updated:        n.Now,
	}
	if n.PasswordHash != "" {
		p.PasswordSetAt = n.Now
	}
	own := !strings.Contains(canonical, "@")
	for i, e := range n.Emails {
		address, err := Email(e.Address)
		if err != nil {
			return nil, err
		}
		c := n.contact(p, "email", address.String(), address.Canonical(), i == 0)
		if e.Verified {
			c.VerifiedAt = n.Now
		}
		own = own || address.Canonical() == canonical
	}
	for i, number := range n.Phones {
		phone, err := CanonicalPhone(number)
		if err != nil {
			return nil, err
		}
		n.contact(p, "phone", phone, phone, i == 0)
	}
	if !own {
		return nil, ErrUsername
	}
	return p, nil
}

// contact gives p an address that is on file.
func (n New) contact(p *storage.Person, channel, written, canonical string, primary bool) *storage.Contact {
	c := &storage.Contact{
		ID: secret.NewID(), PersonID: p.ID, Channel: channel, Address: written, Canonical: canonical, Primary: primary, Created: n.Now,
	}
	p.Contacts = append(p.Contacts, c)
	return c
}
