package main

import (
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// step does one operation for one worker; it may carry state between calls.
type step func() error

// errLater is what a step answers that did something which does not count, such as putting things back.
var errLater = errors.New("not counted")

// maker builds a worker's step; it runs outside the measured time.
type maker func(worker int) (step, error)

func (b *bench) run(op string, workers int, n int64, dur, warm time.Duration) (*Result, error) {
	mk, err := b.maker(op)
	if err != nil {
		return nil, err
	}
	steps := make([]step, workers)
	var wg sync.WaitGroup
	errs := make(chan error, workers)
	gate := make(chan struct{}, b.setup) // set-up is gentle on the server
	for i := range steps {
		wg.Add(1)
		go func() {
			defer wg.Done()
			gate <- struct{}{}
			defer func() { <-gate }()
			s, err := mk(i)
			if err != nil {
				errs <- err
				return
			}
			steps[i] = s
		}()
	}
	wg.Wait()
	select {
	case err := <-errs:
		return nil, fmt.Errorf("set-up: %w", err)
	default:
	}
	b.loop(steps, 0, warm)
	b.resetSQL()
	srv0, pg0, req0 := cpuOf(b.cfg.PID), b.pgCPU(), b.nreq.Load()
	profiled := make(chan error, 1)
	if b.socket != "" {
		go func() { profiled <- profile(b.socket, b.profileOut, dur) }()
	}
	t0 := time.Now()
	lats, nerr, first := b.loop(steps, n, dur)
	el := time.Since(t0).Seconds()
	srv1, pg1, req1 := cpuOf(b.cfg.PID), b.pgCPU(), b.nreq.Load()
	if b.socket != "" {
		if err := <-profiled; err != nil {
			return nil, fmt.Errorf("profile: %w", err)
		}
	}
	sort.Slice(lats, func(i, j int) bool { return lats[i] < lats[j] })
	q := func(p float64) float64 {
		if len(lats) == 0 {
			return 0
		}
		return float64(lats[min(int(p*float64(len(lats))), len(lats)-1)]) / 1e6
	}
	r := &Result{Peer: b.cfg.Name, Op: op, Workers: workers, N: int64(len(lats)), HTTP: req1 - req0, Errors: nerr,
		Seconds: el, RPS: float64(len(lats)) / el, P50: q(.5), P95: q(.95), P99: q(.99),
		SrvCPU: srv1 - srv0, PGCPU: pg1 - pg0, RSSMiB: rssOf(b.cfg.PID)}
	if first != nil {
		r.FirstErr = first.Error()
	}
	if r.SrvCPU > 0 {
		r.PerCPU = float64(r.N) / r.SrvCPU
		r.PerAllCPU = float64(r.N) / (r.SrvCPU + r.PGCPU)
	}
	r.SQL = b.readSQL(r.N)
	return r, nil
}

func (b *bench) loop(steps []step, n int64, dur time.Duration) (lats []int64, nerr int64, first error) {
	var left atomic.Int64
	left.Store(n)
	end := time.Now().Add(dur)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, s := range steps {
		wg.Add(1)
		go func() {
			defer wg.Done()
			my := make([]int64, 0, 1<<14)
			var bad int64
			var ferr error
			for time.Now().Before(end) {
				if n > 0 && left.Add(-1) < 0 {
					break
				}
				t := time.Now()
				err := s()
				if err == errLater {
					continue
				}
				if err != nil {
					bad++
					if ferr == nil {
						ferr = err
					}
					if bad > 50 {
						break
					}
					continue
				}
				my = append(my, int64(time.Since(t)))
			}
			mu.Lock()
			defer mu.Unlock()
			lats = append(lats, my...)
			nerr += bad
			if first == nil {
				first = ferr
			}
		}()
	}
	wg.Wait()
	return
}
