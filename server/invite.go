package server

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/login"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// invite mails a person whose account somebody else made the link for the first password (people.Options.Invite).
func (p *post) invite(ctx context.Context, db storage.Records, person *storage.Person, now time.Time) error {
	box, err := p.resets.Invite(ctx, db, person, now)
	if err != nil {
		return err
	}
	return p.letter(ctx, db, login.Letter{Kind: user.LinkInvitation, Mailbox: box, Now: now})
}
