package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
)

// Greet looks whether an address can be reached, name and certificate included, and says nothing there.
func (c *Client) Greet(ctx context.Context, raw string) error {
	failed := func(err error) error { return &url.Error{Op: "reach", URL: raw, Err: err} }
	if err := c.Reachable(raw); err != nil {
		return failed(err)
	}
	if c.options.Transport != nil { // which has no line of its own
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil {
		return failed(errors.New("not a URL"))
	}
	port := u.Port()
	if port == "" {
		port = u.Scheme
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	line, err := dialer(c.options.Loopback, c.inside.All, c.guard)(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return failed(err)
	}
	defer line.Close()
	if u.Scheme != "https" {
		return nil
	}
	if err := tls.Client(line, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}).HandshakeContext(ctx); err != nil {
		return failed(err)
	}
	return nil
}
