package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// statements is more than we have.
const statements = 192

// postgres is PostgreSQL, or what speaks its protocol, behind a pool.
type postgres struct {
	pool     *pgxpool.Pool
	conf     *pgx.ConnConfig // for migrations: without the time-out of statements
	timeouts *timeouts
	count    *Counter
}

func openPostgres(ctx context.Context, url string, o options) (*postgres, error) {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx masks the password, but a URL it cannot read may hold one anywhere.
		return nil, fmt.Errorf("sql: the database URL cannot be read")
	}
	conf.MaxConns = int32(o.pool)
	conf.ConnConfig.ConnectTimeout = acquireTimeout
	// pgx's default of 512 sets 65 KiB aside for each connection.
	conf.ConnConfig.StatementCacheCapacity, conf.ConnConfig.DescriptionCacheCapacity = statements, statements
	migrating := conf.ConnConfig.Copy()
	if o.pooler {
		// Unnamed statements only; a pooler refuses settings it does not know.
		conf.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		migrating.DefaultQueryExecMode = pgx.QueryExecModeExec
	} else {
		params := conf.ConnConfig.RuntimeParams
		params["statement_timeout"] = strconv.FormatInt(statementTimeout.Milliseconds(), 10)
		params["default_transaction_isolation"] = "read committed"
		params["application_name"] = "soglia"
	}
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, postgresError(ctx, err)
	}
	p := &postgres{pool: pool, conf: migrating, timeouts: newTimeouts(), count: o.counter}
	if err := p.with(ctx, func(ctx context.Context, c *pgxpool.Conn) error { return c.Ping(ctx) }); err != nil {
		pool.Close()
		return nil, err
	}
	return p, nil
}

// with runs f on a connection of the pool, each part within its time-out. What failed before a byte was sent (a
// connection that died in the pool) is tried once more.
func (p *postgres) with(ctx context.Context, f func(context.Context, *pgxpool.Conn) error) error {
	return retry(ctx, func() error {
		unsent, err := p.attempt(ctx, f)
		if unsent {
			_, err = p.attempt(ctx, f)
		}
		return err
	})
}

func (p *postgres) attempt(ctx context.Context, f func(context.Context, *pgxpool.Conn) error) (unsent bool, err error) {
	c, err := p.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer c.Release()
	limited := p.timeouts.statement.on(ctx)
	err = f(limited, c)
	return err != nil && pgconn.SafeToRetry(err) && limited.Err() == nil, postgresError(ctx, err)
}

func (p *postgres) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	c, err := p.pool.Acquire(p.timeouts.acquire.on(ctx))
	return c, postgresError(ctx, err)
}

func (p *postgres) Exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = p.with(ctx, func(ctx context.Context, c *pgxpool.Conn) error {
		p.count.statement(text)
		tag, err := c.Exec(ctx, text, args...)
		n = tag.RowsAffected()
		return err
	})
	if err == nil && n > 0 && !reads(text) {
		p.count.commit()
	}
	return n, err
}

func (p *postgres) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	err := p.with(ctx, func(ctx context.Context, c *pgxpool.Conn) error {
		p.count.statement(text)
		return rows(ctx, c, each, text, args)
	})
	if err == nil && !reads(text) {
		p.count.commit()
	}
	return err
}

func (p *postgres) QueryRow(ctx context.Context, text string, args ...any) Row {
	return rowFunc(func(dest ...any) error {
		err := p.with(ctx, func(ctx context.Context, c *pgxpool.Conn) error {
			p.count.statement(text)
			return c.QueryRow(ctx, text, args...).Scan(dest...)
		})
		if err == nil && !reads(text) {
			p.count.commit()
		}
		return err
	})
}

func rows(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, each func(Row) error, text string, args []any) error {
	found, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer found.Close()
	return eachRow(found, each)
}

func (p *postgres) begin(ctx context.Context) (txn, error) {
	unsent, t, err := p.start(ctx)
	if unsent {
		_, t, err = p.start(ctx)
	}
	return t, err
}

func (p *postgres) start(ctx context.Context) (unsent bool, t txn, err error) {
	c, err := p.acquire(ctx)
	if err != nil {
		return false, nil, err
	}
	limited := p.timeouts.statement.on(ctx)
	tx, err := c.BeginTx(limited, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		c.Release()
		return pgconn.SafeToRetry(err) && limited.Err() == nil, nil, postgresError(ctx, err)
	}
	return false, &postgresTx{tx: tx, conn: c, timeout: &p.timeouts.statement, count: p.count}, nil
}

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

// goose opens database/sql on a connection of its own: a migration may take longer than a statement.
func (p *postgres) goose() (*stdsql.DB, goose.Dialect, func()) {
	db := stdlib.OpenDB(*p.conf)
	return db, goose.DialectPostgres, func() { _ = db.Close() }
}

// postgresTx is a transaction. It has one connection and is used by one goroutine.
type postgresTx struct {
	tx      pgx.Tx
	conn    *pgxpool.Conn
	timeout *timeout
	count   *Counter
	wrote   bool
}

func (t *postgresTx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	t.count.statement(text)
	tag, err := t.tx.Exec(t.timeout.on(ctx), text, args...)
	t.wrote = t.wrote || tag.RowsAffected() > 0 && !reads(text)
	return tag.RowsAffected(), postgresError(ctx, err)
}

func (t *postgresTx) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	t.count.statement(text)
	t.wrote = t.wrote || !reads(text)
	return postgresError(ctx, rows(t.timeout.on(ctx), t.tx, each, text, args))
}

func (t *postgresTx) QueryRow(ctx context.Context, text string, args ...any) Row {
	return rowFunc(func(dest ...any) error {
		t.count.statement(text)
		err := t.tx.QueryRow(t.timeout.on(ctx), text, args...).Scan(dest...)
		t.wrote = t.wrote || err == nil && !reads(text)
		return postgresError(ctx, err)
	})
}

// commit does not stop when the caller has left: a commit that was cut short may have happened or not.
func (t *postgresTx) commit(ctx context.Context) error {
	defer t.conn.Release()
	ctx = context.WithoutCancel(ctx)
	if err := t.tx.Commit(t.timeout.on(ctx)); err != nil {
		return postgresError(ctx, err)
	}
	if t.wrote {
		t.count.commit()
	}
	return nil
}

func (t *postgresTx) rollback(ctx context.Context) {
	defer t.conn.Release()
	// A rollback that fails leaves a broken connection, which the pool throws away.
	_ = t.tx.Rollback(t.timeout.on(context.WithoutCancel(ctx)))
}
