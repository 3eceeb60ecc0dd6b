package notify

import (
	"maps"
	"sync"
)

// Count is what is counted: how tries end on a channel. Both labels are from small fixed sets.
type Count struct {
	Channel string
	Result  string // sent, retried, refused, expired, tries, unreadable, no_driver
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

// Counts is how this worker's tries ended since its start.
func (w *Worker) Counts() map[Count]int64 {
	w.counts.mu.Lock()
	defer w.counts.mu.Unlock()
	return maps.Clone(w.counts.n)
}
