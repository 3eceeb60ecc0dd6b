package sql

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// How far our clock may be from the database's.
const (
	offsetWarn  = 5 * time.Second
	offsetLimit = 30 * time.Second
	offsetEvery = time.Minute
)

// clock is the database's: ours plus a measured offset, so that instances with different clocks agree.
type clock struct {
	offset atomic.Int64 // ns
	fixed  bool
	log    *slog.Logger
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newClock(o options) *clock {
	c := &clock{log: o.log}
	if o.offset != nil {
		c.fixed = true
		c.offset.Store(int64(*o.offset))
	}
	return c
}

func (c *clock) now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Microsecond)
}

// start measures once and then every minute until stop. A fixed clock starts nothing: a goroutine of ours would keep a
// test's synctest bubble from ending.
func (c *clock) start(ctx context.Context, q Q) error {
	if c.fixed {
		return nil
	}
	if err := c.measure(ctx, q); err != nil {
		return err
	}
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.done.Go(func() {
		tick := time.NewTicker(offsetEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := c.measure(ctx, q); err != nil && ctx.Err() == nil {
					c.log.Warn("database clock not measured", "error", err)
				}
			}
		}
	})
	return nil
}

// measure takes the database's time as that of the middle of the round trip.
func (c *clock) measure(ctx context.Context, q Q) error {
	var micro int64
	before := time.Now()
	err := q.QueryRow(ctx, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`).Scan(&micro)
	if err != nil {
		return err
	}
	middle := before.Add(time.Since(before) / 2)
	offset := time.UnixMicro(micro).Sub(middle)
	c.offset.Store(int64(offset))
	if offset.Abs() > offsetWarn {
		c.log.Warn("clock differs from the database's", "offset", offset)
	}
	return nil
}

func (c *clock) ready() error {
	if d := time.Duration(c.offset.Load()); !c.fixed && d.Abs() > offsetLimit {
		return fmt.Errorf("sql: clock is %s from the database's", d.Round(time.Second))
	}
	return nil
}

func (c *clock) stop() {
	if c.cancel != nil {
		c.cancel()
		c.done.Wait()
	}
}
