// Package sql keeps Soglia's records on PostgreSQL or SQLite: one text of SQL for both.
//
// It owns the tables and their migrations, the connections, time-outs and repetitions, and the database's clock. It
// leaves every rule to its callers (package storage says which), and sealing and hashing to package secret.
//
// The two engines meet behind [Q]. A statement beginning with SELECT is a read and goes to a reader on SQLite;
// everything else is a write. PostgreSQL may fuse what one act writes into one statement with data-modifying CTEs
// (round trips are its price); SQLite has none and needs none, so it runs the same parts one by one in a transaction.
// The deciding statement is the same text on both.
//
// Easy to get wrong: a decision by a read followed by a write. Whoever adds a single use here writes ONE conditional
// UPDATE, INSERT or DELETE and lets the number of rows decide; on PostgreSQL's READ COMMITTED the loser waits for the
// row and then sees that its condition no longer holds.
package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/soglia-sso/soglia/storage"
)

// The time-outs of every statement (help for operators: "database" in the table of limits).
const (
	acquireTimeout   = 2 * time.Second // waiting for a free connection, or making one
	statementTimeout = 5 * time.Second
)

// Store is an open database.
type Store struct {
	records
	engine   engine
	clock    *clock
	count    *Counter
	appender appender
}

var _ storage.Store = (*Store)(nil)

// engine is a database behind its pool. As a Q it runs each statement in a transaction of its own.
type engine interface {
	Q
	begin(ctx context.Context) (txn, error)
	// goose lends a connection for migrations; done gives it back.
	goose() (db *stdsql.DB, dialect goose.Dialect, done func())
	close() error
}

// txn is an open transaction.
type txn interface {
	Q
	commit(ctx context.Context) error
	rollback(ctx context.Context)
}

type options struct {
	pool    int
	pooler  bool
	offset  *time.Duration
	dev     bool
	migrate bool
	counter *Counter
	log     *slog.Logger
}

// Option changes how a database is opened.
type Option func(*options)

// WithPool sets the most connections at once (SQLite: readers). The default is 16; 1 passes every method.
func WithPool(n int) Option { return func(o *options) { o.pool = n } }

// WithTransactionPooler is for a pooler in transaction mode (pgbouncer) before PostgreSQL: no named statements and no
// settings that outlive a transaction.
func WithTransactionPooler() Option { return func(o *options) { o.pooler = true } }

// WithOffset fixes the difference between the database's clock and ours instead of measuring it; then nothing runs in
// the background. Tests give 0, so that Now is time.Now.
func WithOffset(d time.Duration) Option { return func(o *options) { o.offset = &d } }

// WithDev lets SQLite answer before the disk has it: a power cut may lose the last transactions, never break the file.
func WithDev() Option { return func(o *options) { o.dev = true } }

// WithoutMigration opens the database as it is; Ready then fails while migrations are missing.
func WithoutMigration() Option { return func(o *options) { o.migrate = false } }

// WithCounter counts statements and commits into c.
func WithCounter(c *Counter) Option { return func(o *options) { o.counter = c } }

// WithLogger takes the warnings about a clock that runs away. The default is slog.Default.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// Open connects to url and brings its tables up to date, one instance at a time:
//
//	postgres://user@host/db, postgresql://…   as libpq understands it, several hosts included
//	sqlite:path                               a file, made when missing
//	sqlite::memory:                           gone with Close
//
// A database that does not answer is an error that wraps storage.ErrAway.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	o := options{pool: 16, migrate: true, log: slog.Default()}
	for _, opt := range opts {
		opt(&o)
	}
	if o.counter == nil {
		o.counter = new(Counter)
	}
	o.pool = max(o.pool, 1)

	var e engine
	var err error
	fused := false
	scheme, rest, _ := strings.Cut(url, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		e, err = openSQLite(ctx, rest, o)
	case scheme == "postgres" || scheme == "postgresql":
		e, err = openPostgres(ctx, url, o)
		fused = true
	default:
		// The URL may hold a password: never print it.
		return nil, errors.New("sql: neither a postgres:// nor a sqlite: URL")
	}
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, count: o.counter, clock: newClock(o)}
	s.records = records{q: e, fused: fused, clock: s.clock, store: s}
	if o.migrate {
		if err := s.Migrate(ctx); err != nil {
			e.close()
			return nil, err
		}
	}
	if fused {
		if err := s.clock.start(ctx, e); err != nil {
			e.close()
			return nil, err
		}
	}
	return s, nil
}

// Now is the database's clock in UTC, to the microsecond.
func (s *Store) Now() time.Time { return s.clock.now() }

// Ready says whether the database answers, its migrations are complete and its clock is within 30 s of ours.
func (s *Store) Ready(ctx context.Context) error {
	have, want, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if have < want {
		return fmt.Errorf("sql: migration %d of %d is done", have, want)
	}
	return s.clock.ready()
}

// Close ends every connection; it waits for statements under way.
func (s *Store) Close() error {
	s.clock.stop()
	return s.engine.close()
}
