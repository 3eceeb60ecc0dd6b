package sql_test

import (
	"context"
	"testing"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// engines are the databases every test below runs on.
var engines = map[string]func(testing.TB) string{
	"memory":   func(testing.TB) string { return "sqlite::memory:" },
	"sqlite":   storagetest.SQLite,
	"postgres": storagetest.Postgres,
}

func open(t testing.TB, url string, opts ...sql.Option) *sql.Store {
	t.Helper()
	s, err := sql.Open(context.Background(), url, append([]sql.Option{sql.WithOffset(0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			var seen texts
			counter := seen.counter()
			storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, url(t), sql.WithCounter(counter)) })
			if name != "memory" { // whose database nobody else can look into
				t.Run("no statement reads a whole table", func(t *testing.T) { noneReadsAWholeTable(t, url(t), seen.seen) })
			}
		})
	}
}
