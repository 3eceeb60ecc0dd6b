package main

import (
	"context"
	"fmt"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// unlinkLogin is "soglia user unlink".
type unlinkLogin struct {
	whom
	Provider string `arg:"" help:"Provider of the login (soglia user show)."`
	Subject  string `placeholder:"ID" help:"Which one, where the person has several there."`
}

// Run takes a linked login away.
func (c *unlinkLogin) Run(ctx context.Context, s *streams) error {
	f, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	return c.take(ctx, f, s)
}

// take takes the login away, ends whatever could act for the person, and tells every mailbox: whoever came in by it is
// out at once.
func (c *unlinkLogin) take(ctx context.Context, f *found, s *streams) error {
	login, err := c.login(f)
	if err != nil {
		return err
	}
	notices, err := server.NewNotices(f.cfg)
	if err != nil {
		return err
	}
	err = f.db.Tx(ctx, func(tx storage.Records) error {
		if err := tx.RemoveIdentity(ctx, f.ID, login.Provider, login.Subject); err != nil {
			return err
		}
		if _, err := session.EndAccess(ctx, tx, f.record(ctx, audit.SessionEnd, "unlinked")); err != nil {
			return err
		}
		if err := tx.Append(ctx, f.record(ctx, audit.IDPUnlink, login.Provider)); err != nil {
			return err
		}
		return notices.Send(ctx, tx, f.Person, "login_unlinked", f.db.Now())
	})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s/%s was taken away from %s; sessions have ended; the person is told by mail.\n",
			login.Provider, login.Subject, f.Username)
	}
	return err
}

// login is the one that is meant. The last way in is not taken away: a mailbox is one, by the link for a password.
func (c *unlinkLogin) login(f *found) (*storage.Identity, error) {
	var meant []*storage.Identity
	for _, i := range f.Identities {
		if i.Provider == c.Provider && (c.Subject == "" || i.Subject == c.Subject) {
			meant = append(meant, i)
		}
	}
	switch {
	case len(meant) == 0:
		return nil, wrong{fmt.Errorf("%s has no such login", f.Username)}
	case len(meant) > 1:
		return nil, wrong{fmt.Errorf("%s has %d logins at %s: say which with --subject", f.Username, len(meant), c.Provider)}
	case len(f.Identities) == 1 && f.PasswordHash == "" && user.MainMailbox(f.Person, f.db.Now()) == nil:
		return nil, wrong{fmt.Errorf("%s has no other way in: give the account an address first, or lock it", f.Username)}
	}
	return meant[0], nil
}
