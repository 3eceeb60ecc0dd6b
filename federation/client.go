package federation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

const (
	// patience is how long one step with a provider may take in all (security.md K11).
	patience = 10 * time.Second
	maxBody  = 1 << 20
)

// client is how providers are reached: no redirects, bounded answers, bounded time, and no address inside our own
// network whatever a name resolves to (security.md N07).
func client(o Options) *http.Client {
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			// No Proxy: behind one the dialer would judge the proxy's address instead of the provider's.
			DialContext:            dialer(o),
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    5 * time.Second,
			ResponseHeaderTimeout:  patience,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        time.Minute,
			ForceAttemptHTTP2:      true,
		}
	}
	return &http.Client{
		Transport: bounded{transport},
		Timeout:   patience,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			// Discovery, keys, token and userinfo endpoints have no business elsewhere, and a redirected POST
			// would carry our secret there.
			return errors.New("redirect refused")
		},
	}
}

func dialer(o Options) func(ctx context.Context, network, address string) (net.Conn, error) {
	open := &net.Dialer{Timeout: 5 * time.Second}
	careful := &net.Dialer{Timeout: 5 * time.Second, Control: ssrf.New(ssrf.WithAnyPort()).Safe}
	if o.Private {
		careful = open
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if o.Loopback && localhost(host) {
			// RFC 6761 §6.3: these names are this machine; resolvers need not know it.
			return open.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		}
		return careful.DialContext(ctx, network, address)
	}
}

// localhost reports a name of RFC 6761 §6.3.
func localhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// here reports this machine by name or by address (soglia dev --hosts ip, which brings a transport of its own).
func here(host string) bool {
	ip, err := netip.ParseAddr(host)
	return localhost(host) || err == nil && ip.IsLoopback()
}

// reachable says whether a provider's URL may be used: https, and on this machine's names http when allowed.
func reachable(o Options, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return errors.New("not an absolute URL")
	case u.Scheme == "https", u.Scheme == "http" && o.Loopback && here(u.Hostname()):
		return nil
	}
	return fmt.Errorf("scheme %q is not allowed there", u.Scheme)
}

// bounded limits what an answer costs, decompressed, and turns a provider's own failures into transport errors: whoever
// asks sees them all as *url.Error.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		resp.Body.Close()
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	resp.Body = &limitedBody{resp.Body, maxBody}
	return resp, nil
}

// limitedBody fails where io.LimitReader would pretend that the answer ended.
type limitedBody struct {
	io.ReadCloser
	left int64
}

var errTooLong = errors.New("answer longer than 1 MiB")

func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errTooLong
	}
	if int64(len(p)) > l.left+1 { // one more, to tell "exactly" from "more"
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n, errTooLong
	}
	return n, err
}
