package servertest_test

import (
	"context"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// Row 25, D04: what was granted on a factor ends with it, and everything with the person.
func TestTokensAfterTheFactorIsGoneAndThePersonDisabled(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1, "scope", "openid dns offline_access", "acr_values", "mfa")
		got := w.RP1.Last()
		want(t, "dns", got.Scoped("dns"), true)
		row, _ := w.Store.Person(context.Background(), w.U1.ID)
		if err := w.Store.RemoveFactor(context.Background(), w.U1.ID, row.Factors[0].ID); err != nil {
			t.Fatal(err)
		}
		next, err := w.RP1.Refresh(got.Token.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "dns", next.Scoped("dns"), false)
		want(t, "no ID token", next.RawIDToken(), "")
		if _, err := w.RP2.Refresh(next.Token.RefreshToken); err == nil {
			t.Error("another client refreshed")
		}
		change(t, w, w.U1.ID, func(p *storage.Person) { p.Disabled = true })
		if _, err := w.RP1.Refresh(next.Token.RefreshToken); err == nil {
			t.Error("disabled")
		}
		want(t, "userinfo", w.RP1.UserInfoStatus(next.Token.AccessToken), 401)
		want(t, "old userinfo", w.RP1.UserInfoStatus(got.Token.AccessToken), 401)
	})
}
