package sql_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/soglia-sso/soglia/storage/sql"
)

// The files hold password hashes and what sealed secrets are sealed in: they are for their owner alone, whatever the umask
// of whoever starts the server, and a link is as good as the file.
func TestQ33SQLiteFilesAreForTheirOwnerAlone(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o777} {
		for _, name := range []string{"soglia.db", "link.db", "odd? #name%20.db"} {
			dir := t.TempDir()
			if err := os.Symlink(filepath.Join(dir, "elsewhere.db"), filepath.Join(dir, "link.db")); err != nil {
				t.Fatal(err)
			}
			func() {
				defer syscall.Umask(syscall.Umask(mask))
				s, err := sql.Open(context.Background(), "sqlite:"+filepath.Join(dir, name), sql.WithOffset(0), sql.WithDev())
				if err != nil {
					t.Fatalf("umask %03o: %v", mask, err)
				}
				defer s.Close()
				if err := s.Ready(context.Background()); err != nil {
					t.Fatal(err)
				}
				if name != "link.db" {
					os.Remove(filepath.Join(dir, "link.db"))
				}
				found, err := filepath.Glob(filepath.Join(dir, "*.db*"))
				if err != nil || len(found) < 3 { // the file, its log and the log's index
					t.Fatalf("%q %v", found, err)
				}
				for _, file := range found {
					if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
						t.Errorf("umask %03o: %s %v %v", mask, file, info, err)
					}
				}
			}()
		}
	}
}
