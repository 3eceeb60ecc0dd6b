package web

import (
	"math"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Flood is how many requests for pages one address ([IPKey]) may send to this process. It only keeps floods off; the
// limits that protect accounts are in the database and count over all instances.
type Flood struct {
	PerSecond float64 // 0 = 20; negative = no limit
	Burst     int     // 0 = 200
}

// keepAddresses is how many addresses a limiter remembers at least before it forgets the quiet ones.
const keepAddresses = 1 << 15

// limiter keeps a token bucket per address in two generations. When the recent one is full it becomes the previous one, and
// what was not seen since is forgotten: bounded memory without a clock or a list.
type limiter struct {
	rate  rate.Limit
	burst int
	keep  int

	mu               sync.Mutex
	recent, previous map[string]*rate.Limiter
}

func newLimiter(f Flood) *limiter {
	l := &limiter{rate: rate.Limit(f.PerSecond), burst: f.Burst, keep: keepAddresses, recent: map[string]*rate.Limiter{}}
	if f.PerSecond == 0 {
		l.rate = 20
	}
	if f.PerSecond < 0 {
		l.rate = rate.Inf
	}
	if l.burst == 0 {
		l.burst = 200
	}
	return l
}

// wait is how long the address has to wait; 0 lets it pass.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	if l.rate == rate.Inf {
		return 0
	}
	res := l.bucket(key).ReserveN(now, 1)
	d := res.DelayFrom(now)
	if d > 0 {
		res.CancelAt(now) // a refused request costs nothing, or a client that keeps trying would never get in again
	}
	return d
}

func (l *limiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.recent[key]; ok {
		return b
	}
	b, ok := l.previous[key]
	if !ok {
		b = rate.NewLimiter(l.rate, l.burst)
	}
	if len(l.recent) >= l.keep {
		l.recent, l.previous = make(map[string]*rate.Limiter), l.recent
	}
	l.recent[key] = b
	return b
}

// notFlooding is the check before a page.
func (s *Site) notFlooding(r *http.Request) error {
	d := s.flood.wait(IPKey(ClientIP(r)), time.Now())
	if d == 0 {
		return nil
	}
	return &Error{
		Status: http.StatusTooManyRequests, Code: "too_many_requests",
		RetryAfter: int(math.Ceil(d.Seconds())),
	}
}
