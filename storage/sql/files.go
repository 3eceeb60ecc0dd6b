package sql

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// owners is the mode of every file: they hold password hashes, addresses, and what opens with the master key.
const owners fs.FileMode = 0o600

// claim makes the file for its owner alone, before SQLite would make it with the rights that the umask leaves. SQLite gives its log and the
// log's index the mode of the file. What fails here fails again in SQLite, which says why.
func claim(path string) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return // an operator's own choice stays; [Exposed] tells of it
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, owners)
	if err != nil {
		return
	}
	defer f.Close()
	_ = f.Chmod(owners) // the umask may have taken even the owner's rights
}

// File is a file and who may do what with it.
type File struct {
	Name string
	Mode fs.FileMode
}

// Exposed are the files of the database at url that others than their owner may read or write. Nothing for PostgreSQL,
// for what lives in memory, and for files that are not there.
func Exposed(url string) (files []File) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || path == ":memory:" {
		return nil
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + end); err == nil && info.Mode().Perm()&^owners != 0 {
			files = append(files, File{path + end, info.Mode()})
		}
	}
	return files
}
