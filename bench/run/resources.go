package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// resources are what is measured of the server besides its operations.
type resources struct {
	start              []float64 // ms until the first 200 on a migrated database
	idle, idleAnon     float64
	worked, workedAnon float64
	requests           int64   // after which worked was taken
	hash, signIn       float64 // ms of CPU
	quiet, flooded     result  // refresh
	flood              result
	narrow             []result // pool of 2, 64 workers
	handOver           float64  // s, p99 from a code's commit to its gateway
	binary             int64
	soak               []float64 // RSS each 100,000 requests
}

// begin restarts ours a few times, and reads what it holds when nobody asks anything.
func (f *servers) begin(ctx context.Context, s *resources) (err error) {
	for range 5 {
		f.ours.stop()
		if f.ours, err = f.serve(ctx, f.settings); err != nil {
			return err
		}
		s.start = append(s.start, float64(f.ours.start.Microseconds())/1000)
	}
	slices.Sort(s.start)
	time.Sleep(2 * time.Second)
	s.idle, s.idleAnon = f.ours.memory()
	fmt.Printf("start %.0f ms (median of %.0f), idle VmRSS %.1f MiB, RssAnon %.1f MiB\n", s.start[len(s.start)/2], s.start, s.idle, s.idleAnon)
	return nil
}

// work sends about 100,000 requests of every common kind, sign-ins apart, and reads what the server holds then.
func (f *servers) work(ctx context.Context, s *resources) error {
	for _, each := range []struct {
		op string
		n  int
	}{{"discovery", 10000}, {"userinfo", 30000}, {"introspect", 10000}, {"refresh", 15000}, {"cc-jwt", 5000}, {"sso", 10000}} {
		cells, err := f.load(ctx, f.settings.peer, f.ours, each.op, "16", time.Minute, "-n", fmt.Sprint(each.n), "-warm", "0s")
		if err != nil {
			return err
		}
		for _, r := range cells {
			s.requests += r.HTTP
			if r.Errors > 0 || r.Skipped != "" {
				return fmt.Errorf("%s: %d errors: %s%s", each.op, r.Errors, r.FirstErr, r.Skipped)
			}
		}
	}
	s.worked, s.workedAnon = f.ours.memory()
	fmt.Printf("after %d requests VmRSS %.1f MiB, RssAnon %.1f MiB\n", s.requests, s.worked, s.workedAnon)
	return nil
}

// soak goes on working until total requests.
func (f *servers) soak(ctx context.Context, s *resources, total int64) error {
	for s.requests < total {
		if err := f.work(ctx, s); err != nil {
			return err
		}
		s.soak = append(s.soak, s.worked)
	}
	return nil
}

// withstand measures refresh while the password form is hammered, beside a quiet minute of the same run.
func (f *servers) withstand(ctx context.Context, s *resources, d time.Duration) error {
	refresh := func(to *result) error {
		cells, err := f.load(ctx, f.settings.peer, f.ours, "refresh", "16", d)
		if err == nil && len(cells) == 1 {
			*to = cells[0]
		}
		return err
	}
	if err := refresh(&s.quiet); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		cells, err := f.load(ctx, f.settings.peer, f.ours, "flood", "16", 2*d+2*time.Second)
		if len(cells) == 1 {
			s.flood = cells[0]
		}
		done <- err
	}()
	time.Sleep(time.Second)
	if err := refresh(&s.flooded); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	s.quiet.print("quiet", "refresh")
	s.flooded.print("flooded", "refresh")
	s.flood.print("flood", "password form")
	return nil
}

// squeeze lets 64 workers at a server with two connections.
func (f *servers) squeeze(ctx context.Context, s *resources, d time.Duration) error {
	narrow, err := writeSettings(f.settings.dir, "narrow", f.cluster.url("soglia"), 2)
	if err != nil {
		return err
	}
	p, err := f.serve(ctx, narrow)
	if err != nil {
		return err
	}
	defer p.stop()
	s.narrow, err = f.load(ctx, narrow.peer, p, "refresh,refresh-public,introspect,sso,login,step-up", "64", d)
	for _, r := range s.narrow {
		r.print("pool 2", r.Op)
	}
	return err
}

var perCPU = regexp.MustCompile(`per self-CPU-s\s+([0-9.]+)`)

// signIns measures sign-ins one after the other, and beside them what one password hash costs by itself, in ms: the
// difference of two large figures needs both from the same moments.
func (f *servers) signIns(ctx context.Context, s *resources) error {
	cpu, n := 0.0, int64(0)
	for range 4 {
		hash, err := f.hashing(ctx)
		if err != nil {
			return err
		}
		cells, err := f.load(ctx, f.settings.peer, f.ours, "login", "1", 3*time.Second)
		if err != nil {
			return err
		}
		s.hash += hash / 4
		for _, r := range cells {
			cpu, n = cpu+r.CPU, n+r.N
		}
	}
	s.signIn = cpu*1000/float64(n) - s.hash
	fmt.Printf("sign-in %.2f ms beside its hash of %.1f\n", s.signIn, s.hash)
	return nil
}

func (f *servers) hashing(ctx context.Context) (float64, error) {
	out, err := exec.CommandContext(ctx, f.tools.limits, "kdf", "-t", "1s", "-only", "argon2id 19MiB t=2 p=1").Output()
	if err != nil {
		return 0, err
	}
	m := perCPU.FindStringSubmatch(string(out))
	if m == nil {
		return 0, fmt.Errorf("limits kdf: %s", strings.TrimSpace(string(out)))
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return 1000 / n, err
}
