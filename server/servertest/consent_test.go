package servertest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// asks gives the second panel, somebody else's, a consent of that mode.
func asks(mode string) servertest.Option {
	return servertest.With(func(f *config.File) {
		for i := range f.Clients {
			if f.Clients[i].ID == "panel2" {
				f.Clients[i].Consent = mode
			}
		}
	})
}

func TestConsentIsAskedOnceThenRememberedAndAskedAgainForMore(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Lang = "en"
		b.Open(w.RP2.Login()).SignIn(w.U2)
		b.WantStep("consent").WantText("DNS Partner would like access to").WantText("your e-mail address")
		want(t, "answers so far", w.RP2.Answers(), 0)
		b.Submit("consent-allow")
		want(t, "acr", w.RP2.Last().Acr(), "sfa")
		want(t, "scope", w.RP2.Last().Scope, "openid email")

		for _, silent := range [][]string{{}, {"prompt", "none"}, {"scope", "openid"}} {
			b.Open(w.RP2.Login(silent...))
			want(t, "remembered: "+strings.Join(silent, "="), w.RP2.Last().Error, "")
		}
		b.Open(w.RP2.Login("scope", "openid email billing")).WantStep("otp")
		b.GiveCode(w.Code(w.U2.Email)).WantStep("consent").WantText("Billing and contact details").Submit("consent-allow")
		want(t, "more", w.RP2.Last().Scoped("billing"), true)

		b.Open(w.RP2.Login("prompt", "consent")).WantStep("consent").Submit("consent-allow")
		want(t, "prompt=consent", w.RP2.Last().Error, "")
		b.Open(w.RP1.Login())
		want(t, "an own panel asks nobody", w.RP1.Last().Error, "")
		b.Open(w.RP1.Login("prompt", "consent"))
		want(t, "whatever it sends", w.RP1.Last().Error, "")

		taken := &storage.Event{Name: "consent.revoked", PersonID: w.U2.ID, ClientID: "panel2", At: w.Store.Now()}
		if err := consent.Withdraw(context.Background(), w.Store, taken); err != nil {
			t.Fatal(err)
		}
		if status := w.RP2.UserInfoStatus(w.RP2.Last().Token.AccessToken); status != http.StatusUnauthorized {
			t.Errorf("revoked, and its tokens answer %d", status)
		}
		b.Open(w.RP2.Login("prompt", "none"))
		want(t, "revoked", w.RP2.Last().Error, "consent_required")
		b.Open(w.RP2.Login()).WantStep("consent")
		want(t, "records", len(w.Records("consent.given")), 3)
	}, asks("first"))
}

func TestConsentRefusedIsAccessDeniedAndNothingIsKept(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Lang = "it"
		b.Open(w.RP2.Login("state", strings.Repeat("s", 128))).SignIn(w.U2)
		b.WantStep("consent").WantText("DNS Partner chiede di accedere a").WantText("la tua identità")
		request := b.URL().String()
		b.Submit("consent-deny")
		want(t, "error", w.RP2.Last().Error, "access_denied")
		want(t, "state", w.RP2.Last().State, strings.Repeat("s", 128))
		want(t, "records", len(w.Records("consent.denied")), 1)

		again := b.Tab("back button")
		again.Open(request)
		want(t, "the request is over", again.TextOf("error-code"), "already_finished")
		b.Open(w.RP2.Login("prompt", "none"))
		want(t, "a refusal is no consent", w.RP2.Last().Error, "consent_required")
		b.Open(w.RP2.Login()).WantStep("consent")
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "signed in all the same", w.RP1.Last().Error, "")
	}, asks("first"))
}

func TestConsentAlwaysAsksInEveryRequest(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP2.Login()).SignIn(w.U2)
		for range 3 {
			b.WantStep("consent").Submit("consent-allow")
			want(t, "allowed", w.RP2.Last().Error, "")
			b.Open(w.RP2.Login("prompt", "none"))
			want(t, "silently", w.RP2.Last().Error, "consent_required")
			b.Open(w.RP2.Login())
		}
	}, asks("always"))
}

// The answer is on the server: no link, no form of another page and no other person passes the gate for this one.
func TestConsentCannotBePassedAroundOrGivenBySomebodyElse(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP2.Login()).SignIn(w.U2)
		b.WantStep("consent")
		id := strings.TrimPrefix(b.URL().Path, "/login/")
		sso := "https://" + servertest.SSO

		b.Open(sso + "/authorize/" + id)
		b.WantStep("consent")
		b.Open(sso + "/authorize/" + id + "?answer=allow&consent=1")
		b.WantStep("consent")
		b.Post(b.URL(), sso+"/login/"+id+"/consent", map[string][]string{"answer": {"allow"}, "scopes": {"openid"}})
		b.WantStep("consent") // email was not among what was shown
		b.Post(b.URL(), sso+"/login/"+id+"/consent", map[string][]string{"answer": {"allow"}})
		b.WantStep("consent")
		b.Post(b.URL(), sso+"/login/"+id+"/consent", map[string][]string{"answer": {"yes"}, "scopes": {"openid email"}})
		b.WantStep("consent")
		want(t, "answers so far", w.RP2.Answers(), 0)

		other := w.Browser("attacker")
		other.Post(b.URL(), sso+"/login/"+id+"/consent", map[string][]string{"answer": {"allow"}, "scopes": {"openid email"}})
		want(t, "another browser", other.TextOf("error-code"), "other_browser")
		b.Open(sso + "/authorize/" + id).WantStep("consent").Submit("consent-allow")
		want(t, "at last", w.RP2.Last().Error, "")

		// Another person in the same browser is asked for herself.
		b.Open(w.RP2.Login("prompt", "login")).SignIn(w.V)
		b.WantStep("consent")
		want(t, "answers", w.RP2.Answers(), 1)
	}, asks("first"))
}

// OIDC Core §11: a client that asks people gets offline_access only with prompt=consent.
func TestOfflineAccessOfAClientThatAsksNeedsPromptConsent(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP2.Login("scope", "openid offline_access")).SignIn(w.U2)
		b.WantStep("consent").Submit("consent-allow")
		want(t, "without", w.RP2.Last().Scoped("offline_access"), false)
		b.Open(w.RP2.Login("scope", "openid offline_access", "prompt", "consent")).WantStep("consent").Submit("consent-allow")
		want(t, "with", w.RP2.Last().Scoped("offline_access"), true)
		b.Open(w.RP1.Login("scope", "openid offline_access"))
		want(t, "an own panel", w.RP1.Last().Scoped("offline_access"), true)
	}, asks("first"))
}
