package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"
)

// Limiter keeps strangers from filling the database: after too many failures of a client at an address, further ones are
// neither counted nor recorded. It is asked only after a proof was found wrong, so it never refuses a right one. The count is in the database
// and counts over all instances; what this instance knows to be over the limit it remembers. The zero value is ready.
type Limiter struct {
	mu   sync.Mutex
	over map[string]time.Time // until when
}

// AddressShare is how many times the limit of one client an address may fail in all: client ids can be made up without end.
const AddressShare = 10

// maxOver bounds the memory; beyond it entries whose time is over go, or all if there are none: the database still counts.
const maxOver = 4096

// LimitKey names what is counted for (client, address) in few bytes, whatever a stranger sent as client_id. IPv6 counts by
// /64: one customer has at least that.
func LimitKey(what, client string, ip netip.Addr) string {
	at := ""
	if p, err := ip.Prefix(64); err == nil && ip.Is6() && !ip.Is4In6() {
		at = p.String()
	} else if ip.IsValid() {
		at = ip.String()
	}
	sum := sha256.Sum256([]byte(client + "\x00" + at))
	return what + ":" + base64.RawURLEncoding.EncodeToString(sum[:15])
}

// Shut reports whether the key is over its limit, and until when.
func (l *Limiter) Shut(key string, now time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.over[key]
	return until, ok && now.Before(until)
}

// Close remembers that the key is over its limit.
func (l *Limiter) Close(key string, until, now time.Time) {
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
	if l.over == nil {
		l.over = map[string]time.Time{}
	}
	l.over[key] = until
}
