package notify

import (
	"maps"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Count is what is counted: how tries end on a channel. Both labels are from small fixed sets.
type Count struct {
	Channel string
	Result  string // sent, retried, refused, expired, tries, unsure, unreadable, no_driver, nobody
}

type counts struct {
	mu sync.Mutex
	n  map[Count]int64
}

func (c *counts) add(channel, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[Count]int64{}
	}
	c.n[Count{channel, result}]++
}

func (c *counts) all() map[Count]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}

// Counts is how this worker's tries ended since its start.
func (w *Worker) Counts() map[Count]int64 { return w.counts.all() }

// Codes is that part of [Worker.Counts] that is one-time codes.
func (w *Worker) Codes() map[Count]int64 { return w.codes.all() }

// count notes how a try ended.
func (w *Worker) count(m *storage.Message, result string) {
	w.counts.add(w.channel(m), result)
	if m.Kind != kindCode {
		return
	}
	w.codes.add(w.channel(m), result)
	if result == sent && w.Delivered != nil {
		w.Delivered(w.channel(m), max(w.store.Now().Sub(m.Created), 0))
	}
}

// kindCode is the [Message.Kind] somebody waits for in front of a page.
const kindCode = "code"

// Delivered hears how long a one-time code waited from the outbox to the gateway's yes, all tries included. It is set
// before Run, and must not block.
type Delivered func(channel string, waited time.Duration)
