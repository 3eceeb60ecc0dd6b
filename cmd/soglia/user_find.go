package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/user"
)

// whom is the argument of commands about one person.
type whom struct {
	Who  string `arg:"" help:"User name, mail address of one person only, id, or id in your own system."`
	File string `default:"soglia.yaml" help:"Configuration (${default})."`
}

// found is a person and where it was found.
type found struct {
	*storage.Person
	cfg *config.Config
	db  *sql.Store
}

// find opens the database and looks the person up; close it afterwards.
func (w *whom) find(ctx context.Context) (*found, error) {
	cfg, db, err := open(ctx, w.File)
	if err != nil {
		return nil, err
	}
	p, err := find(ctx, db, w.Who)
	if errors.Is(err, storage.ErrNotFound) {
		err = wrong{fmt.Errorf("nobody, or more than one person, is called %q", w.Who)}
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &found{p, cfg, db}, nil
}

func find(ctx context.Context, db storage.Store, text string) (*storage.Person, error) {
	p, err := user.Find(ctx, db, []string{user.ByUsername, user.ByEmail}, text)
	if errors.Is(err, storage.ErrNotFound) {
		p, err = db.Person(ctx, text)
	}
	if errors.Is(err, storage.ErrNotFound) {
		p, err = db.PersonByExternalID(ctx, text)
	}
	return p, err
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
	notices, err := server.NewNotices(f.cfg)
	if err != nil {
		return err
	}
	d := &desk.Desk{
		By: desk.By{Actor: operator, Detail: whoRuns()}, Cooling: f.cfg.Policy.Cooling,
		Notice: notices.Send, Invite: notices.Invite,
	}
	err = f.db.Tx(ctx, func(tx storage.Records) error { return verb(tx, d, f.db.Now()) })
	for _, refusal := range refusals {
		if errors.Is(err, refusal.err) {
			return wrong{fmt.Errorf("%s "+refusal.text, f.Username)}
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
	{desk.ErrLastWay, "has no other way in: give the account an address first, or lock it"},
	{desk.ErrNoRest, "does not rest"},
	{desk.ErrReason, "stays as it is: a reason has 1 to 500 characters"},
	{desk.ErrLocked, "is locked"},
	{user.ErrHasPassword, "has a password already; who forgot it asks for a link on the sign-in page"},
	{user.ErrNoMailbox, "has no mail address"},
}

// operator is the actor of what was done on the server itself.
const operator = "operator"

// by is the operator in the detail of a record: the system's user id, and behind sudo that of who called it.
type by struct {
	UID  int  `json:"uid"`
	Sudo *int `json:"sudo_uid,omitempty"`
}

func whoRuns() by {
	who := by{UID: os.Getuid()}
	if n, err := strconv.Atoi(os.Getenv("SUDO_UID")); err == nil && who.UID == 0 {
		who.Sudo = &n
	}
	return who
}
