package gatewaytest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Receipt is a request as a gateway sends it to the address for receipts.
type Receipt struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Send makes the request and returns the status of the answer. It can be sent any number of times.
func (r Receipt) Send(ctx context.Context, c *http.Client) (int, error) {
	status, _, err := r.ask(ctx, c)
	return status, err
}

func (r Receipt) ask(ctx context.Context, c *http.Client) (int, []byte, error) {
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return 0, nil, err
	}
	q.Header = r.Header.Clone()
	answer, err := c.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxRequest))
	return answer.StatusCode, text, err
}

// flaws are those of one receipt.
type flaws []Flaw

func (f flaws) has(one Flaw) bool { return slices.Contains(f, one) }

// key is the one a receipt is signed with.
func (f flaws) key(right string) string {
	if f.has(Forged) {
		return "a guess at the key, as long as it likes"
	}
	return right
}

// now is when a receipt is signed.
func (f flaws) now() time.Time {
	if f.has(Stale) {
		return time.Now().Add(-time.Hour)
	}
	return time.Now()
}

// guessed is an address whose secret, its last segment, was guessed: as long as the real one.
func guessed(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	i := strings.LastIndex(u.Path, "/") + 1
	u.Path = u.Path[:i] + strings.Repeat("x", len(u.Path)-i)
	return u.String()
}
