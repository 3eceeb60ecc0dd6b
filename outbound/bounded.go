package outbound

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// bounded limits what an answer costs, decompressed, and turns a host's own failures into transport errors: whoever
// asks sees them all as *url.Error.
type bounded struct{ next http.RoundTripper }

// Failure is an answer by which a host says that it cannot: 429 or 5xx.
type Failure struct {
	Status     int
	RetryAfter time.Duration // how long it wants to be left alone (RFC 9110 §10.2.3); 0 = it did not say
}

func (f *Failure) Error() string { return fmt.Sprintf("status %d", f.Status) }

// longestWait bounds what a host may ask for: whoever says more means "not today".
const longestWait = 24 * time.Hour

func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if s, err := strconv.ParseInt(text, 10, 32); err == nil {
		return min(max(time.Duration(s)*time.Second, 0), longestWait)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), longestWait)
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		resp.Body.Close()
		return nil, &Failure{resp.StatusCode, retryAfter(resp.Header)}
	}
	resp.Body = &limitedBody{resp.Body, MaxBody}
	return resp, nil
}

// limitedBody fails where io.LimitReader would pretend that the answer ended.
type limitedBody struct {
	io.ReadCloser
	left int64
}

// ErrTooLong says that an answer was longer than [MaxBody].
var ErrTooLong = errors.New("answer longer than 1 MiB")

func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, ErrTooLong
	}
	if int64(len(p)) > l.left+1 { // one more, to tell "exactly" from "more"
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n, ErrTooLong
	}
	return n, err
}
