package servertest_test

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// The budgets of statements, as the server spends them on PostgreSQL. BEGIN and COMMIT are no
// statements; a commit is that of a transaction that wrote.
func TestStatementBudgetsOfTheHotPaths(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		got := w.SignedIn(w.Browser("vera"), w.RP2, w.V)
		b.Open(w.RP1.Login()) // everything lazy is warm
		time.Sleep(5 * time.Minute)
		olga := w.Browser("olga")
		olga.Open(w.RP1.Login("scope", "openid")).SignIn(w.U1)
		for _, c := range []struct {
			what                string
			statements, commits int
			act                 func()
		}{
			{"discovery", 0, 0, func() {
				b.Do("GET", "https://"+servertest.SSO+"/.well-known/openid-configuration", nil).WantStatus(200)
			}},
			{"JWKS", 0, 0, func() { b.Do("GET", "https://"+servertest.SSO+"/jwks", nil).WantStatus(200) }},
			{"userinfo", 1, 0, func() {
				if status := w.RP2.UserInfoStatus(got.Token.AccessToken); status != 200 {
					t.Errorf("userinfo: %d", status)
				}
			}},
			{"refresh, the first of the day, with the userinfo that the panel asks afterwards", 2 + 1, 1, func() {
				if _, err := w.RP2.Refresh(got.Token.RefreshToken); err != nil {
					t.Error(err)
				}
			}},
			{"refresh again within the minute (Q43), with userinfo", 1 + 1, 0, func() {
				if _, err := w.RP2.Refresh(got.Token.RefreshToken); err != nil {
					t.Error(err)
				}
			}},
			{"silent hop, code redeemed, userinfo asked", 4 + 1, 2, func() {
				b.Open(w.RP1.Login("prompt", "none"))
				want(t, "silent hop", w.RP1.Last().Error, "")
			}},
			{"password sign-in in a new browser, its mail, code redeemed, userinfo asked", 17 + 1, 5, func() {
				w.SignedIn(w.Browser("nora"), w.RP1, w.U2)
			}},
			{"step-up by a code of the app, code redeemed, userinfo asked", 16 + 1, 4, func() {
				olga.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.U1.AppCode())
				want(t, "step-up", w.RP1.Last().Error, "")
			}},
		} {
			spent := w.Store.Count(c.act)
			if spent.Statements > c.statements || spent.Commits > c.commits {
				t.Errorf("%s: %d statements and %d commits, want at most %d and %d", c.what, spent.Statements, spent.Commits, c.statements, c.commits)
			}
		}
	}, servertest.OnPostgres())
}
