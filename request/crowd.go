package request

import (
	"context"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// crowd is how many requests are open everywhere, as far as this instance knows: what it last read, and what it stored
// since. It bounds a flood, not an exact number, so it reads seldom: nobody's sign-in waits for the count of a big table.
type crowd struct {
	mu   sync.Mutex
	read int
	own  int
	at   time.Time
}

const (
	crowdShare = 16          // count again once this instance stored this fraction of the cap
	crowdPause = time.Second // while there is no room, count no more often than this
)

// full reports whether most requests are open. 0 is no limit.
func (c *crowd) full(ctx context.Context, db storage.Requests, most int, now time.Time) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if most <= 0 {
		return false, nil
	}
	over := c.read+c.own >= most
	if c.own*crowdShare >= most || over && now.Sub(c.at) >= crowdPause {
		n, err := db.OpenRequests(ctx, now)
		if err != nil {
			return false, err
		}
		c.read, c.own, c.at = n, 0, now
		over = n >= most
	}
	return over, nil
}

// stored counts a request that this instance stored.
func (c *crowd) stored() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own++
}
