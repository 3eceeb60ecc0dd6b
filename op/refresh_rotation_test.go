package op

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// Q43: whose refresh tokens are replaced.
func TestQ43WhoseRefreshTokensAreReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*config.Config)
		replaced bool
	}{
		"a client with a secret":                    {func(*config.Config) {}, false},
		"… that people install: its secret is none": {func(c *config.Config) { c.Clients["rp1"].Native = true }, true},
		"… where everybody's are":                   {func(c *config.Config) { c.Refresh.Always = true }, true},
		"a public client":                           {func(c *config.Config) { c.Clients["rp1"].Public, c.Clients["rp1"].AuthMethods = true, []string{"none"} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, c.change, func(t *testing.T, h *house) {
				h.person("anna")
				first := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
				next := good(t, h.token("rp1", refreshForm(first.Refresh)))
				if next.Refresh == "" || (next.Refresh != first.Refresh) != c.replaced {
					t.Errorf("first %q, then %q", first.Refresh, next.Refresh)
				}
				again := h.token("rp1", refreshForm(first.Refresh))
				if c.replaced {
					bad(t, again, 400, "invalid_grant")
					return
				}
				if good(t, again).Refresh != first.Refresh {
					t.Error("another one")
				}
			})
		})
	}
}

// Q43: a refresh token that stays lives as long as it is used, and no longer than the grant.
func TestQ43ATokenThatStaysHasAnIdleAndAnAbsoluteEnd(t *testing.T) {
	short := func(c *config.Config) {
		c.Lifetimes.RefreshIdle, c.Lifetimes.RefreshAbsolute = 10*time.Minute, 40*time.Minute
	}
	inBubble(t, short, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		idle, used := h.redeem(b.code("scope", "openid offline_access")), h.redeem(b.code("scope", "openid offline_access"))
		for range 4 {
			time.Sleep(9 * time.Minute)
			good(t, h.token("rp1", refreshForm(used.Refresh)))
		}
		bad(t, h.token("rp1", refreshForm(idle.Refresh)), 400, "invalid_grant")
		time.Sleep(5 * time.Minute)
		bad(t, h.token("rp1", refreshForm(used.Refresh)), 400, "invalid_grant")
		if slices.ContainsFunc(h.events(), func(e string) bool { return strings.HasPrefix(e, "token.reuse") }) {
			t.Error("age is no theft")
		}
	})
}

// Q43: what is due within a minute is nothing, what is after it is one statement more.
func TestQ43BudgetsOfARefreshThatStays(t *testing.T) {
	h := newHouse(t, storagetest.Postgres(t), nil)
	h.person("anna")
	anna := h.signIn("anna", pwd, totp("anna"))
	for name, c := range map[string]struct {
		scope string
		want  sql.Counts
	}{
		"JWT":             {"openid email", sql.Counts{Statements: 1}},
		"JWT, offline":    {"openid email offline_access", sql.Counts{Statements: 1}},
		"opaque":          {"openid dns", sql.Counts{Statements: 2, Commits: 1}},
		"opaque, offline": {"openid dns offline_access", sql.Counts{Statements: 2, Commits: 1}},
	} {
		got := h.redeem(anna.code("scope", c.scope))
		refresh := func() { good(t, h.token("rp1", refreshForm(got.Refresh))) }
		if first := h.store.Count(refresh); first != (sql.Counts{Statements: 2, Commits: 1}) {
			t.Errorf("%s, the first of the day: %+v", name, first)
		}
		for range 3 {
			if next := h.store.Count(refresh); next != c.want {
				t.Errorf("%s: %+v, want %+v", name, next, c.want)
			}
		}
	}
}

// Q43: by which key a successor was made is kept with the token, so that another master key never takes its own inability
// for a theft, and never gives two successors.
func TestQ43AnotherMasterKeyGivesNoSecondSuccessor(t *testing.T) {
	always := func(c *config.Config) { c.Refresh = config.Refresh{Always: true, Leeway: 10 * time.Second} }
	inBubble(t, always, func(t *testing.T, h *house) {
		h.person("anna")
		first := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
		next := good(t, h.token("rp1", refreshForm(first.Refresh)))
		if again := good(t, h.token("rp1", refreshForm(first.Refresh))); again.Refresh != next.Refresh {
			t.Fatal("not the same successor")
		}
		before := h.op.Box
		other, err := secret.NewBox([]byte(strings.Repeat("o", 32)))
		if err != nil {
			t.Fatal(err)
		}
		h.op.Box = other
		bad(t, h.token("rp1", refreshForm(first.Refresh)), 400, "invalid_grant")
		h.op.Box = before
		if got := good(t, h.token("rp1", refreshForm(next.Refresh))); got.Refresh == next.Refresh {
			t.Error("not replaced")
		}
	})
}
