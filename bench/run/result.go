package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// result is one cell, as the generator writes it.
type result struct {
	Op        string             `json:"op"`
	Workers   int                `json:"workers"`
	N         int64              `json:"n"`
	HTTP      int64              `json:"http_requests"`
	Errors    int64              `json:"errors"`
	FirstErr  string             `json:"first_error"`
	RPS       float64            `json:"rps"`
	P50       float64            `json:"p50_ms"`
	P99       float64            `json:"p99_ms"`
	CPU       float64            `json:"server_cpu_s"`
	PerCPU    float64            `json:"ops_per_server_cpu_s"`
	PerAllCPU float64            `json:"ops_per_all_cpu_s"`
	RSS       float64            `json:"rss_mib"`
	SQL       map[string]float64 `json:"sql_per_op"`
	Skipped   string             `json:"skipped"`
}

// read takes the results out of the generator's file.
func read(file string) ([]result, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var all []result
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

const heading = "who     op                workers      ops/s  ops/CPU-s    p50 ms    p99 ms  errors  stmts commits     WAL B  RSS MiB"

func (r result) print(who, op string) {
	fmt.Printf("%-7s %-18s %6d %10.0f %10.0f %9.2f %9.2f %7d %6.2f %7.2f %9.0f %8.1f", who, op, r.Workers, r.RPS, r.PerCPU, r.P50, r.P99, r.Errors,
		r.SQL["statements"], r.SQL["commits"], r.SQL["wal_bytes"], r.RSS)
	if r.Errors > 0 || r.Skipped != "" {
		fmt.Printf("  %.300s%.300s", r.FirstErr, r.Skipped)
	}
	fmt.Println()
}

// table holds the cells of a run by who, operation and workers.
type table map[cell]result

// keep keeps the better one of two measurements, since what else the machine does can only take away; errors add up.
func (t table) keep(c cell, r result) {
	before, ok := t[c]
	r.Errors += before.Errors
	if ok && before.PerCPU > r.PerCPU {
		before.Errors = r.Errors
		r = before
	}
	t[c] = r
}

type cell struct {
	who, op string
	workers int
}

func (t table) ratio(op string, workers int) float64 {
	ours := t[cell{"ours", op, workers}].PerCPU
	if ours == 0 {
		return 0
	}
	return t[cell{"floor", op, workers}].PerCPU / ours
}
