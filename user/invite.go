package user

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// ErrHasPassword: an invitation sets the first password, and there is one.
var ErrHasPassword = errors.New("user: there is a password already")

// Invite makes the link by which a person whose account somebody else made sets the first password; a newer one takes
// the place of an older one. It is another kind of link than that of a forgotten password: it lives for days, it is only
// for an account without a password, and only the password set by it can begin the account's birth (storage.Person).
// ErrHasPassword, ErrNoMailbox. Run it in the transaction that queues the mail.
func (s *Resets) Invite(ctx context.Context, records storage.Records, person *storage.Person, now time.Time) (Mailbox, error) {
	if person.PasswordHash != "" {
		return Mailbox{}, ErrHasPassword
	}
	c := MainMailbox(person, now)
	if c == nil {
		return Mailbox{}, ErrNoMailbox
	}
	link, err := s.put(ctx, records, LinkInvitation, person, c.Canonical, nil, now)
	return Mailbox{c.Address, c.Canonical, []Account{{person, link}}}, err
}
