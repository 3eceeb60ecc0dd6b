package main

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/desk"
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
func (c *sessionsOf) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.list) }

func (c *sessionsOf) list(ctx context.Context, f *found, s *streams) error {
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
	return printList(s.out, c.JSON, all, rows)
}

func (c *sessionsOf) end(ctx context.Context, f *found) error {
	if c.End == "" && !c.EndAll {
		return nil
	}
	return f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error {
		if c.EndAll {
			return d.EndAccess(ctx, tx, f.Person, now)
		}
		return d.EndSession(ctx, tx, f.Person, c.End, now)
	})
}
