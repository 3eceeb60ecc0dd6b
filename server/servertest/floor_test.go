package servertest_test

import (
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// What a floor protects and what require_acr does. A request goes through the browser, and whoever sits there takes the
// floored scope out of it: a panel that keeps a session and never looks at the granted scope has then let a password in.
// The token is honest about it; only require_acr keeps the panel itself shut.
func TestQ45AScopeTakenOutOfTheRequest(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("thief with a password")
		b.Open(w.RP2.Login("scope", "openid billing")).SignIn(w.U2).WantStep("otp")
		b.Open(w.RP2.Login("scope", "openid"))
		got := w.RP2.Last()
		want(t, "in, on a password", got.Acr(), "sfa")
		want(t, "what a panel that reads scope sees", got.Scoped("billing"), false)
		if _, err := w.RP2.Refresh(got.Token.RefreshToken); err != nil {
			t.Fatal(err)
		}
		want(t, "what the access token opens", w.RP2.Last().Scope, "openid")
	})
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("thief with a password")
		b.Open(w.RP2.Login("scope", "openid billing")).SignIn(w.U2).WantStep("otp")
		for _, params := range [][]string{{"scope", "openid"}, {"scope", "openid", "acr_values", "sfa"}, {"scope", "openid", "claims", `{"id_token":{"acr":{"essential":true,"value":"sfa"}}}`}} {
			b.Open(w.RP2.Login(params...)).WantStep("otp")
		}
		b.Open(w.RP2.Login("scope", "openid", "prompt", "none"))
		want(t, "silently", w.RP2.Last().Error, "interaction_required")
	}, servertest.With(func(f *config.File) { f.Clients[1].RequireAcr = "mfa" }))
}
