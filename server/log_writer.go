package server

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Bounds of what waits to be written. A second of a full machine's lines fits; more means that nobody reads them.
const (
	maxWaiting = 4 << 20               // bytes
	writeEvery = 20 * time.Millisecond // between two writes
)

// LogWriter is where a log's lines go, many in one write, by a goroutine of its own: a pipe that nobody reads must not stop
// sign-ins (docs/security.md R19). What does not fit is dropped and counted, and the next line that fits is preceded by one
// that says so. What must not be lost is in the audit, not in the log.
type LogWriter struct {
	out  io.Writer
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	waiting []byte
	missing int64 // dropped and not told yet
	dropped int64
	closed  bool
}

// NewLogWriter writes to out until Close.
func NewLogWriter(out io.Writer) *LogWriter {
	l := &LogWriter{out: out, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go l.run()
	return l
}

// Write takes one whole line. It never waits and never fails.
func (l *LogWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.waiting)+len(line) > maxWaiting {
		l.missing++
		l.dropped++
		return len(line), nil
	}
	if l.missing > 0 {
		l.waiting = fmt.Appendf(l.waiting, "{\"level\":\"WARN\",\"msg\":\"log lines dropped\",\"count\":%d}\n", l.missing)
		l.missing = 0
	}
	l.waiting = append(l.waiting, line...)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return len(line), nil
}

// Dropped counts the lines that did not fit.
func (l *LogWriter) Dropped() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped
}

// Close writes what waits, or gives up when ctx ends; lines after it are dropped.
func (l *LogWriter) Close(ctx context.Context) {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.wake)
	}
	l.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
	}
}

func (l *LogWriter) run() {
	defer close(l.done)
	var spare []byte
	for open := true; open; {
		if _, open = <-l.wake; open {
			time.Sleep(writeEvery)
		}
		l.mu.Lock()
		full := l.waiting
		l.waiting = spare[:0]
		l.mu.Unlock()
		l.out.Write(full) // an error of the log itself cannot be logged
		spare = full
	}
}
