package main

import (
	"context"
	"errors"
	"fmt"

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

// record is an audit record of an operator's act on the person.
func (f *found) record(ctx context.Context, name, reason string) *storage.Event {
	ev := audit.From(ctx).Event(name, audit.OK, reason)
	ev.At, ev.Actor, ev.PersonID = f.db.Now(), operator, f.ID
	return ev
}
