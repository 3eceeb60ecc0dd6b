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
	return c.act(ctx, s, (*desk.Desk).Lock, "%s is locked; sessions and tokens have ended.\n")
}

// unlockPerson is "soglia user unlock".
type unlockPerson struct{ whom }

// Run unlocks. What ended stays ended: the person signs in anew.
func (c *unlockPerson) Run(ctx context.Context, s *streams) error {
	return c.act(ctx, s, (*desk.Desk).Unlock, "%s can sign in again.\n")
}

// act does one verb of the desk and says so.
func (w *whom) act(ctx context.Context, s *streams, verb func(*desk.Desk, context.Context, storage.Records, *storage.Person, time.Time) error, said string) error {
	return w.run(ctx, s, func(ctx context.Context, f *found, s *streams) error {
		err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error { return verb(d, ctx, tx, f.Person, now) })
		if err == nil {
			_, err = fmt.Fprintf(s.out, said, f.Username)
		}
		return err
	})
}
