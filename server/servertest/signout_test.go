package servertest_test

import (
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

func TestRPInitiatedSignOut(t *testing.T) {
	home := "https://" + servertest.Panel + "/"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		signIn := func() (*servertest.Browser, *servertest.Result) {
			b := w.Browser("dora")
			return b, w.SignedIn(b, w.RP1, w.U2)
		}
		over := func(b *servertest.Browser, want bool) {
			t.Helper()
			b.Open(w.RP1.Login("prompt", "none"))
			if got := w.RP1.Last().Error == "login_required"; got != want {
				t.Errorf("signed out: %v, want %v (%s)", got, want, w.RP1.Last().Error)
			}
		}

		t.Log("no parameters: a page asks, its button ends it")
		b, _ := signIn()
		b.Open(w.RP1.SignOut()).WantStep("logout")
		over(b.Tab("meanwhile"), false)
		b.Submit("logout-confirm").WantStep("logged_out")
		over(b, true)

		t.Log("hint and URI without state: exactly that URI")
		b, got := signIn()
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken(), "post_logout_redirect_uri", home))
		want(t, "address", b.URL().String(), home)
		over(b, true)

		t.Log("URI without a hint: asked, and no redirect")
		b, _ = signIn()
		b.Open(w.RP1.SignOut("client_id", w.RP1.Client, "post_logout_redirect_uri", home)).WantStep("logout")
		over(b.Tab("meanwhile"), false)

		t.Log("another session's hint: asked, not obeyed")
		_, other := signIn()
		b, _ = signIn()
		b.Open(w.RP1.SignOut("id_token_hint", other.RawIDToken(), "post_logout_redirect_uri", home))
		over(b, false)

		t.Log("an unregistered URI: our own page")
		b, got = signIn()
		for _, uri := range []string{"https://attacker.test/", home + "x", "//attacker.test", "/\\attacker.test", "https:attacker.test", "https://" + servertest.Panel2 + "/"} {
			b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken(), "post_logout_redirect_uri", uri)).WantStatus(400)
			want(t, uri, b.URL().Host, servertest.SSO)
		}
		over(b, false)

		t.Log("a hint that nobody signed")
		b.Open(w.RP1.SignOut("id_token_hint", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "post_logout_redirect_uri", home)).WantStatus(400)
		over(b, false)
	})
}

// D12: after sign-out nothing of the session works any more, in any tab.
func TestD12AfterSignOutTheOldCookieIsWorthless(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP1, w.U2)
		thief := w.Browser("thief")
		for _, c := range b.Cookies(servertest.SSO) {
			c.Secure, c.Path = true, "/"
			thief.SetCookie(servertest.SSO, c)
		}
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken()))
		thief.Open(w.RP1.Login("prompt", "none"))
		want(t, "the copied cookie", w.RP1.Last().Error, "login_required")
		if _, err := w.RP1.Refresh(got.Token.RefreshToken); err == nil {
			t.Error("the refresh token outlived the session")
		}
	})
}
