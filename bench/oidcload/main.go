// Command oidcload is a closed-loop load generator for OpenID Connect providers.
//
// It drives discovery, JWKS, token, introspection, userinfo and browser flows
// with a fixed number of workers, and divides the work done by the CPU seconds
// that the server (and, if named, PostgreSQL) spent meanwhile, as read from
// /proc, so that a noisy neighbour on the machine largely cancels out.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

type bench struct {
	cfg   Config
	ep    endpoints
	tr    *http.Transport
	api   *http.Client
	nreq  atomic.Int64
	pgPID int
	pg    *pgx.Conn
	dsn   string
	pgdb  string
	setup int

	socket, profileOut string

	ownCommits atomic.Int64 // that the generator made itself while measuring
	xid        int64        // when measuring began
}

func main() {
	cfgPath := flag.String("config", "", "peer configuration (JSON)")
	ops := flag.String("ops", "discovery,jwks,cc-opaque,cc-jwt,refresh,introspect,userinfo,sso,login", "operations; get:URL is a plain GET")
	conc := flag.String("c", "1,16,64", "worker counts")
	n := flag.Int64("n", 0, "stop after this many operations (0: time alone)")
	dur := flag.Duration("t", 3*time.Second, "longest measured time per cell")
	warm := flag.Duration("warm", 500*time.Millisecond, "warm-up per cell")
	pids := flag.String("pid", "", "server process ids, comma separated")
	pgpid := flag.Int("pgpid", 0, "postmaster id, whose children's CPU is also counted")
	dsn := flag.String("pg", "", "DSN for pg_stat_statements counts")
	pgdb := flag.String("pgdb", "", "database whose statements are counted")
	out := flag.String("o", "", "append results to this file as JSON lines")
	label := flag.String("label", "", "suffix for the peer name")
	socket := flag.String("profile", "", "unix socket on which the server offers net/http/pprof")
	profileOut := flag.String("profile-out", "", "file for a CPU profile of the measured time")
	setup := flag.Int("setup", 4, "workers set up at once")
	startURL := flag.String("wait", "", "only wait for the first 200 of this URL and print the milliseconds")
	quiet := flag.Bool("quiet", false, "print nothing but errors; -o tells")
	flag.Parse()

	if *startURL != "" {
		waitFor(*startURL)
		return
	}
	b := &bench{tr: newTransport(), pgPID: *pgpid, dsn: *dsn, pgdb: *pgdb, setup: *setup, socket: *socket, profileOut: *profileOut}
	if *cfgPath != "" {
		raw, err := os.ReadFile(*cfgPath)
		check(err)
		check(json.Unmarshal(raw, &b.cfg))
	}
	b.cfg.Name += *label
	for _, p := range strings.Split(*pids, ",") {
		if v, err := strconv.Atoi(p); err == nil {
			b.cfg.PID = append(b.cfg.PID, v)
		}
	}
	front := proxy{rt: b.tr, from: machines(), n: &b.nreq}
	if b.cfg.Via != "" {
		to, err := url.Parse(b.cfg.Via)
		check(err)
		front.to = to
	}
	b.api = &http.Client{Transport: front, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if b.cfg.Issuer != "" {
		d := b.cfg.Discovery
		if d == "" {
			d = strings.TrimSuffix(b.cfg.Issuer, "/") + "/.well-known/openid-configuration"
		}
		b.cfg.Discovery = d
		check(b.getJSON(d, &b.ep))
		if b.cfg.Introspect != "" {
			b.ep.Introspection = b.cfg.Introspect
		}
	}
	if *dsn != "" {
		c, err := pgx.Connect(context.Background(), *dsn)
		check(err)
		b.pg = c
	}
	var f io.Writer = io.Discard
	if *out != "" {
		file, err := os.OpenFile(*out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		check(err)
		defer file.Close()
		f = file
	}
	say := func(format string, args ...any) {
		if !*quiet {
			fmt.Printf(format, args...)
		}
	}
	say("%-22s %-14s %4s %8s %5s %8s %7s %7s %7s %9s %9s %7s  %s\n", "peer", "op", "c", "n", "err", "rps", "p50ms", "p95ms", "p99ms", "op/srvCPU", "op/allCPU", "RSSMiB", "http/op sql/op")
	for _, op := range strings.Split(*ops, ",") {
		for _, cs := range strings.Split(*conc, ",") {
			w, err := strconv.Atoi(cs)
			check(err)
			r, err := b.run(op, w, *n, *dur, *warm)
			if err != nil {
				say("%-22s %-14s %4d skipped: %v\n", b.cfg.Name, op, w, err)
				r = &Result{Peer: b.cfg.Name, Op: op, Workers: w, Skipped: err.Error()}
				js, _ := json.Marshal(r)
				fmt.Fprintln(f, string(js))
				continue
			}
			js, _ := json.Marshal(r)
			fmt.Fprintln(f, string(js))
			say("%-22s %-14s %4d %8d %5d %8.0f %7.2f %7.2f %7.2f %9.0f %9.0f %7.1f  %.2f %s %s\n", r.Peer, r.Op, r.Workers, r.N, r.Errors, r.RPS, r.P50, r.P95, r.P99, r.PerCPU, r.PerAllCPU, r.RSSMiB, float64(r.HTTP)/float64(max(r.N, 1)), sqlString(r.SQL), r.FirstErr)
		}
	}
}

func sqlString(m map[string]float64) string {
	var ks []string
	for k := range m {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	var sb strings.Builder
	for _, k := range ks {
		fmt.Fprintf(&sb, "%s=%.2f ", k, m[k])
	}
	return sb.String()
}

func waitFor(u string) {
	t0 := time.Now()
	c := &http.Client{Timeout: time.Second}
	for time.Since(t0) < time.Minute {
		resp, err := c.Get(u)
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == 200 {
				fmt.Println(time.Now().UnixMilli())
				return
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	fmt.Println("timeout")
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oidcload:", err)
		os.Exit(1)
	}
}
