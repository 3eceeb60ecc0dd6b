package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bench/crowd"
)

// crowdOps are the hot paths that must not notice how many people there are.
const crowdOps = "refresh,introspect,userinfo,sso,step-up,cc-jwt"

// populated is a server on a database of its own.
type populated struct {
	name     string
	settings *settings
	server   *process
	cells    map[string]result
	read     map[string]float64 // rows that PostgreSQL read, per operation
}

// compare measures the hot paths on a database of a thousand people and on one of n, in turn, and then what the sweep
// of the big one does to refresh.
func (f *servers) compare(ctx context.Context, n int, d time.Duration) ([]*populated, *swept, error) {
	var both []*populated
	for _, people := range []int{1000, n} {
		h, err := f.populateServer(ctx, people)
		if err != nil {
			return nil, nil, err
		}
		both = append(both, h)
	}
	for _, h := range both {
		var err error
		if h.server, err = f.serve(ctx, h.settings); err != nil {
			return nil, nil, err
		}
		defer h.server.stop()
	}
	began := time.Now()
	fmt.Println(heading)
	for range 3 { // the best of three: the machine is not ours alone
		for _, op := range split(crowdOps) {
			for _, h := range both {
				if err := f.take(ctx, h, op, d); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	s, err := f.watchSweep(ctx, both[1], began)
	return both, s, err
}

// take measures a cell and keeps it if it is better than the one before.
func (f *servers) take(ctx context.Context, h *populated, op string, d time.Duration) error {
	before, err := f.rowsRead(ctx, h)
	if err != nil {
		return err
	}
	cells, err := f.loadOn(ctx, h.name, h.settings.peer, h.server, op, "16", d)
	if err != nil {
		return err
	}
	after, err := f.rowsRead(ctx, h)
	for _, r := range cells {
		r.print(h.name, op)
		h.read[op] = (after - before) / float64(max(r.N, 1))
		if before, ok := h.cells[op]; !ok || r.PerAllCPU > before.PerAllCPU {
			h.cells[op] = r
		}
	}
	return err
}

// rowsRead counts the rows of tables that were looked at, by whatever way: a statement without a fitting index would
// look at more of them where there are more.
func (f *servers) rowsRead(ctx context.Context, h *populated) (n float64, err error) {
	db, err := pgx.Connect(ctx, f.cluster.url(h.name))
	if err != nil {
		return 0, err
	}
	defer db.Close(ctx)
	time.Sleep(1200 * time.Millisecond) // PostgreSQL tells what it counted once a second
	err = db.QueryRow(ctx, `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 FROM pg_stat_user_tables`).Scan(&n)
	return n, err
}

// populateServer makes a database of so many people.
func (f *servers) populateServer(ctx context.Context, people int) (*populated, error) {
	h := &populated{name: fmt.Sprintf("crowd%d", people), cells: map[string]result{}, read: map[string]float64{}}
	if err := f.cluster.create(ctx, h.name); err != nil {
		return nil, err
	}
	var err error
	if h.settings, err = writeSettings(f.settings.dir, h.name, f.cluster.url(h.name), 16); err != nil {
		return nil, err
	}
	if err := populate(ctx, f.tools, h.settings, f.cluster, h.name); err != nil {
		return nil, err
	}
	p, err := f.serve(ctx, h.settings)
	if err != nil {
		return nil, err
	}
	_, err = f.loadOn(ctx, h.name, h.settings.peer, p, "refresh", "1", time.Second, "-n", "3") // rows to copy
	p.stop()
	if err != nil {
		return nil, err
	}
	db, err := pgx.Connect(ctx, f.cluster.url(h.name))
	if err != nil {
		return nil, err
	}
	defer db.Close(ctx)
	return h, crowd.Fill(ctx, db, people, func(s string) { fmt.Println(h.name, s) })
}

// swept is refresh without and with the sweep beside it, one result for each window of time.
type swept struct {
	quiet, during []result
	rows          int64
}

// watchSweep measures refresh in short windows until the server has swept; a server sweeps first after five minutes.
func (f *servers) watchSweep(ctx context.Context, h *populated, began time.Time) (*swept, error) {
	db, err := pgx.Connect(ctx, f.cluster.url(h.name))
	if err != nil {
		return nil, err
	}
	defer db.Close(ctx)
	gone := func() (n int64, err error) {
		err = db.QueryRow(ctx, `SELECT sum(n_tup_del)::bigint FROM pg_stat_user_tables WHERE relname IN ('sessions', 'grants', 'refreshes')`).Scan(&n)
		return n, err
	}
	s := &swept{}
	first, err := gone()
	if err != nil {
		return nil, err
	}
	for before := first; time.Since(began) < 15*time.Minute; {
		cells, err := f.loadOn(ctx, h.name, h.settings.peer, h.server, "refresh", "16", 5*time.Second)
		if err != nil || len(cells) != 1 {
			return nil, fmt.Errorf("refresh: %d cells: %w", len(cells), err)
		}
		after, err := gone()
		if err != nil {
			return nil, err
		}
		s.rows = after - first
		switch {
		case after > before:
			s.during = append(s.during, cells[0])
			cells[0].print("sweep", "refresh")
		case len(s.during) > 0:
			return s, nil
		default:
			s.quiet = append(s.quiet, cells[0])
			cells[0].print("quiet", "refresh")
		}
		before = after
	}
	return s, nil
}

// crowded says what came out.
func crowded(w io.Writer, both []*populated, s *swept) {
	small, big := both[0], both[1]
	fmt.Fprintf(w, "\n| operation | %s /CPU-s | %s /CPU-s | big ÷ small | p99 ms small | p99 ms big | rows read small | rows read big |\n|---|---:|---:|---:|---:|---:|---:|---:|\n", small.name, big.name)
	for _, op := range split(crowdOps) {
		a, b := small.cells[op], big.cells[op]
		ratio := b.PerAllCPU / a.PerAllCPU
		fmt.Fprintf(w, "| %s | %.0f | %.0f | %s | %.1f | %.1f | %.1f | %.1f |\n", op, a.PerAllCPU, b.PerAllCPU, mark("%.2f", ratio, ratio >= goalCrowd), a.P99, b.P99, small.read[op], big.read[op])
	}
	quiet, during := median(s.quiet), median(s.during)
	fmt.Fprintf(w, "\nThe CPU is that of server and PostgreSQL together. Sweeping %d rows in about %d s: refresh p99 %.1f ms, without %.1f ms, ratio %s (at most %.0f).\n",
		s.rows, 5*len(s.during), during, quiet, mark("%.2f", during/quiet, during/quiet <= goalSweep), goalSweep)
}

// median is that of the p99s.
func median(all []result) float64 {
	var p99 []float64
	for _, r := range all {
		p99 = append(p99, r.P99)
	}
	if len(p99) == 0 {
		return 0
	}
	slices.Sort(p99)
	return p99[len(p99)/2]
}
