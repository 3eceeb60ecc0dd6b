package sql

import (
	"context"
	"sync/atomic"
	"time"
)

// timeout bounds how long something may take. One context serves all that begin within a quarter of the span: a timer and
// a place in a tree of contexts for every statement was a tenth of what the statement cost.
//
// So a statement is not given up when its caller leaves, as long as it keeps within its span (storage.Store says so to
// callers): pgx would close the connection, and whoever opens requests and drops them would have the pool connect anew
// each time. What the caller does next is refused as ever, because its context is done.
type timeout struct {
	span    time.Duration
	current atomic.Pointer[sharedContext]
}

// timeouts are those of an engine.
type timeouts struct{ acquire, statement timeout }

func newTimeouts() *timeouts {
	return &timeouts{acquire: timeout{span: acquireTimeout}, statement: timeout{span: statementTimeout}}
}

type sharedContext struct {
	ctx  context.Context
	ends time.Time
}

// on gives the context to work under: one that ends after span to 1.25 span, or the caller's own when that ends earlier
// or has ended.
func (t *timeout) on(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	now := time.Now()
	s := t.current.Load()
	if s == nil || s.ends.Sub(now) < t.span {
		s = &sharedContext{ends: now.Add(t.span + t.span/4)}
		var cancel context.CancelFunc
		s.ctx, cancel = context.WithDeadline(context.Background(), s.ends)
		context.AfterFunc(s.ctx, cancel) // only its time ends it
		t.current.Store(s)
	}
	if ends, ok := ctx.Deadline(); ok && ends.Before(s.ends) {
		return ctx
	}
	return s.ctx
}
