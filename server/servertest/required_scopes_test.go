package servertest_test

import (
	"net/http"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// requires makes the second panel one that reads no scope and insists on dns; its stanza drops what is not met.
func requires(f *config.File) {
	f.Clients[1].RequireScopes, f.Clients[1].OnUnmet = []string{"dns"}, config.OnUnmet{All: "drop"}
}

// A panel that looks at no scope lets in whoever comes with a code. So whoever lacks a scope that it requires does not come: not
// by taking the scope out of the request, not where it is dropped, not by saying no. The page says what is missing.
func TestQ45ARequiredScopeKeepsTheThiefOut(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("thief with a password")
		b.Lang = "en"
		b.Open(w.RP2.Login("scope", "openid")).SignIn(w.U2).WantStep("otp")
		for _, params := range [][]string{
			{"scope", "openid email"}, {"scope", "openid dns"}, {"scope", "billing"}, {"scope", "openid", "acr_values", "sfa"},
			{"scope", "openid", "claims", `{"id_token":{"acr":{"essential":true,"value":"sfa"}}}`}, {"scope", "openid", "response_mode", "form_post"},
		} {
			b.Open(w.RP2.Login(params...)).WantStep("otp").WantText("DNS and technical settings")
			b.Submit("cancel").WantStep("stopped").WantStatus(http.StatusForbidden).WantText("DNS Partner needs a verification").WantText("DNS and technical settings")
			want(t, "the code of the page", b.TextOf("error-code"), "access_denied")
			b.Open(b.URL().String()).WantStep("stopped")
		}
		want(t, "answers so far", w.RP2.Answers(), 0)
		want(t, "records so far", len(w.Records("authz.denied")), 0)

		b.Submit("again").WantStep("otp").Submit("cancel").WantStep("stopped")
		request := b.URL().String()
		b.Submit("leave")
		got := w.RP2.Last()
		want(t, "what the panel gets", got.Error, "access_denied")
		want(t, "a record", len(w.Records("authz.denied")), 1)
		b.Open(request)
		want(t, "the request is over", b.TextOf("error-code"), "already_finished")

		b.Open(w.RP2.Login("scope", "openid", "prompt", "none"))
		want(t, "silently", w.RP2.Last().Error, "interaction_required")
		b.Open(w.RP1.Login("scope", "openid dns"))
		want(t, "another panel drops it", w.RP1.Last().Scoped("dns"), false)
		want(t, "and lets in", w.RP1.Last().Acr(), "sfa")
	}, servertest.With(requires))
}

func TestQ45ARequiredScopeLetsTheOwnerIn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Lang = "it"
		b.Open(w.RP2.Login("scope", "openid")).SignIn(w.U2).WantStep("otp").Submit("cancel")
		b.WantStep("stopped").WantText("Per entrare in DNS Partner serve una verifica").WantText("DNS e impostazioni tecniche")
		b.Submit("again").WantStep("otp").GiveCode(w.Code(w.U2.Email))
		got := w.RP2.Last()
		want(t, "error", got.Error, "")
		want(t, "acr", got.Acr(), "mfa")
		want(t, "the scope, which nobody asked for", got.Scope, "openid dns")
		b.Open(w.RP2.Login("scope", "openid", "prompt", "none"))
		want(t, "silently from now on", w.RP2.Last().Scope, "openid dns")
		if _, err := w.RP2.Refresh(w.RP2.Last().Token.RefreshToken); err != nil {
			t.Fatal(err)
		}
		want(t, "renewed", w.RP2.Last().Scope, "openid dns")
	}, servertest.With(requires))
}

// Who has nothing that reaches the scope is told to call, not sent in circles and not let in.
func TestQ45WhoCannotHaveARequiredScopeIsToldWhatToDo(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		bare := w.Create(&servertest.Person{Username: "carla", Password: "tre ponti sul fiume"})
		b := w.Browser("carla")
		b.Lang = "en"
		b.Open(w.RP2.Login("scope", "openid")).SignIn(bare).WantStep("stopped").WantStatus(http.StatusForbidden).WantText("Contact support")
		want(t, "the code of the page", b.TextOf("error-code"), "unmet_authentication_requirements")
		want(t, "asking again helps nobody", b.Has("again"), false)
		b.Open(w.RP2.Login("scope", "openid")).WantStep("stopped")
		want(t, "answers so far", w.RP2.Answers(), 0)
		b.Submit("leave")
		want(t, "what the panel gets", w.RP2.Last().Error, "unmet_authentication_requirements")
	}, servertest.With(requires))
}

// The person's word is one of the things that a required scope may lack.
func TestQ45ARequiredScopeThatThePersonWithholds(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Lang = "en"
		b.Open(w.RP2.Login("scope", "openid")).SignIn(w.U2).GiveCode(w.Code(w.U2.Email))
		b.WantStep("consent").WantText("DNS and technical settings").Submit("consent-deny")
		b.WantStep("stopped").WantText("DNS Partner needs your permission")
		want(t, "answers so far", w.RP2.Answers(), 0)
		b.Submit("again").WantStep("consent").Submit("consent-deny").WantStep("stopped").Submit("leave")
		want(t, "what the panel gets", w.RP2.Last().Error, "access_denied")
		b.Open(w.RP2.Login("scope", "openid", "prompt", "none"))
		want(t, "silently", w.RP2.Last().Error, "consent_required")
		b.Open(w.RP2.Login("scope", "openid")).WantStep("consent").Submit("consent-deny").Submit("again").Submit("consent-allow")
		want(t, "allowed after all", w.RP2.Last().Scope, "openid dns")
	}, servertest.With(requires), asks("first"))
}
