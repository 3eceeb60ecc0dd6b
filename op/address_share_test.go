package op

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/soglia-sso/soglia/config"
)

// One customer line owns a whole /64: its addresses share what one address may hold open, or a few lines would use up what
// there is for everybody.
func TestOpenRequestsOfASlash64AreCountedTogether(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Limits.RequestsPerIP = 5 }, func(t *testing.T, h *house) {
		come := func(ip string) {
			t.Helper()
			r := httptest.NewRequest(http.MethodGet, issuer+"/authorize?"+authRequest().Encode(), nil)
			r.RemoteAddr = ip
			if w := h.browser().do(r); w.Code != http.StatusFound {
				t.Fatal(w.Code, w.Body)
			}
		}
		open := func() int {
			t.Helper()
			n, err := h.store.OpenRequests(t.Context(), h.op.now())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for i := range 20 {
			come(fmt.Sprintf("[2001:db8:0:1::%x]:1", i+1))
		}
		if n := open(); n != 5 {
			t.Errorf("%d open, want 5", n)
		}
		come("[2001:db8:0:2::1]:1")
		come("[::ffff:192.0.2.7]:1")
		if n := open(); n != 7 {
			t.Errorf("with two from elsewhere %d open, want 7", n)
		}
	})
}
