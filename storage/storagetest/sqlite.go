package storagetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/soglia-sso/soglia/storage/sql"
)

// migrated is the bytes of a SQLite file with all tables and no rows.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "soglia-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	s, err := sql.Open(context.Background(), "sqlite:"+path, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // the last close writes the log back into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite gives the URL of a fresh migrated database, gone with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	content, err := migrated()
	if err != nil {
		t.Fatalf("a SQLite template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "soglia.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}
