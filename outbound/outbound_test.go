package outbound

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestN07TheDialerRefusesOurOwnNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for name, c := range map[string]struct {
		host          string
		here, private bool
		ok            bool
	}{
		"loopback":                   {"127.0.0.1", false, false, false},
		"mapped loopback":            {"::ffff:127.0.0.1", false, false, false},
		"metadata service":           {"169.254.169.254", false, false, false},
		"private":                    {"10.0.0.1", false, false, false},
		"any address":                {"0.0.0.0", false, false, false},
		"IPv6 loopback":              {"::1", false, false, false},
		"a .localhost name":          {"idp.localhost", false, false, false},
		"a .localhost name in dev":   {"idp.localhost", true, false, true},
		"loopback literal in dev":    {"127.0.0.1", true, false, false},
		"loopback where allowed":     {"127.0.0.1", false, true, true},
		"not quite localhost in dev": {"evillocalhost.invalid", true, false, false},
	} {
		conn, err := dialer(c.here, c.private, Inside{}.guardian())(t.Context(), "tcp", net.JoinHostPort(c.host, port))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
}

func TestBodiesAreReadToTheLimitAndNoFurther(t *testing.T) {
	for n, want := range map[int]error{MaxBody - 1: nil, MaxBody: nil, MaxBody + 1: ErrTooLong, 3 * MaxBody: ErrTooLong} {
		got, err := io.ReadAll(&limitedBody{io.NopCloser(strings.NewReader(strings.Repeat("x", n))), MaxBody})
		if !errors.Is(err, want) || want == nil && len(got) != n || len(got) > MaxBody+1 {
			t.Errorf("%d bytes: %d read, %v", n, len(got), err)
		}
	}
}

// N07: an operator says which of the own networks panels lie in, and no other is reached for that.
func TestN07OnlyTheNamedNetworksInsideAreReached(t *testing.T) {
	inside := Inside{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("192.168.7.0/24"), netip.MustParsePrefix("fd00:1::/64")}}
	for at, ok := range map[string]bool{
		"https://10.1.2.3/": true, "https://192.168.7.9/": true, "https://[fd00:1::5]/": true,
		"https://10.2.0.1/": false, "https://192.168.8.1/": false, "https://127.0.0.1/": false, "https://[::1]/": false,
		"https://169.254.169.254/": false, "https://[fd00:2::5]/": false, "http://10.1.2.3/": false, "https://localhost/": false,
		"https://panel.example.it/": true,
	} {
		if err := Reachable(at, false, inside); (err == nil) != ok {
			t.Errorf("%s: %v", at, err)
		}
	}
	guard := inside.guardian() // what a name resolves to is judged when it is dialled
	for address, ok := range map[string]bool{"10.1.2.3:443": true, "10.2.0.1:443": false, "127.0.0.1:443": false, "[fd00:1::5]:8443": true} {
		network := "tcp4"
		if address[0] == '[' {
			network = "tcp6"
		}
		if err := guard.Safe(network, address, nil); (err == nil) != ok {
			t.Errorf("dialling %s: %v", address, err)
		}
	}
}
