// Package outbound is the one HTTP client by which this server reaches others: social providers, clients' key sets, and
// whatever gateway, webhook or panel comes.
//
// It owns where a request may go, how long it may take, how much of an answer is read, when it is repeated and when a host
// is left alone for a while. It leaves to its callers what is asked, what an answer means, and whether one that failed
// late is worth another day's try.
//
// Easy to get wrong: a second client. http.DefaultClient follows redirects into our own network, reads without an end and
// waits forever, so nobody else makes requests.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

const (
	// Patience is how long one request may take in all, its repetitions included (docs/security.md K11).
	Patience = 10 * time.Second
	// MaxBody bounds an answer, decompressed, in bytes.
	MaxBody = 1 << 20
)

// Options are how others are reached.
type Options struct {
	// Transport replaces the dialer wholly, with its refusal of private addresses: for tests. nil = the careful one.
	Transport http.RoundTripper
	// Loopback lets *.localhost lead to this machine, by plain http too: for `soglia dev`.
	Loopback bool
}

// Client reaches others: no redirects, bounded answers, bounded time, and no address inside our own network whatever a
// name resolves to (docs/security.md N07). It is safe for concurrent use.
type Client struct {
	// HTTP is for libraries that want a client of that type. Its failures are *url.Error, a status of 429 or 5xx included.
	HTTP *http.Client

	options Options
	inside  Inside
	guard   *ssrf.Guardian
	breaker *breaker
}

// Inside is what of our own network may be reached: nothing, unless somebody says so.
type Inside struct {
	All      bool           // whatever there is: an address that the operator wrote down as private
	Networks []netip.Prefix // or these alone
}

// guardian knows which addresses are inside our own network and not among those.
func (i Inside) guardian() *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, network := range i.Networks {
		if network.Addr().Is4() {
			v4 = append(v4, network)
		} else {
			v6 = append(v6, network)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// New makes a client. Who shares it shares what it learns of hosts that fail.
func New(o Options) *Client { return newClient(o, Inside{}, newBreaker()) }

// Private returns a client for what is known to live in a private network, which is refused otherwise.
func (c *Client) Private() *Client { return c.Within(Inside{All: true}) }

// Within returns a client that may reach so much of our own network.
func (c *Client) Within(inside Inside) *Client { return newClient(c.options, inside, c.breaker) }

func newClient(o Options, inside Inside, hosts *breaker) *Client {
	guard := inside.guardian()
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			// No Proxy: behind one the dialer would judge the proxy's address instead of the host's.
			DialContext:            dialer(o.Loopback, inside.All, guard),
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    5 * time.Second,
			ResponseHeaderTimeout:  Patience,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        time.Minute,
			ForceAttemptHTTP2:      true,
		}
	}
	return &Client{options: o, inside: inside, guard: guard, breaker: hosts, HTTP: &http.Client{
		Transport: repeating{hosts.around(bounded{transport})},
		Timeout:   Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			// Discovery, keys, token and userinfo endpoints have no business elsewhere, and a redirected POST
			// would carry our secret there.
			return errors.New("redirect refused")
		},
	}}
}

func dialer(here, private bool, guard *ssrf.Guardian) func(ctx context.Context, network, address string) (net.Conn, error) {
	open := &net.Dialer{Timeout: 5 * time.Second}
	careful := &net.Dialer{Timeout: 5 * time.Second, Control: guard.Safe}
	if private {
		careful = open
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if here && localhost(host) {
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

// thisMachine reports it by name or by address (soglia dev --hosts ip, which brings a transport of its own).
func thisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return localhost(host) || err == nil && ip.IsLoopback()
}

// Reachable says why an address may not be used, or nil: https, and on this machine's names http when allowed.
func (c *Client) Reachable(raw string) error {
	return reachable(raw, c.options.Loopback, c.inside.All, c.guard)
}

// Reachable is [Client.Reachable] before there is a client, so that an address in a file is judged as it will be dialled.
func Reachable(raw string, loopback bool, inside Inside) error {
	return reachable(raw, loopback, inside.All, inside.guardian())
}

func reachable(raw string, loopback, private bool, guard *ssrf.Guardian) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errors.New("not an absolute URL")
	}
	host := u.Hostname()
	here := loopback && thisMachine(host)
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && here):
		return fmt.Errorf("scheme %q is not allowed there", u.Scheme)
	case private || here:
		return nil
	case localhost(host):
		return errors.New("it is this machine, and not said to be private")
	}
	if ip, err := netip.ParseAddr(host); err == nil && guard.SafeAddr(ip) != nil {
		return errors.New("its network is private, and not said to be so")
	}
	return nil
}
