package sql

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/soglia-sso/soglia/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The lease under which one instance migrates. One that dies is waited for no longer than this.
const (
	migrateLease = "migrate"
	migrateFor   = 5 * time.Minute
	migratePoll  = 100 * time.Millisecond
)

// Migrate brings the tables up to date. Instances that start together take turns, and all but the first find nothing
// left to do. Migrations only ever add; what a release no longer needs goes a release later.
func (s *Store) Migrate(ctx context.Context) error {
	have, want, err := s.Version(ctx)
	if err != nil || have >= want {
		return err
	}
	if err := s.leases(ctx); err != nil {
		return err
	}
	holder := rand.Text()
	for {
		ok, err := s.Lease(ctx, migrateLease, holder, s.Now(), migrateFor)
		if err != nil {
			return err
		}
		if ok {
			err := s.up(ctx)
			return errors.Join(err, s.Release(context.WithoutCancel(ctx), migrateLease, holder))
		}
		if have, want, err = s.Version(ctx); err != nil || have >= want {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sql: another instance is migrating: %w", ctx.Err())
		case <-time.After(migratePoll):
		}
	}
}

// leases makes the one table that must be there before the first migration. Two instances may make it at once, and
// PostgreSQL's IF NOT EXISTS does not keep the slower one from an error.
func (s *Store) leases(ctx context.Context) error {
	const text = `CREATE TABLE IF NOT EXISTS leases (
		name TEXT PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL)`
	if _, err := s.q.Exec(ctx, text); err != nil {
		_, err = s.q.Exec(ctx, text)
		return err
	}
	return nil
}

func (s *Store) up(ctx context.Context) error {
	db, dialect, done := s.engine.goose()
	defer done()
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, sub, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("sql: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("sql: migrating: %w", err)
	}
	return nil
}

// Version says which migration the database has and which one this program wants. An empty database has 0.
func (s *Store) Version(ctx context.Context) (have, want int64, err error) {
	want = latest()
	err = s.q.QueryRow(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&have)
	if err != nil && !errors.Is(err, storage.ErrAway) && ctx.Err() == nil {
		return 0, want, nil // no such table
	}
	return have, want, err
}

// latest reads the number before the first underscore of the last migration's name, as goose does.
func latest() int64 {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		panic("sql: no migrations embedded")
	}
	number, _, _ := strings.Cut(path.Base(names[len(names)-1]), "_")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic("sql: a migration without a number: " + number)
	}
	return n
}
