package outbound

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Request is one request to somebody else. With a header Idempotency-Key it may be repeated whatever its method.
type Request struct {
	Method string // "" = GET
	URL    string
	Header map[string]string
	Body   []byte
}

// Answer is what came back: any status below 500 but 429, which are errors of [Client.Do] ([Failure]).
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most MaxBody
}

// Do makes a request. The error is a *url.Error, which names the address: take it out where a query holds a secret.
func (c *Client) Do(ctx context.Context, q Request) (*Answer, error) {
	failed := func(err error) error { return &url.Error{Op: cmp.Or(q.Method, http.MethodGet), URL: q.URL, Err: err} }
	if err := c.Reachable(q.URL); err != nil {
		return nil, failed(err)
	}
	r, err := http.NewRequestWithContext(ctx, q.Method, q.URL, bytes.NewReader(q.Body))
	if err != nil {
		return nil, failed(errors.New("not a URL"))
	}
	for name, value := range q.Header {
		r.Header.Set(name, value)
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, failed(err)
	}
	return &Answer{resp.StatusCode, resp.Header, body}, nil
}

// Document reads a document of someone else's, such as the jwks_uri of a client.
func (c *Client) Document(ctx context.Context, at string) ([]byte, error) {
	a, err := c.Do(ctx, Request{URL: at, Header: map[string]string{"Accept": "application/jwk-set+json, application/json"}})
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, fmt.Errorf("status %d", a.Status)
	}
	return a.Body, nil
}
