package sql

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// preparedMost is how many statements a connection keeps prepared. There are fewer of them in this package, but for those
// with a list of parameters of any length.
const preparedMost = 128

// liteConnector opens connections to SQLite that keep their statements prepared: to parse and plan the statement of an
// introspection took ten times as long as to run it.
type liteConnector struct{ dsn string }

func (c liteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c liteConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &liteConn{sqliteConn: conn.(sqliteConn), prepared: map[string]preparedStmt{}}, nil
}

// sqliteConn is what database/sql uses of the driver's connection.
type sqliteConn interface {
	driver.Conn
	driver.Pinger
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// liteConn is used by one goroutine at a time, and no statement of this package runs while the rows of another are read
// on the same connection: so none is needed twice at once.
type liteConn struct {
	sqliteConn
	prepared map[string]preparedStmt
}

func (c *liteConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	return s.ExecContext(ctx, args)
}

func (c *liteConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	return s.QueryContext(ctx, args)
}

// prepare gives nil for what is not kept: scripts, the settings of a connection, and what is too much.
func (c *liteConn) prepare(ctx context.Context, text string) (preparedStmt, error) {
	if s := c.prepared[text]; s != nil {
		return s, nil
	}
	verb, _, _ := strings.Cut(text, " ")
	if len(c.prepared) >= preparedMost || !slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE"}, verb) {
		return nil, nil
	}
	s, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.prepared[text] = s.(preparedStmt)
	return s.(preparedStmt), nil
}

func (c *liteConn) Close() error {
	for _, s := range c.prepared {
		_ = s.Close() // the connection goes with it
	}
	clear(c.prepared)
	return c.sqliteConn.Close()
}
