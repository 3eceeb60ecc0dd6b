package sql

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// falling is a driver that panics at its first statement, once somebody waits behind it.
type falling struct {
	Q
	mu     sync.Mutex
	behind func() bool
	fallen bool
	rows   int
}

func (f *falling) Exec(_ context.Context, text string, args ...any) (int64, error) {
	f.mu.Lock()
	first := !f.fallen
	f.fallen = true
	f.mu.Unlock()
	if first {
		for !f.behind() {
			runtime.Gosched()
		}
		panic("the driver fell")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if text == insertMany {
		return 0, errors.New("refused")
	}
	f.rows++
	return 1, nil
}

func TestNobodyWaitsForAWriterWhoFell(t *testing.T) {
	var a appender
	f := &falling{behind: func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.waiting) == 3 }}
	var all sync.WaitGroup
	fell := make(chan any, 1)
	all.Go(func() {
		defer func() { fell <- recover() }()
		a.append(t.Context(), f, eventArgs(nil, time.Time{}))
	})
	for !busy(&a) {
		runtime.Gosched()
	}
	for range 3 {
		all.Go(func() {
			if err := a.append(t.Context(), f, eventArgs(nil, time.Time{})); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if <-fell == nil || f.rows != 3 || busy(&a) {
		t.Errorf("%d rows, still writing %v", f.rows, busy(&a))
	}
}

// hanging is a database that is away: each statement takes its whole time.
type hanging struct {
	Q
	statements atomic.Int64
}

func (h *hanging) Exec(context.Context, string, ...any) (int64, error) {
	h.statements.Add(1)
	time.Sleep(statementTimeout)
	return 0, storage.ErrAway
}

func TestNobodyWaitsThroughOneTimeoutAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a appender
		var h hanging
		begin := time.Now()
		var all sync.WaitGroup
		for range 20 * maxBatch {
			all.Go(func() {
				if err := a.append(t.Context(), &h, eventArgs(nil, time.Time{})); !errors.Is(err, storage.ErrAway) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := h.statements.Load(); n > 2 || time.Since(begin) > 2*statementTimeout {
			t.Errorf("%d statements, %v", n, time.Since(begin))
		}
	})
}

func busy(a *appender) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.writing
}
