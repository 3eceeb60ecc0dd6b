package main

import (
	"fmt"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func cpuSelf() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// only names the one measurement wanted; "" is all.
var only string

func closed(name string, workers int, dur time.Duration, f func(w, i int) error) {
	if only != "" && name != only {
		return
	}
	var n atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	var lats []time.Duration
	end := time.Now().Add(dur)
	c0, t0 := cpuSelf(), time.Now()
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var my []time.Duration
			for i := 0; time.Now().Before(end); i++ {
				t := time.Now()
				if err := f(w, i); err != nil {
					fmt.Fprintln(os.Stderr, name, err)
					break
				}
				my = append(my, time.Since(t))
				n.Add(1)
			}
			mu.Lock()
			lats = append(lats, my...)
			mu.Unlock()
		}()
	}
	wg.Wait()
	el, cpu := time.Since(t0).Seconds(), cpuSelf()-c0
	sort.Slice(lats, func(i, j int) bool { return lats[i] < lats[j] })
	q := func(p float64) float64 {
		if len(lats) == 0 {
			return 0
		}
		return float64(lats[min(int(p*float64(len(lats))), len(lats)-1)]) / 1e6
	}
	fmt.Printf("%-34s workers %3d  %9.0f/s  p50 %7.3f p95 %7.3f p99 %7.3f ms  per self-CPU-s %9.1f\n", name, workers, float64(n.Load())/el, q(.5), q(.95), q(.99), float64(n.Load())/cpu)
}
