package sql

import (
	"context"
	"fmt"
	"testing"
)

// A statement stays prepared for its connection, survives a change of the tables, and what is too much runs all the same.
func TestSQLiteKeepsStatementsPrepared(t *testing.T) {
	s, err := Open(context.Background(), "sqlite::memory:", WithOffset(0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kept := func() (n int) {
		c, err := s.engine.(*lite).reader.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		err = c.Raw(func(conn any) error { n = len(conn.(*liteConn).prepared); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	count := func(text string) (n int) {
		if err := s.q.QueryRow(t.Context(), text).Scan(&n); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return n
	}
	begin := kept()
	count(`SELECT COUNT(*) FROM leases`)
	if got := kept(); got != begin+1 {
		t.Errorf("%d prepared, want %d", got, begin+1)
	}
	for _, text := range []string{`ALTER TABLE leases ADD COLUMN extra TEXT NOT NULL DEFAULT ''`, `INSERT INTO leases (name, holder, until) VALUES ('a', 'b', 1)`} {
		if _, err := s.q.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(`SELECT COUNT(*) FROM leases`); n != 1 {
		t.Errorf("%d rows after a change of the table, want 1", n)
	}
	for i := range 2 * preparedMost {
		if n := count(fmt.Sprintf(`SELECT %d`, i)); n != i {
			t.Errorf("%d, want %d", n, i)
		}
	}
	if got := kept(); got != preparedMost {
		t.Errorf("%d prepared, want %d", got, preparedMost)
	}
}
