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

// resetFactor is "soglia user reset-factor".
type resetFactor struct {
	whom
	Factor string `placeholder:"ID" help:"Only this one (ids: soglia user show). Otherwise all, and the recovery codes."`
}

// Run takes factors away from the person it is told.
func (c *resetFactor) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	return c.take(ctx, f, s)
}

// take takes factors away, ends whatever could act for the person, and tells every mailbox of theirs: who talked the help
// desk into it must not stay unseen.
func (c *resetFactor) take(ctx context.Context, f *found, s *streams) error {
	notices, err := server.NewNotices(f.cfg)
	if err != nil {
		return err
	}
	var ids []string
	if c.Factor != "" {
		ids = []string{c.Factor}
	}
	var gone []*storage.Factor
	cooling := f.cfg.Policy.Cooling
	err = f.db.Tx(ctx, func(tx storage.Records) (err error) {
		now := f.db.Now()
		gone, err = user.Recover(ctx, tx, ids, cooling, f.record(ctx, audit.SessionEnd, "factor_reset"))
		if errors.Is(err, storage.ErrNotFound) {
			return wrong{fmt.Errorf("%s has no such factor", f.Username)}
		}
		if err != nil {
			return err
		}
		for _, factor := range gone {
			if err := tx.Append(ctx, f.record(ctx, audit.FactorRemoved, factor.Method)); err != nil {
				return err
			}
		}
		return notices.Send(ctx, tx, f.Person, "factor_removed", now)
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%d taken away from %s; sessions have ended; the person is told by mail. "+
			"Codes to the account's addresses open nothing until %s.\n", len(gone), f.Username, when(f.db.Now().Add(cooling)))
	}
	return err
}
