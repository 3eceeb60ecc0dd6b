package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mark writes a figure, with a cross when it misses its goal.
func mark(format string, v float64, met bool) string {
	s := fmt.Sprintf(format, v)
	if !met {
		s = "**" + s + " ✗**"
	}
	return s
}

// report writes everything of one run to a file.
func report(ctx context.Context, f *servers, o options, t table, s *resources) error {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("# Performance\n")
	p("Written by `make bench`; everything is of one run (%s). **✗** misses its goal.\n", time.Now().UTC().Format("2 January 2006"))
	for _, line := range machine(ctx, f.cluster) {
		p("- %s", line)
	}
	p("\nThe main figure is operations per second of the server process's CPU time, because it survives a busy machine. The *floor* (`bench/limits`)")
	p("is a bare net/http handler that does only the indispensable SQL and signatures: what this machine allows. Each was measured")
	p("twice, floor and server in turn, and the better one kept: what else the machine does only takes away.\n")
	operations(p, t)
	p("")
	spread(p, t)
	p("")
	whole(p, t, s)
	file := o.report
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	fmt.Print("\n", b.String())
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

type printf func(format string, args ...any)

// operations is the table of goals, with 16 workers.
func operations(p printf, t table) {
	p("## Operations, 16 workers\n")
	p("| operation | floor /CPU-s | ours /CPU-s | goal | floor ÷ ours | allowed | p99 ms | statements | write commits | WAL bytes | errors |")
	p("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, g := range goals {
		r, floor := t[cell{"ours", g.op, 16}], t[cell{"floor", g.op, 16}]
		want, allowed, ratio, base := "–", "–", "–", "–"
		if g.perCPU > 0 {
			want = fmt.Sprintf("%.0f", g.perCPU)
		}
		if floor.PerCPU > 0 {
			base = fmt.Sprintf("%.0f", floor.PerCPU)
			ratio = mark("%.2f", t.ratio(g.op, 16), g.ratio == 0 || t.ratio(g.op, 16) <= g.ratio)
			allowed = fmt.Sprintf("%.2f", g.ratio)
		}
		p("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %.0f | %s |", g.title, base, mark("%.0f", r.PerCPU, r.PerCPU >= g.perCPU), want, ratio, allowed,
			mark("%.1f", r.P99, g.p99 == 0 || r.P99 <= g.p99), count(r.SQL["statements"], g.statements), count(r.SQL["commits"], g.commits),
			r.SQL["wal_bytes"], mark("%.0f", float64(r.Errors), r.Errors == 0 && r.Skipped == ""))
	}
}

// count is a figure per operation; what background work adds in a short cell is not held against it.
func count(v, most float64) string { return mark("%.2f", v, most == 0 || v < most+0.1) }

// spread shows how the figures move with the workers.
func spread(p printf, t table) {
	p("## Workers\n")
	p("Operations per second of the clock, and p99 in ms; generator, server and PostgreSQL share the processors.\n")
	p("| operation | 1 | 16 | 64 | 64 ÷ 16 | p99 1 | p99 16 | p99 64 | errors |")
	p("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, g := range goals {
		one, some, many := t[cell{"ours", g.op, 1}], t[cell{"ours", g.op, 16}], t[cell{"ours", g.op, 64}]
		ratio := 0.0
		if some.RPS > 0 {
			ratio = many.RPS / some.RPS
		}
		errors := one.Errors + some.Errors + many.Errors
		p("| %s | %.0f | %.0f | %.0f | %s | %.1f | %.1f | %.1f | %s |", g.title, one.RPS, some.RPS, many.RPS, mark("%.2f", ratio, ratio >= goalWide),
			one.P99, some.P99, many.P99, mark("%.0f", float64(errors), errors == 0))
	}
}

// whole is what belongs to no operation.
func whole(p printf, t table, s *resources) {
	p("## The rest\n")
	p("| what | measured | goal |")
	p("|---|---:|---:|")
	most := func(what, format string, v, goal float64) {
		p("| %s | %s | ≤ "+strings.Fields(format)[0]+" |", what, mark(format, v, v <= goal), goal)
	}
	most("idle VmRSS, MiB", "%.1f", s.idle, goalIdle)
	most("idle RssAnon, MiB", "%.1f", s.idleAnon, goalIdleAnon)
	most(fmt.Sprintf("VmRSS after %d requests, MiB", s.requests), "%.1f", s.worked, goalWorked)
	most("start to first 200 on a migrated database, ms (median of 5)", "%.0f", s.start[len(s.start)/2], goalStart)
	most("binary (`-trimpath -ldflags=\"-s -w\"`), MB", "%.1f", float64(s.binary)/1e6, goalBinary)
	most(fmt.Sprintf("a password sign-in beside its hash (%.1f ms), ms of server CPU", s.hash), "%.2f", s.signIn, goalSignIn)
	if s.quiet.P99 > 0 {
		most(fmt.Sprintf("refresh p99 while 16 workers hammer the password form (%.1f ms) ÷ quiet (%.1f ms)", s.flooded.P99, s.quiet.P99), "%.2f", s.flooded.P99/s.quiet.P99, goalFlood)
	}
	most("1,000 codes at once, two instances, a gateway that answers in 20 ms: p99 from a code’s commit to its gateway, s", "%.2f", s.handOver, goalHandOver)
	for _, r := range s.narrow {
		p("| pool of 2, 64 workers, %s: errors in %d operations | %s | 0 |", r.Op, r.N, mark("%.0f", float64(r.Errors), r.Errors == 0 && r.Skipped == ""))
	}
}
