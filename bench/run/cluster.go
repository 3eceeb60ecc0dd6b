package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a private PostgreSQL as durable as a real one: fsync and synchronous_commit stay on. Checkpoints are moved
// beyond a run, because one in the middle of a cell would be measured there and nowhere else.
type cluster struct {
	bin, dir string
	owner    *syscall.SysProcAttr
}

var clusterSettings = []string{
	"listen_addresses=''", "shared_buffers=512MB", "max_connections=150", "shared_preload_libraries=pg_stat_statements",
	"pg_stat_statements.track=all", "fsync=on", "synchronous_commit=on", "checkpoint_timeout=60min", "max_wal_size=16GB", "min_wal_size=1GB",
	"maintenance_work_mem=512MB",
}

// newCluster makes and starts one in a folder of its own.
func newCluster(ctx context.Context) (*cluster, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if at, err := exec.LookPath("initdb"); err == nil {
		found = append(found, at)
	}
	if len(found) == 0 {
		return nil, errors.New("no PostgreSQL (initdb) is installed here")
	}
	// A socket's path has about 100 bytes at most, and some TMPDIRs are longer.
	dir, err := os.MkdirTemp("/tmp", "soglia-bench-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: filepath.Dir(found[len(found)-1]), dir: dir, owner: &syscall.SysProcAttr{Setpgid: true}}
	if err := c.become(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err = c.run(ctx, "initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"); err == nil {
		set := "-k " + c.dir
		for _, s := range clusterSettings {
			set += " -c " + s
		}
		err = c.run(ctx, "pg_ctl", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-o", set, "-w", "start")
	}
	if err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// become is how to be user postgres: initdb refuses root. Nobody else can change, nor has to.
func (c *cluster) become() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return errors.New("as root PostgreSQL needs a user postgres to run as")
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	c.owner.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return errors.Join(err1, err2, os.Chown(c.dir, uid, gid))
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = "/", c.owner
	// A file, not a pipe: the server inherits it, and Wait would wait for the server.
	out, err := os.Create(filepath.Join(c.dir, name+".out"))
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

// remove stops the server and forgets its data.
func (c *cluster) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := os.Stat(filepath.Join(c.data(), "postmaster.pid")); err == nil {
		if err := c.run(ctx, "pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "stop"); err != nil {
			return err
		}
	}
	return os.RemoveAll(c.dir)
}

// pid is the postmaster's.
func (c *cluster) pid() int {
	raw, _ := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	line, _, _ := strings.Cut(string(raw), "\n")
	n, _ := strconv.Atoi(line)
	return n
}

// url is that of a database; "postgres" is always there.
func (c *cluster) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(c.dir)
}

// exec runs statements in a database.
func (c *cluster) exec(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, c.url(database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, text := range statements {
		if _, err := conn.Exec(ctx, text); err != nil {
			return fmt.Errorf("%.80s: %w", text, err)
		}
	}
	return nil
}

// create makes a database whose statements are counted.
func (c *cluster) create(ctx context.Context, database string) error {
	return errors.Join(c.exec(ctx, "postgres", "CREATE DATABASE "+database), c.exec(ctx, database, "CREATE EXTENSION pg_stat_statements"))
}
