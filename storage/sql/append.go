package sql

import (
	"context"
	"errors"
	"sync"

	"github.com/soglia-sso/soglia/storage"
)

// appender writes audit events that stand alone. Those that come while a statement is under way wait for it and go
// together in the next one: under load the round trips and commits of a dozen requests become one. Nobody's Append
// returns before its event is committed.
type appender struct {
	mu      sync.Mutex
	writing bool
	waiting []*entry
}

// entry is an event's arguments, waiting.
type entry struct {
	args []any
	turn chan turn
}

// turn is what becomes of an entry: it is written or not, or its caller is the next to write.
type turn struct {
	lead bool
	err  error
}

// maxBatch is how many events one statement writes at most.
const maxBatch = 64

// errBatchRefused makes every caller whose events were refused together write alone: one event was to blame.
var errBatchRefused = errors.New("sql: an event among several was refused")

func (a *appender) append(ctx context.Context, q Q, args []any) error {
	e := &entry{args: args, turn: make(chan turn, 1)}
	a.mu.Lock()
	first := !a.writing
	a.writing = true
	if !first {
		a.waiting = append(a.waiting, e)
	}
	a.mu.Unlock()
	if !first {
		// Not cut short when the caller leaves: the statement has a time limit of its own.
		if t := <-e.turn; !t.lead {
			return retryAlone(ctx, q, e, t.err)
		}
	}
	return retryAlone(ctx, q, e, a.lead(ctx, q, e))
}

// lead writes for e and those who wait, and hands over. Whatever happens in the driver, nobody is left waiting.
func (a *appender) lead(ctx context.Context, q Q, e *entry) (err error) {
	all := a.takeBatch(e)
	err = errBatchRefused
	defer func() {
		if errors.Is(err, storage.ErrAway) { // or they would wait for one time-out after the other
			all = append(all, a.takeAll()...)
		}
		for _, other := range all[1:] {
			other.turn <- turn{err: err}
		}
		a.wakeNext()
	}()
	err = write(ctx, q, all)
	return err
}

// takeAll takes everyone who waits out of the queue.
func (a *appender) takeAll() []*entry {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.waiting
	a.waiting = nil
	return all
}

// takeBatch gives e and those who wait, as many as go together, and takes them out of the queue.
func (a *appender) takeBatch(e *entry) []*entry {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := min(len(a.waiting), maxBatch-1)
	all := append([]*entry{e}, a.waiting[:n]...)
	a.waiting = append(a.waiting[:0:0], a.waiting[n:]...)
	return all
}

// wakeNext lets the first who waits write.
func (a *appender) wakeNext() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.writing = len(a.waiting) > 0; a.writing {
		a.waiting[0].turn <- turn{lead: true}
		a.waiting = a.waiting[1:]
	}
}

// retryAlone writes e by itself where err says that its batch was refused; else err is the answer.
func retryAlone(ctx context.Context, q Q, e *entry, err error) error {
	if !errors.Is(err, errBatchRefused) {
		return err
	}
	return insertEvents(ctx, q, [][]any{e.args})
}

// write writes for several callers, so it does not stop when one of them has left.
func write(ctx context.Context, q Q, all []*entry) error {
	args := make([][]any, len(all))
	for i, e := range all {
		args[i] = e.args
	}
	if len(all) == 1 {
		return insertEvents(ctx, q, args)
	}
	err := insertEvents(context.WithoutCancel(ctx), q, args)
	if err != nil && !errors.Is(err, storage.ErrAway) {
		return errors.Join(errBatchRefused, err)
	}
	return err
}
