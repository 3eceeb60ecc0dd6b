package server

import (
	"context"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// countServes is how long a count of sessions serves: it reads every one of them, and scrapes are many.
const countServes = time.Minute

// sessionCount remembers how many sessions there are.
type sessionCount struct {
	mu sync.Mutex
	n  int
	at time.Time
}

// count asks the database at most once in [countServes], whoever scrapes. A scrape that comes while another counts gets that
// one's number.
func (l *sessionCount) count(ctx context.Context, db storage.Store) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := db.Now()
	if !l.at.IsZero() && now.Before(l.at.Add(countServes)) {
		return l.n, nil
	}
	n, err := db.LiveSessions(ctx, now)
	if err == nil {
		l.n, l.at = n, now
	}
	return n, err
}
