package servertest

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
)

// Logs keeps every line that the servers of a test logged, at every level.
type Logs struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	once sync.Once
	json slog.Handler
}

func (l *Logs) handler() slog.Handler {
	l.once.Do(func() { l.json = slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}) })
	return l.json
}

// Write implements io.Writer for the handler.
func (l *Logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// Enabled implements slog.Handler.
func (l *Logs) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (l *Logs) Handle(ctx context.Context, r slog.Record) error { return l.handler().Handle(ctx, r) }

// WithAttrs implements slog.Handler.
func (l *Logs) WithAttrs(a []slog.Attr) slog.Handler { return l.handler().WithAttrs(a) }

// WithGroup implements slog.Handler.
func (l *Logs) WithGroup(name string) slog.Handler { return l.handler().WithGroup(name) }

// String is everything so far.
func (l *Logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
