package main

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// findRecord is "soglia audit find".
type findRecord struct {
	Reference string `arg:"" help:"As on the page, 7F3K-92QD; small letters and no hyphen will do."`
	Days      int    `default:"7" help:"How far to look back (${default})."`
	configured
}

// Run prints oldest first. A request that changed nothing leaves no record; then only the log has its reference.
func (c *findRecord) Run(ctx context.Context, s *streams) error {
	ref, ok := web.ReadReference(c.Reference)
	if !ok {
		return fmt.Errorf("%q is no reference: they look like 7F3K-92QD", c.Reference)
	}
	_, db, err := c.openAsIs(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	found := false
	err = follow(ctx, db, db.Now().Add(-time.Duration(c.Days)*24*time.Hour), func(events []*storage.Event) error {
		for _, ev := range events {
			if ev.RequestID != ref {
				continue
			}
			found = true
			if _, err := s.out.Write(audit.Line(ev)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !found {
		fmt.Fprintf(s.err, "no record of %s in the last %d days; the log may have its line\n", ref, c.Days)
	}
	return err
}
