package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// sessionsOf is "soglia user sessions".
type sessionsOf struct {
	whom
	End    string `placeholder:"ID" help:"End this session, with its tokens."`
	EndAll bool   `help:"End all of them, with every token, remembered browser and mailed link."`
	JSON   bool   `help:"Print JSON."`
}

// sessionJSON is a session for scripts.
type sessionJSON struct {
	ID        string     `json:"id"`
	Created   *time.Time `json:"created"`
	LastSeen  *time.Time `json:"last_seen"`
	IdleUntil *time.Time `json:"idle_until"`
	Expires   *time.Time `json:"expires"`
	IP        string     `json:"ip"`
	UserAgent string     `json:"user_agent"`
}

// Run ends what is to be ended, then lists what is left.
func (c *sessionsOf) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	if err := c.end(ctx, f); err != nil {
		return err
	}
	live, err := f.db.SessionsOf(ctx, f.ID, f.db.Now())
	if err != nil {
		return err
	}
	rows, all := [][]string{{"ID", "SINCE", "LAST SEEN", "IP", "BROWSER"}}, []sessionJSON{}
	for _, x := range live {
		rows = append(rows, []string{x.ID, when(x.Created), when(x.LastSeen), x.IP, x.UserAgent})
		all = append(all, sessionJSON{x.ID, stamp(x.Created), stamp(x.LastSeen), stamp(x.IdleUntil), stamp(x.Expires), x.IP, x.UserAgent})
	}
	if c.JSON {
		return printJSON(s.out, all)
	}
	return table(s.out, rows)
}

func (c *sessionsOf) end(ctx context.Context, f *found) error {
	if c.End == "" && !c.EndAll {
		return nil
	}
	return f.db.Tx(ctx, func(tx storage.Records) error {
		ev := f.record(ctx, audit.SessionEnd, operator)
		if c.EndAll {
			_, err := session.EndAccess(ctx, tx, ev)
			return err
		}
		_, err := session.End(ctx, tx, c.End, ev)
		if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrUsed) {
			return wrong{fmt.Errorf("%s has no session %s", f.Username, c.End)}
		}
		return err
	})
}
