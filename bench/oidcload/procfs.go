package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
)

const tick = 100.0 // USER_HZ

// stat returns the fields after the command name of /proc/PID/stat.
func stat(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	i := strings.LastIndexByte(string(raw), ')')
	return strings.Fields(string(raw[i+1:]))
}

func num(f []string, i int) float64 {
	if i >= len(f) {
		return 0
	}
	v, _ := strconv.ParseFloat(f[i], 64)
	return v
}

func cpuOf(pids []int) (s float64) {
	for _, p := range pids {
		f := stat(p)
		s += (num(f, 11) + num(f, 12)) / tick
	}
	return
}

func rssOf(pids []int) (mib float64) {
	for _, p := range pids {
		mib += num(stat(p), 21) * float64(os.Getpagesize()) / (1 << 20)
	}
	return
}

// pgCPU sums the postmaster, its children and those it has reaped.
func (b *bench) pgCPU() (s float64) {
	if b.pgPID == 0 {
		return 0
	}
	f := stat(b.pgPID)
	s = (num(f, 11) + num(f, 12) + num(f, 13) + num(f, 14)) / tick
	ents, _ := os.ReadDir("/proc")
	for _, e := range ents {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if g := stat(pid); len(g) > 1 && int(num(g, 1)) == b.pgPID {
			s += (num(g, 11) + num(g, 12)) / tick
		}
	}
	return
}

func (b *bench) resetSQL() {
	if b.pg == nil {
		return
	}
	ctx := context.Background()
	b.pg.Exec(ctx, "select pg_stat_statements_reset()")
	b.xid = b.nextXID()
	b.ownCommits.Store(0)
}

// nextXID counts the transactions that wrote: PostgreSQL gives an id to no other.
func (b *bench) nextXID() (n int64) {
	b.pg.QueryRow(context.Background(), "select "+mark+" pg_snapshot_xmax(pg_current_snapshot())::text::bigint").Scan(&n)
	return n
}

// readSQL returns per operation: statements by verb, all of them but the frame of transactions ("statements"), write
// commits, and bytes of WAL.
func (b *bench) readSQL(n int64) map[string]float64 {
	if b.pg == nil || n == 0 {
		return nil
	}
	m := map[string]float64{"commits": float64(b.nextXID()-b.xid-b.ownCommits.Load()) / float64(n)}
	rows, err := b.pg.Query(context.Background(), `select lower(split_part(ltrim(s.query, E' \n\t('), ' ', 1)) v, sum(s.calls)::float8, sum(s.wal_bytes)::float8
		from pg_stat_statements s join pg_database d on d.oid=s.dbid
		where d.datname=$1 and s.query not ilike '%pg_stat_statements%' and s.query not like '%'||$2||'%' group by 1`, b.pgdb, mark)
	if err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		var calls, wal float64
		if rows.Scan(&v, &calls, &wal) == nil {
			v = strings.TrimSpace(strings.SplitN(v, "\n", 2)[0])
			x := calls / float64(n)
			if x >= 0.005 {
				m[v] += x
			}
			if v != "begin" && v != "commit" && v != "rollback" {
				m["statements"] += x
			}
			m["wal_bytes"] += wal / float64(n)
		}
	}
	return m
}
