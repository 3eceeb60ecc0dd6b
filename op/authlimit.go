package op

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"
)

// authLimiter refuses a client at an address after too many wrong secrets. The count is in the database and counts over
// all instances; it is touched by failures only, because one statement more for each token would be paid by everyone.
// What this instance knows to be over the limit it remembers, so the right secret does not help there either.
type authLimiter struct {
	mu   sync.Mutex
	over map[string]time.Time // until when
}

// maxOver bounds the memory; beyond it what is past goes, and if nothing is, all: the database still counts.
const maxOver = 4096

func newAuthLimiter() *authLimiter { return &authLimiter{over: map[string]time.Time{}} }

// key names (client, address) in few bytes, whatever a stranger sent as client_id. IPv6 counts by /64: one customer has
// at least that.
func (l *authLimiter) key(client, ip string) string {
	if a, err := netip.ParseAddr(ip); err == nil && a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			ip = p.String()
		}
	}
	sum := sha256.Sum256([]byte(client + "\x00" + ip))
	return "client_auth:" + base64.RawURLEncoding.EncodeToString(sum[:15])
}

func (l *authLimiter) shut(client, ip string, now time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.over) == 0 {
		return time.Time{}, false
	}
	until, ok := l.over[l.key(client, ip)]
	return until, ok && now.Before(until)
}

func (l *authLimiter) close(client, ip string, until, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.over) >= maxOver {
		for k, t := range l.over {
			if !now.Before(t) {
				delete(l.over, k)
			}
		}
		if len(l.over) >= maxOver {
			clear(l.over)
		}
	}
	l.over[l.key(client, ip)] = until
}
