package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
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

// operator is the actor of what was done on the server itself.
const operator = "operator"

// record is an audit record of an operator's act on the person, with who ran the command.
func (f *found) record(ctx context.Context, name, reason string) *storage.Event {
	ev := audit.From(ctx).Event(name, audit.OK, reason)
	ev.At, ev.Actor, ev.PersonID = f.db.Now(), operator, f.ID
	ev.Detail, _ = json.Marshal(whoRuns()) // two numbers
	return ev
}

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
