package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"net/url"
	"strconv"

	"github.com/pressly/goose/v3"
)

// lite is SQLite: one writer and a pool of readers. WAL lets them work side by side.
type lite struct {
	writer, reader *stdsql.DB // the same for :memory:, which has one connection
	timeouts       *timeouts
	count          *Counter
}

func openSQLite(ctx context.Context, path string, o options) (*lite, error) {
	sync := "FULL"
	if o.dev {
		sync = "NORMAL"
	}
	name := path
	if path != ":memory:" {
		// As a URI, because a plain name is cut at its first question mark.
		name = (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
		claim(path)
	}
	dsn := func(extra string) string {
		return name + "?_busy_timeout=" + strconv.FormatInt(acquireTimeout.Milliseconds(), 10) +
			"&_foreign_keys=on&_journal_mode=WAL&_synchronous=" + sync + "&_dqs=0" + extra
	}
	writer := single(dsn("&_txlock=immediate"), 1)
	l := &lite{writer: writer, reader: writer, timeouts: newTimeouts(), count: o.counter}
	// The writer goes first: it makes the file and turns it to WAL.
	if err := l.ping(ctx, writer); err != nil {
		l.close()
		return nil, fmt.Errorf("%w: %s", err, path)
	}
	if path == ":memory:" {
		return l, nil
	}
	l.reader = single(dsn("&_query_only=on"), o.pool)
	return l, nil
}

// single opens a pool whose connections stay: closing the last one of :memory: would lose it all.
func single(dsn string, n int) *stdsql.DB {
	db := stdsql.OpenDB(liteConnector{dsn})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db
}

func (l *lite) ping(ctx context.Context, db *stdsql.DB) error {
	return l.with(ctx, db, func(ctx context.Context, c *stdsql.Conn) error { return c.PingContext(ctx) })
}

func (l *lite) pool(text string) *stdsql.DB {
	if reads(text) {
		return l.reader
	}
	return l.writer
}

func (l *lite) with(ctx context.Context, db *stdsql.DB, f func(context.Context, *stdsql.Conn) error) error {
	c, err := l.acquire(ctx, db)
	if err != nil {
		return err
	}
	defer c.Close()
	return sqliteError(ctx, f(l.timeouts.statement.on(ctx), c))
}

func (l *lite) acquire(ctx context.Context, db *stdsql.DB) (*stdsql.Conn, error) {
	c, err := db.Conn(l.timeouts.acquire.on(ctx))
	return c, sqliteError(ctx, err)
}

func (l *lite) Exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = l.with(ctx, l.pool(text), func(ctx context.Context, c *stdsql.Conn) error {
		l.count.statement(text)
		n, err = affected(c.ExecContext(ctx, text, args...))
		return err
	})
	if err == nil && n > 0 && !reads(text) {
		l.count.commit()
	}
	return n, err
}

func (l *lite) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	err := l.with(ctx, l.pool(text), func(ctx context.Context, c *stdsql.Conn) error {
		l.count.statement(text)
		return stdRows(ctx, c, each, text, args)
	})
	if err == nil && !reads(text) {
		l.count.commit()
	}
	return err
}

func (l *lite) QueryRow(ctx context.Context, text string, args ...any) Row {
	return rowFunc(func(dest ...any) error {
		err := l.with(ctx, l.pool(text), func(ctx context.Context, c *stdsql.Conn) error {
			l.count.statement(text)
			return c.QueryRowContext(ctx, text, args...).Scan(dest...)
		})
		if err == nil && !reads(text) {
			l.count.commit()
		}
		return err
	})
}

func affected(r stdsql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func stdRows(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*stdsql.Rows, error)
}, each func(Row) error, text string, args []any) error {
	found, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer found.Close()
	return eachRow(found, each)
}

func (l *lite) begin(ctx context.Context) (txn, error) {
	c, err := l.acquire(ctx, l.writer)
	if err != nil {
		return nil, err
	}
	// database/sql rolls back when the context of BeginTx ends, so it must not be the one of a single statement.
	tx, err := c.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		c.Close()
		return nil, sqliteError(ctx, err)
	}
	return &liteTx{tx: tx, conn: c, timeout: &l.timeouts.statement, count: l.count}, nil
}

func (l *lite) close() error {
	err := l.writer.Close()
	if l.reader != l.writer {
		if rerr := l.reader.Close(); err == nil {
			err = rerr
		}
	}
	return err
}

// goose lends the writer: a second connection to :memory: would be another database.
func (l *lite) goose() (*stdsql.DB, goose.Dialect, func()) {
	return l.writer, goose.DialectSQLite3, func() {}
}

// liteTx is a transaction on the writer.
type liteTx struct {
	tx      *stdsql.Tx
	conn    *stdsql.Conn
	timeout *timeout
	count   *Counter
	wrote   bool
}

func (t *liteTx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	t.count.statement(text)
	n, err := affected(t.tx.ExecContext(t.timeout.on(ctx), text, args...))
	t.wrote = t.wrote || n > 0 && !reads(text)
	return n, sqliteError(ctx, err)
}

func (t *liteTx) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	t.count.statement(text)
	t.wrote = t.wrote || !reads(text)
	return sqliteError(ctx, stdRows(t.timeout.on(ctx), t.tx, each, text, args))
}

func (t *liteTx) QueryRow(ctx context.Context, text string, args ...any) Row {
	return rowFunc(func(dest ...any) error {
		t.count.statement(text)
		err := t.tx.QueryRowContext(t.timeout.on(ctx), text, args...).Scan(dest...)
		t.wrote = t.wrote || err == nil && !reads(text)
		return sqliteError(ctx, err)
	})
}

func (t *liteTx) commit(ctx context.Context) error {
	defer t.conn.Close()
	if err := t.tx.Commit(); err != nil {
		_ = t.tx.Rollback() // a busy COMMIT leaves the transaction open
		return sqliteError(context.WithoutCancel(ctx), err)
	}
	if t.wrote {
		t.count.commit()
	}
	return nil
}

func (t *liteTx) rollback(context.Context) {
	_ = t.tx.Rollback()
	_ = t.conn.Close()
}
