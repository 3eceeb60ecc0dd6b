package op

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

// A browser's oldest request makes room, and is answered all the same when the browser comes back to it.
func TestQ74AClosedRequestOpensAgain(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Limits.RequestsPerBrowser = 3 }, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.browser()
		var ids []string
		for range 5 {
			w := b.authorize()
			if w.Code != 302 {
				t.Fatal(w.Code)
			}
			ids = append(ids, strings.TrimPrefix(w.Header().Get("Location"), "/login/"))
			b.get("/authorize/" + ids[len(ids)-1]) // comes back with its cookie, as the sign-in page does
			time.Sleep(time.Second)
		}
		if n, err := h.store.OpenRequests(t.Context(), h.op.now()); n != 3 || err != nil {
			t.Errorf("%d open, %v", n, err)
		}
		if w := h.browser().get("/authorize/" + ids[0]); w.Code != 403 {
			t.Errorf("another browser: %d", w.Code)
		}
		h.signInto(b, "anna", pwd)
		for _, id := range ids {
			if w := b.get("/authorize/" + id); w.Code != 302 || answerOf(t, w).Get("code") == "" {
				t.Errorf("%d %s", w.Code, w.Header())
			}
			ownPage(t, b.get("/authorize/"+id), 410, "already_finished")
		}
	})
}

// Where too many are open in all, whoever brings no cookie waits.
func TestQ74TheCapOverAll(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Limits.Requests = 64 }, func(t *testing.T, h *house) {
		n := 0
		for ; n < 100; n++ {
			if w := h.browser().authorize(); w.Code == 429 {
				ownPage(t, w, 429, "too_many_requests")
				if w.Header().Get("Retry-After") != "30" {
					t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
				}
				break
			}
		}
		if n != 64 {
			t.Errorf("%d fitted", n)
		}
		time.Sleep(time.Hour)
		if w := h.browser().authorize(); w.Code == 429 {
			t.Error("full for ever")
		}
	})
}
