package op

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

// B01: a code that comes back was seen by two, whatever has become of the evidence since. What the first use gave ends.
func TestB01ReplayIsNoticedAlsoWhenTheEvidenceFell(t *testing.T) {
	for name, fall := range map[string]func(h *house){
		"nothing happened": func(*house) {},
		"factor removed": func(h *house) {
			if err := h.store.RemoveFactor(h.t.Context(), "anna", "anna-totp"); err != nil {
				h.t.Fatal(err)
			}
		},
		"level lapsed": func(h *house) {
			h.reload(func(c *config.Config) { c.Policy.Levels[1].Lasts = time.Minute })
			time.Sleep(2 * time.Minute)
		},
		"a scope's floor raised": func(h *house) { h.reload(raised("email", "phr")) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, h *house) {
				h.person("anna")
				code := h.signIn("anna", pwd, totp("anna")).code("scope", "openid email billing")
				got := h.redeem(code)
				fall(h)
				if c := h.userinfo(got.Access).Code; c != http.StatusOK {
					t.Fatalf("before the replay: %d", c)
				}
				replay := h.token("rp1", codeForm(code))
				bad(t, replay, http.StatusBadRequest, "invalid_grant")
				if c := h.userinfo(got.Access).Code; c != http.StatusUnauthorized {
					t.Errorf("after it: %d", c)
				}
				bad(t, h.token("rp1", refreshForm(got.Refresh)), http.StatusBadRequest, "invalid_grant")
				h.audited(replay, "token.revoked", "fail", "code_replay", "rp1")
			})
		})
	}
}
