package main

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
)

// resetFactor is "soglia user reset-factor".
type resetFactor struct {
	whom
	Factor string `placeholder:"ID" help:"Only this one (ids: soglia user show). Otherwise all, and the recovery codes."`
}

// Run takes factors away from the person, who is told in every mailbox: a stranger may have talked the help desk
// into it.
func (c *resetFactor) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.take) }

func (c *resetFactor) take(ctx context.Context, f *found, s *streams) error {
	var ids []string
	if c.Factor != "" {
		ids = []string{c.Factor}
	}
	var gone []*storage.Factor
	err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) (err error) {
		gone, err = d.ResetFactor(ctx, tx, f.Person, ids, now)
		return err
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%d taken away from %s; sessions have ended; the person is told by mail. "+
			"Codes to the account's addresses open nothing until %s.\n", len(gone), f.Username, when(f.db.Now().Add(f.cfg.Policy.Cooling)))
	}
	return err
}
