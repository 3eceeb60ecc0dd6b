package outbound

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"code.dny.dev/ssrf"
)

const (
	failuresToOpen = 5                // in a row; one good answer begins anew
	openFor        = 10 * time.Second // then one request may try
)

// ErrOpen says that a host failed so often that nobody asks it for a moment.
var ErrOpen = errors.New("left alone for a moment after failures in a row")

// breaker keeps requests from a host that fails: who waits for it in vain holds up what waits behind. It knows only hosts
// that failed last, so it is as long as the list of those.
type breaker struct {
	mu    sync.Mutex
	hosts map[string]*failing
}

type failing struct {
	inRow int
	until time.Time // nobody asks before; moved on by the one that tries
}

func newBreaker() *breaker { return &breaker{hosts: map[string]*failing{}} }

// admit says whether a host may be asked now.
func (b *breaker) admit(host string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.hosts[host]
	if f == nil || f.inRow < failuresToOpen {
		return nil
	}
	now := time.Now()
	if now.Before(f.until) {
		return ErrOpen
	}
	f.until = now.Add(openFor)
	return nil
}

// note takes down how a request ended.
func (b *breaker) note(host string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch f := b.hosts[host]; {
	case errors.Is(err, context.Canceled), errors.Is(err, ssrf.ErrProhibitedIP): // nothing was learnt of the host
	case err == nil:
		delete(b.hosts, host)
	case f == nil:
		b.hosts[host] = &failing{inRow: 1}
	default:
		if f.inRow++; f.inRow >= failuresToOpen {
			f.until = time.Now().Add(openFor)
		}
	}
}

// around puts the breaker before a transport.
func (b *breaker) around(next http.RoundTripper) http.RoundTripper { return guarded{b, next} }

type guarded struct {
	hosts *breaker
	next  http.RoundTripper
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.hosts.admit(r.URL.Host); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(r)
	g.hosts.note(r.URL.Host, err)
	return resp, err
}
