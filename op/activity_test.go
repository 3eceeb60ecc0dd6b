package op

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// docs/conventions.md: activity is pages, refresh, userinfo and introspection, never a silent prompt=none. A panel
// that polls would keep a forgotten browser signed in for as long as it is open.
func TestQ73ASilentAnswerIsNoActivity(t *testing.T) {
	for name, hop := range map[string]func(b *browser) *httptest.ResponseRecorder{
		"prompt=none": func(b *browser) *httptest.ResponseRecorder { return b.authorize("prompt", "none") },
		"prompt=none by POST": func(b *browser) *httptest.ResponseRecorder {
			return b.get(b.post("/authorize", authRequest("prompt", "none")).Header().Get("Location"))
		},
		"a hidden frame that leaves prompt=none out": func(b *browser) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodGet, issuer+"/authorize?"+authRequest().Encode(), nil)
			r.Header.Set("Sec-Fetch-Dest", "iframe")
			return b.do(r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, h *house) {
				h.person("anna")
				b := h.signIn("anna", pwd)
				for range 2 { // the idle limit is an hour
					time.Sleep(25 * time.Minute)
					good(t, h.token("rp1", codeForm(answerOf(t, hop(b)).Get("code"))))
				}
				time.Sleep(11 * time.Minute)
				if e := answerOf(t, b.authorize("prompt", "none")).Get("error"); e != "login_required" {
					t.Errorf("%q an hour after the person was last here", e)
				}
			})
		})
	}
	t.Run("a person who comes to a panel is active, page or no page", func(t *testing.T) {
		inBubble(t, nil, func(t *testing.T, h *house) {
			h.person("anna")
			b := h.signIn("anna", pwd)
			for range 3 {
				time.Sleep(40 * time.Minute)
				b.code()
			}
		})
	})
}

// A limit of a minute or less was never extended: activity was written once a minute at most.
func TestQ73AShortIdleLimitIsExtendedByWork(t *testing.T) {
	for name, work := range map[string]func(h *house, b *browser, got tokenAnswer) tokenAnswer{
		"coming": func(_ *house, b *browser, got tokenAnswer) tokenAnswer { b.code(); return got },
		"refresh": func(h *house, _ *browser, got tokenAnswer) tokenAnswer {
			return good(h.t, h.token("rp1", refreshForm(got.Refresh)))
		},
		"userinfo": func(h *house, _ *browser, got tokenAnswer) tokenAnswer {
			if w := h.userinfo(got.Access); w.Code != 200 {
				h.t.Errorf("userinfo: %d", w.Code)
			}
			return got
		},
		"introspection": func(h *house, _ *browser, got tokenAnswer) tokenAnswer {
			if h.introspect("rp1", got.Access) == nil {
				h.t.Error("not active")
			}
			return got
		},
	} {
		for _, idle := range []time.Duration{4 * time.Second, 40 * time.Second, time.Minute, 3 * time.Minute} {
			t.Run(name+" "+idle.String(), func(t *testing.T) {
				inBubble(t, nil, func(t *testing.T, h *house) {
					h.cfg.Sessions.Idle = idle
					h.person("anna")
					b := h.signIn("anna", pwd)
					got := h.redeem(b.code())
					for range 5 {
						time.Sleep(idle / 2)
						got = work(h, b, got)
						if n := h.store.Count(func() { got = work(h, b, got) }); name == "userinfo" && n.Commits != 0 {
							t.Errorf("%+v a moment later", n)
						}
					}
					time.Sleep(idle - time.Millisecond)
					b.code("prompt", "none")
					time.Sleep(time.Second)
					bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
				})
			})
		}
	}
}
