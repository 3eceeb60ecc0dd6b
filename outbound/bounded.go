package outbound

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// bounded limits what an answer costs, decompressed, and turns a host's own failures into transport errors: whoever
// asks sees them all as *url.Error.
type bounded struct{ next http.RoundTripper }

// failure is an answer by which a host says that it cannot: 429 or 5xx.
type failure struct{ status int }

func (f *failure) Error() string { return fmt.Sprintf("status %d", f.status) }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		resp.Body.Close()
		return nil, &failure{resp.StatusCode}
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
