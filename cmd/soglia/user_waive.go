package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// waiveRest is "soglia user waive-rest".
type waiveRest struct {
	whom
	Reason string `required:"" help:"Why, for the record: who was recognised, and how. Up to 500 characters."`
}

// Run lets the contacts of a recovered account count at once.
func (c *waiveRest) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	return c.waive(ctx, f, s)
}

func (c *waiveRest) waive(ctx context.Context, f *found, s *streams) error {
	why := strings.TrimSpace(c.Reason)
	if n := utf8.RuneCountInString(why); n == 0 || n > 500 || !utf8.ValidString(why) {
		return wrong{fmt.Errorf("a reason has 1 to 500 characters")}
	}
	notices, err := server.NewNotices(f.cfg)
	if err != nil {
		return err
	}
	err = f.db.Tx(ctx, func(tx storage.Records) error {
		now := f.db.Now()
		rested, err := user.WaiveRest(ctx, tx, f.ID, now)
		if err != nil {
			return err
		}
		if !rested {
			return wrong{fmt.Errorf("%s does not rest", f.Username)}
		}
		rec := f.record(ctx, audit.RestWaived, "")
		if rec.Detail, err = json.Marshal(struct {
			by
			Reason string `json:"reason"`
		}{whoRuns(), why}); err != nil {
			return err
		}
		if err := tx.Append(ctx, rec); err != nil {
			return err
		}
		return notices.Send(ctx, tx, f.Person, "rest_waived", now)
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "Codes to the addresses of %s count at once; the person is told by mail.\n", f.Username)
	}
	return err
}
