package op

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"
)

// authLimiter keeps strangers from filling the database: after too many failures of a client at an address, further ones
// are neither counted nor recorded. It stands behind the proof and never keeps a right one out. The count is in the
// database and counts over all instances; what this instance knows to be over the limit it remembers.
type authLimiter struct {
	mu   sync.Mutex
	over map[string]time.Time // until when
}

// maxOver bounds the memory; beyond it what is past goes, and if nothing is, all: the database still counts.
const maxOver = 4096

func newAuthLimiter() *authLimiter { return &authLimiter{over: map[string]time.Time{}} }

// key names what is counted for (client, address) in few bytes, whatever a stranger sent as client_id. IPv6 counts by /64:
// one customer has at least that.
func (l *authLimiter) key(what, client, ip string) string {
	if a, err := netip.ParseAddr(ip); err == nil && a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			ip = p.String()
		}
	}
	sum := sha256.Sum256([]byte(client + "\x00" + ip))
	return what + ":" + base64.RawURLEncoding.EncodeToString(sum[:15])
}

func (l *authLimiter) shut(key string, now time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.over[key]
	return until, ok && now.Before(until)
}

func (l *authLimiter) close(key string, until, now time.Time) {
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
	l.over[key] = until
}
