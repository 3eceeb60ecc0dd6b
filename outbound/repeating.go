package outbound

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"code.dny.dev/ssrf"
)

const (
	maxTries = 3
	pause    = 200 * time.Millisecond // before the second try; twice that before the third, half of it chance
)

// repeating tries again what failed at once and may be asked twice: a host that restarts, a connection that was closed
// under us. What takes all the time there is gets no second try, because the end of the request is the end of all tries.
type repeating struct{ next http.RoundTripper }

func (p repeating) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		resp, err := p.next.RoundTrip(r)
		if err == nil || try == maxTries || !idempotent(r) || !passing(err) {
			return resp, err
		}
		wait := pause << (try - 1)
		select {
		case <-r.Context().Done():
			return nil, err
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
		if r.GetBody != nil {
			again := r.Clone(r.Context())
			if again.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
			r = again
		}
	}
}

// idempotent reports a request that does the same once and twice (RFC 9110 §9.2.2), or says so by a key that the other
// side knows it by.
func idempotent(r *http.Request) bool {
	repeatable := r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Header.Get("Idempotency-Key") != ""
	return safe && repeatable
}

// passing reports a failure that may be over in a moment. Our own refusals are not, nor is one that says "too often".
func passing(err error) bool {
	var f *Failure
	var slow net.Error
	switch {
	case errors.As(err, &f):
		return f.Status == http.StatusBadGateway || f.Status == http.StatusServiceUnavailable || f.Status == http.StatusGatewayTimeout
	case errors.Is(err, ErrOpen), errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &slow) && slow.Timeout(): // whoever waits has waited enough
		return false
	}
	return true
}
