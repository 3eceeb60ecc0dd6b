package main

import (
	"context"
	"fmt"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// lockPerson is "soglia user lock".
type lockPerson struct{ whom }

// Run locks and ends whatever could act for the person.
func (c *lockPerson) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	err = f.db.Tx(ctx, func(tx storage.Records) error {
		if err := set(ctx, tx, f, func(p *storage.Person) { p.Disabled = true }); err != nil {
			return err
		}
		if _, err := session.EndAccess(ctx, tx, f.record(ctx, audit.SessionEnd, "locked")); err != nil {
			return err
		}
		return tx.Append(ctx, f.record(ctx, audit.PersonDisabled, "locked"))
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s is locked; sessions and tokens have ended.\n", f.Username)
	}
	return err
}

// unlockPerson is "soglia user unlock".
type unlockPerson struct{ whom }

// Run unlocks. What ended stays ended: the person signs in anew.
func (c *unlockPerson) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	err = f.db.Tx(ctx, func(tx storage.Records) error {
		if err := set(ctx, tx, f, func(p *storage.Person) { p.Disabled = false }); err != nil {
			return err
		}
		return tx.Append(ctx, f.record(ctx, audit.PersonUpdated, "unlocked"))
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s can sign in again.\n", f.Username)
	}
	return err
}

// set changes the person as it is now in the database.
func set(ctx context.Context, tx storage.Records, f *found, change func(*storage.Person)) error {
	p, err := tx.Person(ctx, f.ID)
	if err != nil {
		return err
	}
	change(p)
	p.Updated = f.db.Now()
	return tx.UpdatePerson(ctx, p)
}
