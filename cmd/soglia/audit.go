package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
)

// trail is "soglia audit …".
type trail struct {
	Tail tail       `cmd:"" help:"Print the last records, one JSON object a line."`
	Find findRecord `cmd:"" help:"Print the records of the reference that somebody read from a page."`
}

type tail struct {
	Lines  int  `short:"n" default:"20" help:"How many (${default})."`
	Follow bool `short:"f" help:"Go on with what happens, until told to stop."`
	configured
}

// Following asks this often, and each time looks back a little: a record is written with the time of its act and
// becomes visible with its transaction, so that a later one may be seen first.
const (
	followEvery = time.Second
	lookBack    = 10 * time.Second
	followBatch = 1000
)

// Run prints oldest first.
func (c *tail) Run(ctx context.Context, s *streams) error {
	_, db, err := c.openAsIs(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	begin := db.Now()
	last, err := db.Events(ctx, "", time.Time{}, max(c.Lines, 0))
	if err != nil {
		return err
	}
	slices.Reverse(last)
	seen := map[string]time.Time{} // printed, not older than lookBack
	show := func(events []*storage.Event) error {
		for _, ev := range events {
			if _, again := seen[ev.ID]; again {
				continue
			}
			seen[ev.ID] = ev.At
			if _, err := s.out.Write(audit.Line(ev)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := show(last); err != nil || !c.Follow {
		return err
	}
	for read := begin; ctx.Err() == nil; wait(ctx, followEvery) {
		from := read.Add(-lookBack)
		if from.Before(begin) {
			from = begin
		}
		for id, at := range seen {
			if at.Before(from) {
				delete(seen, id)
			}
		}
		now := db.Now()
		err := follow(ctx, db, from, show)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, storage.ErrAway): // it will be back; then we go on from where we were
		case err != nil:
			return err
		default:
			read = now
		}
	}
	return nil
}

// follow shows what happened since a time.
func follow(ctx context.Context, db storage.Store, at time.Time, show func([]*storage.Event) error) error {
	for id := ""; ; {
		next, err := db.EventsSince(ctx, at, id, followBatch)
		if err != nil {
			return err
		}
		if err := show(next); err != nil || len(next) < followBatch {
			return err
		}
		at, id = next[len(next)-1].At, next[len(next)-1].ID
	}
}
