package desk

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// Lock lets a person in no more, and ends whatever could act for them.
func (d *Desk) Lock(ctx context.Context, db storage.Records, p *storage.Person, now time.Time) error {
	if err := d.set(ctx, db, p, true, now); err != nil {
		return err
	}
	return d.Locked(ctx, db, p, "locked", now)
}

// Locked is what follows once a person's row says disabled: sessions, every panel's access, remembered browsers and mailed
// links end. A social sign-in under way finds a disabled person.
func (d *Desk) Locked(ctx context.Context, db storage.Records, p *storage.Person, reason string, now time.Time) error {
	if err := session.EndAccess(ctx, db, d.record(ctx, audit.SessionEnd, reason, p, now)); err != nil {
		return err
	}
	return db.Append(ctx, d.record(ctx, audit.PersonDisabled, reason, p, now))
}

// Unlock lets the person in again. What ended stays ended.
func (d *Desk) Unlock(ctx context.Context, db storage.Records, p *storage.Person, now time.Time) error {
	if err := d.set(ctx, db, p, false, now); err != nil {
		return err
	}
	return db.Append(ctx, d.record(ctx, audit.PersonUpdated, "unlocked", p, now))
}

// set changes the person as it is now in the database.
func (d *Desk) set(ctx context.Context, db storage.Records, p *storage.Person, disabled bool, now time.Time) error {
	row, err := db.Person(ctx, p.ID)
	if err != nil {
		return err
	}
	row.Disabled, row.Updated = disabled, now
	return db.UpdatePerson(ctx, row)
}

// EndSession ends one session of the person, by its id. ErrNoSession also where it was over before.
func (d *Desk) EndSession(ctx context.Context, db storage.Records, p *storage.Person, id string, now time.Time) error {
	_, err := session.End(ctx, db, id, d.record(ctx, audit.SessionEnd, d.By.Actor, p, now))
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrUsed) {
		return ErrNoSession
	}
	return err
}

// EndAccess ends whatever could act for the person.
func (d *Desk) EndAccess(ctx context.Context, db storage.Records, p *storage.Person, now time.Time) error {
	err := session.EndAccess(ctx, db, d.record(ctx, audit.SessionEnd, d.By.Actor, p, now))
	return err
}
