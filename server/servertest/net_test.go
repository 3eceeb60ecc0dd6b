package servertest

import (
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/notify/gatewaytest"
)

// A gateway that hangs or breaks off does so through the test's internet as well.
func TestGatewaysMisbehaveOnTheNet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, n := gatewaytest.NewTwilio(), NewNet()
		n.Handle("api.twilio.com", f)
		f.Behave(gatewaytest.Hang, gatewaytest.Reset, gatewaytest.Right)
		c := &http.Client{Transport: n, Timeout: 5 * time.Second}
		send := func() (*http.Response, error) {
			return c.Post("https://api.twilio.com/", "text/plain", strings.NewReader("x"))
		}
		begun := time.Now()
		var late interface{ Timeout() bool }
		if _, err := send(); !errors.As(err, &late) || !late.Timeout() || time.Since(begun) != c.Timeout {
			t.Errorf("hang: %v after %v", err, time.Since(begun))
		}
		if _, err := send(); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reset: %v", err)
		}
		res, err := send()
		if err != nil || res.StatusCode != http.StatusUnauthorized {
			t.Fatal(res, err)
		}
		res.Body.Close()
		if seen := n.Seen(); len(seen) != 1 || f.Requests() != 3 {
			t.Errorf("%v, %d requests", seen, f.Requests())
		}
	})
}
