package server

import (
	"context"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// liveFor is how long a count of sessions serves: it reads every one of them, and scrapes are many.
const liveFor = time.Minute

// live remembers how many sessions there are.
type live struct {
	mu sync.Mutex
	n  int
	at time.Time
}

// count asks the database at most once in [liveFor], whoever scrapes. A scrape that comes while another counts gets that
// one's number.
func (l *live) count(ctx context.Context, db storage.Store) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := db.Now()
	if !l.at.IsZero() && now.Before(l.at.Add(liveFor)) {
		return l.n, nil
	}
	n, err := db.LiveSessions(ctx, now)
	if err == nil {
		l.n, l.at = n, now
	}
	return n, err
}
