package main

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
)

// invitePerson is "soglia user invite".
type invitePerson struct{ whom }

// Run mails the invitation, or another one in the place of the last.
func (c *invitePerson) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.send) }

func (c *invitePerson) send(ctx context.Context, f *found, s *streams) error {
	err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error {
		p, err := tx.Person(ctx, f.ID)
		if err != nil {
			return err
		}
		return d.Invites(ctx, tx, p, now)
	})
	if err == nil {
		err = f.invited(s)
	}
	return err
}

func (f *found) invited(s *streams) error {
	until := when(f.db.Now().Add(f.cfg.Invitation.TTL))
	_, err := fmt.Fprintf(s.out, "%s is invited by mail to choose a password; the link is good until %s.\n", f.Username, until)
	return err
}
