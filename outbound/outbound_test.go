package outbound

import (
	"errors"
	"io"
	"net"
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
		conn, err := dialer(c.here, c.private)(t.Context(), "tcp", net.JoinHostPort(c.host, port))
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
