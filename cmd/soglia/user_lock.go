package main

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
)

// lockPerson is "soglia user lock".
type lockPerson struct{ whom }

// Run locks and ends whatever could act for the person.
func (c *lockPerson) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, func(ctx context.Context, f *found, s *streams) error {
		err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error { return d.Lock(ctx, tx, f.Person, now) })
		if err == nil {
			_, err = fmt.Fprintf(s.out, "%s is locked; sessions and tokens have ended.\n", f.Username)
		}
		return err
	})
}

// unlockPerson is "soglia user unlock".
type unlockPerson struct{ whom }

// Run unlocks. What ended stays ended: the person signs in anew.
func (c *unlockPerson) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, func(ctx context.Context, f *found, s *streams) error {
		err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error { return d.Unlock(ctx, tx, f.Person, now) })
		if err == nil {
			_, err = fmt.Fprintf(s.out, "%s can sign in again.\n", f.Username)
		}
		return err
	})
}
