// Command run measures Soglia beside the floor: it starts a private PostgreSQL, the floor and the server, lets the load
// generator work on both, and says what came out. Run it in the folder bench: go run ./run -h
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	root, ops, workers, report string
	time                       time.Duration
	profile, keep, floor       bool
	soak                       int64
	crowd                      int
}

func main() {
	var all []string
	for _, g := range goals {
		all = append(all, g.op)
	}
	var o options
	flag.StringVar(&o.root, "root", "..", "the product's folder")
	flag.StringVar(&o.ops, "ops", strings.Join(all, ","), "operations; further ones: sso-code, authorize, login-only, flood")
	flag.StringVar(&o.workers, "c", "1,16,64", "workers")
	flag.DurationVar(&o.time, "t", 2*time.Second, "time of each cell")
	flag.BoolVar(&o.profile, "profile", false, "write a CPU profile of the server for each cell, OP-WORKERS.pprof")
	flag.BoolVar(&o.keep, "keep", false, "leave everything running until Ctrl-C, to look at it")
	flag.BoolVar(&o.floor, "floor", true, "measure the floor as well")
	flag.StringVar(&o.report, "report", "", "measure everything and write it to this file")
	flag.Int64Var(&o.soak, "soak", 0, "send this many requests, such as 1000000, and watch the memory")
	flag.IntVar(&o.crowd, "crowd", 0, "people in a big database, such as 1000000, measured beside one of a thousand")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "soglia-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t, err := build(ctx, root, dir, o.profile)
	if err != nil {
		return err
	}
	c, err := newCluster(ctx)
	if err != nil {
		return err
	}
	defer c.remove()
	f, err := newServers(ctx, dir, t, c)
	if err != nil {
		return err
	}
	defer f.stop()
	if err := f.run(ctx, o); err != nil {
		return err
	}
	if o.keep {
		fmt.Printf("server %d at %s, configuration %s, generator %s -config %s, PostgreSQL %s; Ctrl-C ends it\n",
			f.ours.pid(), f.settings.listen, f.settings.yaml, t.oidcload, f.settings.peer, c.url("soglia"))
		<-ctx.Done()
	}
	return nil
}

// run does what the flags ask.
func (f *servers) run(ctx context.Context, o options) error {
	cells, s := table{}, &resources{binary: f.tools.size}
	if o.soak > 0 || o.crowd > 0 {
		return f.longRun(ctx, o, s)
	}
	whole := o.report != ""
	if whole {
		for _, step := range []func(context.Context, *resources) error{f.begin, f.work, f.signIns} {
			if err := step(ctx, s); err != nil {
				return err
			}
		}
	}
	// As autovacuum would within a minute: a young database has no statistics.
	if err := f.cluster.exec(ctx, "soglia", "ANALYZE"); err != nil {
		return err
	}
	fmt.Println(heading)
	for _, op := range split(o.ops) {
		known := slices.ContainsFunc(goals, func(g goal) bool { return g.op == op && g.floor })
		if err := f.measure(ctx, cells, op, o.floor && known, o); err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	if err := f.withstand(ctx, s, 3*time.Second); err != nil {
		return err
	}
	if err := f.squeeze(ctx, s, o.time); err != nil {
		return err
	}
	if err := s.measureHandOver(ctx, o.root); err != nil {
		return err
	}
	return report(ctx, f, o, cells, s)
}

func split(list string) []string { return strings.Split(list, ",") }
