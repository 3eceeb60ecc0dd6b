package main

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
)

// waiveRest is "soglia user waive-rest".
type waiveRest struct {
	whom
	Reason string `required:"" help:"Why, for the record: who was recognised, and how. Up to 500 characters."`
}

// Run lets the contacts of a recovered account count at once.
func (c *waiveRest) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.waive) }

func (c *waiveRest) waive(ctx context.Context, f *found, s *streams) error {
	err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error {
		return d.WaiveRest(ctx, tx, f.Person, c.Reason, now)
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "Codes to the addresses of %s count at once; the person is told by mail.\n", f.Username)
	}
	return err
}
