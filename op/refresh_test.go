package op

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

// rotating replaces the refresh tokens of confidential clients too, without leeway.
func rotating(c *config.Config) { c.Refresh.Always = true }

func TestD01_AUsedRefreshTokenEndsItsFamily(t *testing.T) {
	inBubble(t, rotating, func(t *testing.T, h *house) {
		h.person("anna")
		first := h.redeem(h.signIn("anna", pwd).code())
		second := good(t, h.token("rp1", refreshForm(first.Refresh)))
		if second.Refresh == first.Refresh || h.userinfo(second.Access).Code != 200 {
			t.Fatal("rotated")
		}
		bad(t, h.token("rp1", refreshForm(first.Refresh)), 400, "invalid_grant")
		bad(t, h.token("rp1", refreshForm(second.Refresh)), 400, "invalid_grant")
		bad(t, h.userinfo(second.Access), 401, "invalid_token")
		if !slices.Contains(h.events(), "token.reuse refresh_reuse") {
			t.Error(h.events())
		}
	})
}

func TestD04_ARefreshTokenIsItsClientsAndKeepsItsScope(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd).code("scope", "openid email profile"))
		bad(t, h.token("rp2", refreshForm(got.Refresh)), 400, "invalid_grant")
		bad(t, h.token("rp3", refreshForm(got.Refresh)), 400, "invalid_grant")
		bad(t, h.token("rp1", refreshForm(got.Refresh, "openid", "phone")), 400, "invalid_scope")
		narrow := good(t, h.token("rp1", refreshForm(got.Refresh, "openid")))
		if narrow.Scope != "openid" || narrow.ID == "" {
			t.Errorf("%+v", narrow)
		}
		if w := h.userinfo(narrow.Access); strings.Contains(w.Body.String(), "email") {
			t.Error(w.Body)
		}
		if back := good(t, h.token("rp1", refreshForm(narrow.Refresh))); back.Scope != "openid email profile" {
			t.Errorf("%+v", back)
		}
		bad(t, h.token("rp1", refreshForm("")), 400, "invalid_request")
		bad(t, h.token("rp1", refreshForm("sog_rt_x")), 400, "invalid_grant")
	})
}

func TestD05_ARefreshTokenDiesOfAgeAndWithTheSession(t *testing.T) {
	short := func(c *config.Config) {
		c.Lifetimes.RefreshIdle, c.Lifetimes.RefreshAbsolute = 10*time.Minute, 25*time.Minute
	}
	t.Run("idle", func(t *testing.T) {
		inBubble(t, short, func(t *testing.T, h *house) {
			h.person("anna")
			got := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
			time.Sleep(11 * time.Minute)
			bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
		})
	})
	t.Run("absolute", func(t *testing.T) {
		inBubble(t, short, func(t *testing.T, h *house) {
			h.person("anna")
			got := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
			for range 3 {
				time.Sleep(8 * time.Minute)
				got = good(t, h.token("rp1", refreshForm(got.Refresh)))
			}
			time.Sleep(2 * time.Minute)
			bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
		})
	})
	t.Run("sign-out, without and with offline_access", func(t *testing.T) {
		inBubble(t, nil, func(t *testing.T, h *house) {
			h.person("anna")
			b := h.signIn("anna", pwd, totp("anna"))
			bound, offline := h.redeem(b.code()), h.redeem(b.code("scope", "openid offline_access billing"))
			if err := h.ends(b.session); err != nil {
				t.Fatal(err)
			}
			bad(t, h.token("rp1", refreshForm(bound.Refresh)), 400, "invalid_grant")
			bad(t, h.userinfo(bound.Access), 401, "invalid_token")
			w := h.token("rp1", refreshForm(offline.Refresh))
			if got := good(t, w); got.Scope != "openid offline_access" || got.ID != "" || claims(t, got.Access)["acr"] != nil {
				t.Errorf("offline_access outlives the session, the level does not: %+v", got)
			}
		})
	})
}

func TestE13_ARefreshedAnswerSaysTheSameOrNothing(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		first := h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", "openid email billing"))
		before := claims(t, first.ID)
		time.Sleep(20 * time.Minute)
		second := good(t, h.token("rp1", refreshForm(first.Refresh)))
		after := claims(t, second.ID)
		for _, name := range []string{"iss", "sub", "acr", "auth_time", "sid", "azp"} {
			if before[name] != after[name] {
				t.Errorf("%s: %v, then %v", name, before[name], after[name])
			}
		}
		if len(before["amr"].([]any)) != len(after["amr"].([]any)) || after["iat"] == before["iat"] {
			t.Error(before, after)
		}
		if err := h.store.RemoveFactor(context.Background(), "anna", "anna-totp"); err != nil {
			t.Fatal(err)
		}
		third := good(t, h.token("rp1", refreshForm(second.Refresh)))
		if third.ID != "" || third.Scope != "openid email" {
			t.Fatalf("the factor is gone, and with it billing, acr and the ID token: %+v", third)
		}
		if at := claims(t, third.Access); at["acr"] != nil || at["amr"] != nil || at["auth_time"] != nil {
			t.Error(at)
		}
	})
}

func TestAClientWithAFloorGetsNoTokenBelowIt(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		w := b.authorize("client_id", "strong", "redirect_uri", "https://strong.example/cb", "response_mode", "form_post")
		code := between(w.Body.String(), `name="code" value="`, `"`)
		got := good(t, h.token("strong", codeForm(code, "redirect_uri", "https://strong.example/cb")))
		if err := h.store.RemoveFactor(context.Background(), "anna", "anna-totp"); err != nil {
			t.Fatal(err)
		}
		bad(t, h.token("strong", refreshForm(got.Refresh)), 400, "invalid_grant")
	})
}

func TestWorkInsideAPanelKeepsTheSessionAlive(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		got := h.redeem(b.code())
		for range 6 { // three hours of refreshes, with an idle limit of one
			time.Sleep(30 * time.Minute)
			got = good(t, h.token("rp1", refreshForm(got.Refresh)))
		}
		for range 6 { // and three of userinfo
			time.Sleep(9 * time.Minute)
			if w := h.userinfo(got.Access); w.Code != 200 {
				t.Fatal(w.Code)
			}
			time.Sleep(21 * time.Minute)
			got = good(t, h.token("rp1", refreshForm(got.Refresh)))
		}
		if claims(t, h.redeem(b.code("acr_values", "mfa")).ID)["acr"] != "mfa" {
			t.Error("no question at level mfa")
		}
		time.Sleep(61 * time.Minute)
		bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
	})
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
