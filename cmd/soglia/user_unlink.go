package main

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
)

// unlinkLogin is "soglia user unlink".
type unlinkLogin struct {
	whom
	Provider string `arg:"" help:"Provider of the login (soglia user show)."`
	Subject  string `placeholder:"ID" help:"Which one, where the person has several there."`
}

// Run takes a linked login away.
func (c *unlinkLogin) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.take) }

func (c *unlinkLogin) take(ctx context.Context, f *found, s *streams) error {
	var gone *storage.Identity
	err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) (err error) {
		gone, err = d.Unlink(ctx, tx, f.Person, c.Provider, c.Subject, now)
		return err
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s/%s was taken away from %s; sessions have ended; the person is told by mail.\n",
			gone.Provider, gone.Subject, f.Username)
	}
	return err
}
