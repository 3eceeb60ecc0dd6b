package op

import (
	"testing"

	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// The budgets of statements, on PostgreSQL, where round trips are the price.
func TestStatementBudgets(t *testing.T) {
	h := newHouse(t, storagetest.Postgres(t), nil)
	h.person("anna")
	b := h.signIn("anna", pwd)
	spend := func(what string, statements, commits int, f func()) {
		t.Helper()
		if got := h.store.Count(f); got.Statements > statements || got.Commits > commits {
			t.Errorf("%s: %+v, want at most %+v", what, got, sql.Counts{Statements: statements, Commits: commits})
		} else {
			t.Logf("%s: %+v", what, got)
		}
	}
	spend("discovery and JWKS", 0, 0, func() {
		b.get("/.well-known/openid-configuration")
		b.get("/jwks")
	})
	var got tokenAnswer
	for name, scope := range map[string]string{"JWT": "openid email offline_access", "opaque": "openid dns"} {
		who := b
		if name == "opaque" {
			who = h.signIn("anna", pwd, totp("anna"))
		}
		var code string
		spend("authorize, silent, "+name, 2, 1, func() { code = who.code("scope", scope) })
		spend("redeem "+name, 1, 1, func() { got = h.redeem(code) })
		spend("userinfo "+name, 1, 0, func() {
			if w := h.userinfo(got.Access); w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
		spend("refresh "+name, 2, 1, func() { got = good(t, h.token("rp1", refreshForm(got.Refresh))) })
		spend("silent hop "+name, 4, 2, func() { h.userinfo(h.redeem(who.code("scope", scope)).Access) })
	}
	spend("prompt=none without a session", 0, 0, func() { h.browser().authorize("prompt", "none") })
	spend("a request for the sign-in pages", 1, 1, func() { h.browser().authorize() })
}
