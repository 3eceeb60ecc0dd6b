package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/soglia-sso/soglia/storage"
)

// errRepeat marks a transaction that the database aborted in favour of another one; a second try may succeed.
var errRepeat = errors.New("sql: serialisation failure or deadlock")

// postgresError turns an error of pgx into package storage's.
func postgresError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	var scan pgx.ScanArgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return storage.ErrNotFound
	case errors.As(err, &pg):
		return fmt.Errorf("%w: %w", postgresClass(pg.Code), err)
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("sql: given up: %w", context.Canceled) // the caller left; the database is not to blame
	case errors.As(err, &scan):
		return err
	}
	// What is left comes from the connection: refused, reset, closed, timed out.
	return fmt.Errorf("%w: %w", storage.ErrAway, err)
}

// postgresClass maps a SQLSTATE (PostgreSQL manual, appendix A).
func postgresClass(code string) error {
	switch code {
	case "23505": // unique_violation
		return storage.ErrConflict
	case "23503": // foreign_key_violation: what it belongs to is gone
		return storage.ErrNotFound
	case "40001", "40P01":
		return errRepeat
	case "25006", // read_only_sql_transaction: this host is no longer the primary
		"55P03", // lock_not_available
		"57014", // query_canceled: statement_timeout
		"57P01", "57P02", "57P03", "57P04":
		return storage.ErrAway
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "58": // connection, resources, system
		return storage.ErrAway
	}
	return errors.New("sql: statement refused")
}

// Result codes of SQLite (sqlite.org/rescode.html).
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteReadOnly   = 8
	sqliteInterrupt  = 9
	sqliteIO         = 10
	sqliteFull       = 13
	sqliteCantOpen   = 14
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

// sqliteError turns an error of database/sql or SQLite into package storage's.
func sqliteError(ctx context.Context, err error) error {
	var lite *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, stdsql.ErrNoRows):
		return storage.ErrNotFound
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("sql: given up: %w", context.Canceled)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, stdsql.ErrConnDone):
		return fmt.Errorf("%w: %w", storage.ErrAway, err)
	case errors.As(err, &lite):
		return fmt.Errorf("%w: %w", sqliteClass(lite.Code()), err)
	}
	return err
}

func sqliteClass(code int) error {
	switch code {
	case sqliteUnique, sqlitePrimaryKey:
		return storage.ErrConflict
	case sqliteForeignKey:
		return storage.ErrNotFound
	}
	switch code & 0xff { // the rest is detail
	case sqliteBusy, sqliteLocked, sqliteReadOnly, sqliteInterrupt, sqliteIO, sqliteFull, sqliteCantOpen:
		return storage.ErrAway
	}
	return errors.New("sql: statement refused")
}
