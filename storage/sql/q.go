package sql

import (
	"context"
	"strings"
)

// Q runs statements. Placeholders are $1, $2, …; every error is already one of package storage's where it can be.
type Q interface {
	// Exec returns how many rows were written.
	Exec(ctx context.Context, text string, args ...any) (int64, error)
	// Query calls each for every row. It holds its connection until it returns, so each runs no statements.
	Query(ctx context.Context, each func(Row) error, text string, args ...any) error
	// QueryRow gives the first row; its Scan runs the statement and fails with storage.ErrNotFound without a row.
	QueryRow(ctx context.Context, text string, args ...any) Row
}

// Row is a result row.
type Row interface {
	Scan(dest ...any) error
}

type rowFunc func(dest ...any) error

func (f rowFunc) Scan(dest ...any) error { return f(dest...) }

// eachRow goes through what either driver found.
func eachRow(found interface {
	Row
	Next() bool
	Err() error
}, each func(Row) error) error {
	for found.Next() {
		if err := each(found); err != nil {
			return err
		}
	}
	return found.Err()
}

// reads says whether a statement only reads. Data-modifying CTEs begin with WITH, reading ones are wrapped in a SELECT.
func reads(text string) bool { return strings.HasPrefix(text, "SELECT") }
