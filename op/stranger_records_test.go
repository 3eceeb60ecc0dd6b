package op

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

// A limit per client stops nobody who makes up another client each time: records of an address are bounded in all.
func TestAStrangerFillsTheAuditByNoEndpoint(t *testing.T) {
	program := func(h *house, path, client, secret, ip string) int {
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "token": {"x"}}
		r := httptest.NewRequest(http.MethodPost, issuer+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(client, secret)
		r.RemoteAddr = ip + ":1"
		return h.send(r).Code
	}
	limit := func(c *config.Config) { c.Limits.ClientAuthFailures = 3 }
	const most = 3*10 + 1 // and the limit's own
	for _, path := range []string{"/token", "/introspect", "/revoke"} {
		t.Run(path, func(t *testing.T) {
			inBubble(t, limit, func(t *testing.T, h *house) {
				for i := range 2 * most {
					program(h, path, fmt.Sprint("client", i), "guess", "198.51.100.7")
				}
				if n := len(h.events()); n > most {
					t.Errorf("%d records, want at most %d", n, most)
				}
				for _, client := range []string{"rp1", "unheard-of"} {
					if c := program(h, path, client, "guess", "198.51.100.7"); c != http.StatusTooManyRequests {
						t.Errorf("one more guess at %s: %d", client, c)
					}
				}
				if c := program(h, path, "rp1", "rp1-secret", "198.51.100.7"); c == http.StatusTooManyRequests || c == http.StatusUnauthorized {
					t.Errorf("the panel behind the same address: %d", c)
				}
				if c := program(h, path, "rp1", "guess", "198.51.100.8"); c != http.StatusUnauthorized {
					t.Errorf("a guess from elsewhere: %d", c)
				}
				time.Sleep(11 * time.Minute)
				if c := program(h, path, "rp1", "guess", "198.51.100.7"); c != http.StatusUnauthorized {
					t.Errorf("later: %d", c)
				}
			})
		})
	}
	t.Run("/authorize", func(t *testing.T) {
		inBubble(t, limit, func(t *testing.T, h *house) {
			for i := range 2 * most {
				if w := h.browser().get("/authorize?client_id=" + fmt.Sprint(i)); w.Code != http.StatusBadRequest {
					t.Fatal(w.Code)
				}
			}
			if n := len(h.events()); n > most {
				t.Errorf("%d records, want at most %d", n, most)
			}
		})
	})
}
