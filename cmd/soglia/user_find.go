package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// whom is the argument of commands about one person.
type whom struct {
	Who string `arg:"" help:"User name, mail address of one person only, id, or id in your own system."`
	configured
}

// found is a person and where it was found.
type found struct {
	*storage.Person
	cfg *config.Config
	db  operated
}

// find opens the database and looks the person up; close it afterwards.
func (w *whom) find(ctx context.Context) (*found, error) {
	cfg, db, err := w.open(ctx)
	if err != nil {
		return nil, err
	}
	p, err := find(ctx, db, w.Who)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &found{p, cfg, db}, nil
}

// find takes the text for a user name or an address first, then for an id.
func find(ctx context.Context, db storage.People, text string) (*storage.Person, error) {
	p, err := user.Find(ctx, db, []string{user.ByUsername, user.ByEmail}, text)
	if errors.Is(err, storage.ErrNotFound) {
		p, err = db.Person(ctx, text)
	}
	if errors.Is(err, storage.ErrNotFound) {
		p, err = db.PersonByExternalID(ctx, text)
	}
	if !errors.Is(err, storage.ErrNotFound) {
		return p, err
	}
	var meant []*storage.Person
	if address, err := user.CanonicalEmail(text); err == nil {
		if meant, err = db.PeopleByEmail(ctx, address); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
	}
	if len(meant) == 0 {
		return nil, exit1{fmt.Errorf("nobody has %q as user name, mail address, id or external id", text)}
	}
	list := ""
	for _, p := range meant {
		list += fmt.Sprintf("\n  %s (id %s)", p.Username, p.ID)
	}
	return nil, exit1{fmt.Errorf("%s does not say who is meant; take a user name or an id of:%s", text, list)}
}

// run finds the person and lets act do the command.
func (w *whom) run(ctx context.Context, s *streams, act func(context.Context, *found, *streams) error) error {
	f, err := w.find(ctx)
	if err != nil {
		return err
	}
	defer f.db.Close()
	return act(ctx, f, s)
}

// do runs a verb of the desk in one transaction, and words why it did nothing.
func (f *found) do(ctx context.Context, verb func(tx storage.Records, d *desk.Desk, now time.Time) error) error {
	d, err := server.NewDesk(f.cfg, operator)
	if err != nil {
		return err
	}
	err = f.db.Tx(ctx, func(tx storage.Records) error { return verb(tx, d, f.db.Now()) })
	for _, refusal := range refusals {
		if errors.Is(err, refusal.err) {
			return exit1{fmt.Errorf("%s "+refusal.text, f.Username)}
		}
	}
	return err
}

// refusals are what the desk does not do, in words that follow the person's name.
var refusals = []struct {
	err  error
	text string
}{
	{desk.ErrNoFactor, "has no such factor"},
	{desk.ErrNoSession, "has no such session"},
	{desk.ErrNoLogin, "has no such login"},
	{desk.ErrWhich, "has several logins there: say which with --subject"},
	{desk.ErrNoGroup, "was not put into such a group by command or by the people API"},
	{desk.ErrTooManyGroups, fmt.Sprintf("can be in %d groups and no more", config.MaxGroups)},
	{desk.ErrLastWay, "has no other way in: give the account an address first, or lock it"},
	{desk.ErrNoRest, "does not rest"},
	{desk.ErrReason, "stays as it is: a reason has 1 to 500 characters"},
	{desk.ErrLocked, "is locked"},
	{user.ErrHasPassword, "has a password already; who forgot it asks for a link on the sign-in page"},
	{user.ErrNoMailbox, "has no mail address"},
}
