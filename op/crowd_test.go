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

// The count of all is read seldom, and bounds every instance.
func TestQ74TheCapOverAllCountsEveryInstance(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Limits.Requests = 64 }, func(t *testing.T, h *house) {
		two := &crowd{}
		full := func() bool {
			full, err := two.full(t.Context(), h.store, 64, h.op.now())
			if err != nil {
				t.Fatal(err)
			}
			return full
		}
		counts := h.store.Count(func() {
			for range 3 {
				if full() {
					t.Fatal("full")
				}
				two.stored()
			}
		})
		if counts.Statements != 0 {
			t.Errorf("%d statements to begin with", counts.Statements)
		}
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
		two.stored()
		if !full() {
			t.Error("the other instance has room")
		}
		counts = h.store.Count(func() {
			for range 10 {
				full()
			}
		})
		if counts.Statements != 0 {
			t.Errorf("%d statements while it is full", counts.Statements)
		}
		time.Sleep(time.Hour)
		if full() {
			t.Error("full for ever")
		}
	})
}
