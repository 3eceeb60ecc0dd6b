package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// servers are what is measured: the floor and ours, each on a database of its own.
type servers struct {
	tools       *tools
	cluster     *cluster
	settings    *settings
	floorPeer   string
	floorAt     string
	ours, floor *process
}

func newServers(ctx context.Context, dir string, t *tools, c *cluster) (*servers, error) {
	f := &servers{tools: t, cluster: c}
	for _, name := range []string{"soglia", "floor"} {
		if err := c.create(ctx, name); err != nil {
			return nil, err
		}
	}
	var err error
	if f.settings, err = writeSettings(dir, "ours", c.url("soglia"), 16); err != nil {
		return nil, err
	}
	if err := populate(ctx, t, f.settings, c, "soglia"); err != nil {
		return nil, err
	}
	if f.floorAt, err = free(); err != nil {
		return nil, err
	}
	if f.floorPeer, err = floorPeer(dir, f.floorAt); err != nil {
		return nil, err
	}
	f.floor, err = launch(ctx, filepath.Join(dir, "floor.log"), "http://"+f.floorAt+"/hello", "", nil, t.limits, "serve", "-addr", f.floorAt, "-pg", c.url("floor"))
	if err != nil {
		return nil, err
	}
	f.ours, err = f.serve(ctx, f.settings)
	return f, err
}

// serve starts ours.
func (f *servers) serve(ctx context.Context, s *settings) (*process, error) {
	return launch(ctx, s.yaml+".log", "http://"+s.listen+"/.well-known/openid-configuration", strings.TrimPrefix(issuer, "https://"),
		[]string{"SOGLIA_BENCH_PROFILE=" + s.profile}, f.tools.soglia, "serve", "--linger", "0s", "--file", s.yaml)
}

func (f *servers) stop() {
	for _, p := range []*process{f.ours, f.floor} {
		if p != nil {
			p.stop()
		}
	}
}

// floorOp is the floor's word for an operation.
func (f *servers) floorOp(op string) string {
	at := "http://" + f.floorAt
	switch op {
	case "jwks":
		return "get:" + at + "/hello"
	case "cc-jwt":
		return "post:" + at + "/cc-es256"
	case "refresh":
		return "chain:" + at + "/kept-es256"
	case "refresh-public":
		return "chain:" + at + "/refresh-es256"
	}
	return op
}

// load lets the generator work on a server and returns its cells. more are further flags.
func (f *servers) load(ctx context.Context, peer string, p *process, op, workers string, d time.Duration, more ...string) ([]result, error) {
	database := "soglia"
	if p == f.floor {
		database = "floor"
	}
	return f.loadOn(ctx, database, peer, p, op, workers, d, more...)
}

func (f *servers) loadOn(ctx context.Context, database, peer string, p *process, op, workers string, d time.Duration, more ...string) ([]result, error) {
	out := filepath.Join(f.settings.dir, fmt.Sprintf("out-%d.jsonl", time.Now().UnixNano()))
	args := []string{"-quiet", "-config", peer, "-pid", fmt.Sprint(p.pid()), "-pgpid", fmt.Sprint(f.cluster.pid()),
		"-pg", f.cluster.url(database), "-pgdb", database, "-ops", op, "-c", workers, "-t", d.String(), "-o", out}
	cmd := exec.CommandContext(ctx, f.tools.oidcload, append(args, more...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	defer os.Remove(out)
	return read(out)
}

// measure runs one operation, the floor's beside ours so that both see the same machine, and keeps the cells in t. For a
// report each is measured twice, in turn.
func (f *servers) measure(ctx context.Context, t table, op string, withFloor bool, o options) error {
	list := split(o.workers)
	if o.report != "" {
		list = slices.Concat(list, list)
	}
	for _, workers := range list {
		if withFloor {
			if err := f.note(ctx, t, "floor", op, f.floorPeer, f.floor, f.floorOp(op), workers, o.time); err != nil {
				return err
			}
		}
		var more []string
		if o.profile {
			more = []string{"-profile", f.settings.profile, "-profile-out", op + "-" + workers + ".pprof"}
		}
		if err := f.note(ctx, t, "ours", op, f.settings.peer, f.ours, op, workers, o.time, more...); err != nil {
			return err
		}
	}
	return nil
}

func (f *servers) note(ctx context.Context, t table, who, op, peer string, p *process, word, workers string, d time.Duration, more ...string) error {
	cells, err := f.load(ctx, peer, p, word, workers, d, more...)
	for _, r := range cells {
		r.print(who, op)
		t.keep(cell{who, op, r.Workers}, r)
	}
	return err
}
