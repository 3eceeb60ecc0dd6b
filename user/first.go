package user

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// First makes the link by which a person whose account somebody else made sets the first password. It is a link like
// that of a forgotten one: who lets it lapse asks for another from the sign-in page. ErrNoMailbox. Run it in the
// transaction that makes the account.
func (s *Resets) First(ctx context.Context, records storage.Records, person *storage.Person, now time.Time) (Mailbox, error) {
	c := MainMailbox(person, now)
	if c == nil {
		return Mailbox{}, ErrNoMailbox
	}
	link, err := s.put(ctx, records, LinkReset, person, c.Canonical, nil, now)
	return Mailbox{c.Address, c.Canonical, []Account{{person, link}}}, err
}
