package storagetest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Cluster is a private PostgreSQL: own data folder, own socket, no TCP. It ends with the test process however that
// ends, because a watching shell waits for the end of a pipe that only this process holds.
type Cluster struct {
	bin, dir string
	owner    *syscall.SysProcAttr
	watch    *os.File
}

// binaries finds PostgreSQL's programs: the newest of Debian's folders, else those of PATH if initdb is there too
// (Debian puts only psql and the like on it).
func binaries() (string, bool) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return release(b) - release(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, true
		}
	}
	return "", false
}

func release(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

// servant is how to become user postgres: initdb refuses root. Nobody else can change, nor has to.
func servant() (*syscall.SysProcAttr, int, int, error) {
	attr := &syscall.SysProcAttr{Setsid: true} // a Ctrl-C for the test is none for the shell that cleans up
	if os.Geteuid() != 0 {
		return attr, os.Getuid(), os.Getgid(), nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, 0, 0, errors.New("as root PostgreSQL needs a user postgres to run as")
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, 0, 0, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, 0, 0, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, uid, gid, nil
}

// NewCluster starts a PostgreSQL for one test that wants to stop it; everybody else takes [Postgres].
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	bin, ok := binaries()
	if !ok {
		missing(t, "postgres", "no PostgreSQL (initdb) is installed here")
	}
	c, err := newCluster(bin)
	if err != nil {
		t.Fatalf("a private PostgreSQL: %v", err)
	}
	t.Cleanup(c.remove)
	return c
}

func newCluster(bin string) (*Cluster, error) {
	owner, uid, gid, err := servant()
	if err != nil {
		return nil, err
	}
	// A socket's path has about 100 bytes at most, and some TMPDIRs are longer.
	dir, err := os.MkdirTemp("/tmp", "soglia-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, dir: dir, owner: owner}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.guard(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	err = c.run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
		"--no-instructions")
	if err == nil {
		err = c.start()
	}
	if err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

// guard starts the shell that cleans up. It is never waited for: that would need a goroutine, and a bubble of synctest
// would have to wait for it too.
func (c *Cluster) guard() error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	script := `cat >/dev/null; "$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$2"`
	p, err := os.StartProcess("/bin/sh", []string{"sh", "-c", script, "sh", c.bin, c.dir}, &os.ProcAttr{
		Dir: "/", Env: os.Environ(), Files: []*os.File{read, nil, nil}, Sys: c.owner,
	})
	if err != nil {
		return errors.Join(err, write.Close())
	}
	c.watch = write
	return p.Release()
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) run(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = c.owner
	// A file, not a pipe: the server inherits it, and Wait would wait for the server.
	out, err := os.OpenFile(filepath.Join(c.dir, name+".out"), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(said)))
	}
	return nil
}

func (c *Cluster) start() error {
	settings := "-k " + c.dir + " -c listen_addresses='' -c max_connections=300 -c deadlock_timeout=50ms"
	if os.Getenv("SOGLIA_TEST_FSYNC") == "off" {
		settings += " -c fsync=off -c synchronous_commit=off"
	}
	return c.run("pg_ctl", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-o", settings, "-w", "start")
}

// Start starts the server again.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
}

// Stop stops the server as a power cut would.
func (c *Cluster) Stop(t testing.TB) {
	t.Helper()
	if err := c.run("pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "stop"); err != nil {
		t.Fatal(err)
	}
}

// remove lets the shell clean up now.
func (c *Cluster) remove() { _ = c.watch.Close() }

// URL is that of a database of the cluster; "postgres" is always there.
func (c *Cluster) URL(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(c.dir)
}
