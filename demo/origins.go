package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// origin is one of the three programs of the demo: where it listens and how browsers know it.
type origin struct {
	listener net.Listener
	URL      string // http://sso.localhost:8480
}

// origins are the three of them.
type origins struct{ SSO, Panel, Social origin }

// errNotLoopback refuses an address that others could reach: everything here has throw-away keys and printed passwords.
var errNotLoopback = errors.New("demo: dev listens on loopback addresses only")

// listen takes the three ports. Port 0 takes any free ones. Names: sso.localhost and the like, so that cookies behave as
// in production; with byIP the programs share one host and are told apart by their cookies' names.
func listen(bind string, port int, byIP bool) (*origins, error) {
	ip, err := netip.ParseAddr(bind)
	if err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%w, not on %q", errNotLoopback, bind)
	}
	o := &origins{}
	for i, each := range []struct {
		at   *origin
		name string
	}{{&o.SSO, "sso.localhost"}, {&o.Panel, "panel.localhost"}, {&o.Social, "social.localhost"}} {
		p := port
		if p != 0 {
			p += i
		}
		if each.at.listener, err = net.Listen("tcp", netip.AddrPortFrom(ip, uint16(p)).String()); err != nil {
			o.close()
			return nil, fmt.Errorf("demo: %w (another --port takes three others)", err)
		}
		host := each.name
		if byIP {
			host = ip.String()
		}
		at := each.at.listener.Addr().(*net.TCPAddr).Port
		each.at.URL = "http://" + net.JoinHostPort(host, strconv.Itoa(at))
	}
	return o, nil
}

func (o *origins) close() {
	for _, each := range []origin{o.SSO, o.Panel, o.Social} {
		if each.listener != nil {
			each.listener.Close()
		}
	}
}

// loopback reaches the demo's own programs and nothing else. Browsers resolve *.localhost (RFC 6761 §6.3), libc and Go
// do not, so the names are resolved here.
func loopback(bind string) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		Proxy:               nil, // a proxy would take the demo out of this machine
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     30 * time.Second,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			ip, err := netip.ParseAddr(host)
			switch {
			case host == "localhost" || strings.HasSuffix(host, ".localhost"):
				host = bind
			case err != nil || !ip.IsLoopback():
				return nil, fmt.Errorf("%w: %s", errNotLoopback, host)
			}
			return dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
		},
	}
}
