package main

import (
	"context"
	"fmt"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// clientRevoke is "soglia client revoke".
type clientRevoke struct {
	ID string `arg:"" help:"Client, also one that is no longer in the configuration."`
	configured
}

// Run ends the client's grants, of everybody: after a leaked secret, or a scope that should never have been given. It is no
// ban: whoever signs in there next gets a new grant, unless the client leaves the configuration.
func (c *clientRevoke) Run(ctx context.Context, s *streams) error {
	cfg, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	n := 0
	err = db.Tx(ctx, func(tx storage.Records) error {
		ev := audit.From(ctx).Event(audit.TokenRevoked, audit.OK, operator)
		ev.At, ev.ClientID = db.Now(), c.ID
		err := session.EndGrantsOfClient(ctx, tx, ev, func(ended int) {
			n = ended
			ev.Detail = fmt.Appendf(nil, `{"what":"client","grants":%d}`, n)
		})
		if err == nil && n == 0 && cfg.Client(c.ID) == nil {
			err = exit1{fmt.Errorf("there is no client %q, and nothing that was given to one", c.ID)}
		}
		return err
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%d ended at %s. JWT access tokens that a panel checks by itself live to their exp.\n", n, c.ID)
	}
	return err
}
