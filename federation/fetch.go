package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Fetcher returns a function that reads a document of someone else's, such as the jwks_uri of a client, the way providers
// are reached: to public addresses only, without redirects, at most 1 MiB, within 10 s or the context.
func Fetcher(o Options) func(ctx context.Context, url string) ([]byte, error) {
	c := client(o)
	return func(ctx context.Context, url string) ([]byte, error) {
		if err := reachable(o, url); err != nil {
			return nil, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, errors.New("not a URL")
		}
		r.Header.Set("Accept", "application/jwk-set+json, application/json")
		resp, err := c.Do(r)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("status %d", resp.StatusCode)
		}
		return io.ReadAll(resp.Body) // bounded by the client
	}
}
