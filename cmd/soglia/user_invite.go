package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// invitePerson is "soglia user invite".
type invitePerson struct{ whom }

// Run mails the invitation, or another one in the place of the last.
func (c *invitePerson) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	return c.send(ctx, f, s)
}

func (c *invitePerson) send(ctx context.Context, f *found, s *streams) error {
	err := f.db.Tx(ctx, func(tx storage.Records) error {
		p, err := tx.Person(ctx, f.ID)
		if err != nil {
			return err
		}
		return f.invite(ctx, tx, p)
	})
	if err == nil {
		err = f.invited(s)
	}
	return err
}

// invite mails an invitation in the transaction.
func (f *found) invite(ctx context.Context, tx storage.Records, p *storage.Person) error {
	if p.Disabled {
		return wrong{fmt.Errorf("%s is locked", p.Username)}
	}
	notices, err := server.NewNotices(f.cfg)
	if err != nil {
		return err
	}
	switch err := notices.Invite(ctx, tx, p, f.db.Now()); {
	case errors.Is(err, user.ErrHasPassword):
		return wrong{fmt.Errorf("%s has a password already; who forgot it asks for a link on the sign-in page", p.Username)}
	case errors.Is(err, user.ErrNoMailbox):
		return wrong{fmt.Errorf("%s has no mail address", p.Username)}
	case err != nil:
		return err
	}
	return tx.Append(ctx, f.record(ctx, audit.PersonInvited, ""))
}

func (f *found) invited(s *streams) error {
	until := when(f.db.Now().Add(f.cfg.Invitation.TTL))
	_, err := fmt.Fprintf(s.out, "%s is invited by mail to choose a password; the link is good until %s.\n", f.Username, until)
	return err
}
