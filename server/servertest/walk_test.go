package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// The walk of the README, as a person reads it.
func TestPanelThenDNSThenBillingThenSignOut(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP1.Login()).WantStep("login")
		b.Fill("User name or e-mail", w.U2.Username).Fill("Password", w.U2.Password).Submit("login-submit")
		signedIn := w.RP1.Last()
		want(t, "acr after the password", signedIn.Acr(), "sfa")
		want(t, "amr after the password", signedIn.Amr(), "pwd")
		want(t, "auth_time", signedIn.AuthTime(), time.Now().Unix())
		for _, s := range []string{"billing", "dns", "payments", "authcode", "mailboxes"} {
			if signedIn.Scoped(s) {
				t.Errorf("scope %s was granted for a password", s)
			}
		}

		time.Sleep(time.Minute)
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
		b.WantText("DNS and technical settings").WantText("Area Clienti").WantText("d•••@r•••.test")
		if b.Has("password") {
			t.Error("the password was asked again")
		}
		b.GiveCode(w.Code(w.U2.Email))
		dns := w.RP1.Last()
		want(t, "acr for DNS", dns.Acr(), "mfa")
		want(t, "amr for DNS", dns.Amr(), "mca mfa otp pwd")
		want(t, "auth_time for DNS", dns.AuthTime(), time.Now().Unix())
		want(t, "sid is one per panel and session", dns.Claims["sid"], signedIn.Claims["sid"])
		want(t, "sub", dns.IDToken.Subject, signedIn.IDToken.Subject)
		if !dns.Scoped("dns") {
			t.Errorf("dns is not among %q", dns.Scope)
		}

		time.Sleep(3 * time.Hour)
		b.Open(w.RP1.Login("scope", "openid billing", "acr_values", "mfa"))
		billing := w.RP1.Last()
		noPage(t, b)
		want(t, "acr for Billing", billing.Acr(), "mfa")
		want(t, "a silent hop leaves auth_time alone", billing.AuthTime(), dns.AuthTime())
		if got := w.Codes(w.U2.Email); got != 1 {
			t.Errorf("%d codes were sent, want one until sign-out", got)
		}

		b.Open(w.RP1.SignOut("id_token_hint", billing.RawIDToken(), "post_logout_redirect_uri", "https://"+servertest.Panel+"/", "state", "bye"))
		want(t, "after sign-out", b.URL().String(), "https://"+servertest.Panel+"/?state=bye")
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "prompt=none after sign-out", w.RP1.Last().Error, "login_required")
		want(t, "userinfo after sign-out", w.RP1.UserInfoStatus(billing.Token.AccessToken), 401)
	})
}

func TestOwnAppIsAskedAtTheNextSignInAndNoMailboxStandsInForIt(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
		key := enrol(t, w, b, w.U2)
		want(t, "acr after enrolment", w.RP1.Last().Acr(), "mfa")
		if got := len(w.Mails(w.U2.Email)); got < 2 {
			t.Errorf("%d messages, want a code and a notice that a factor was added", got)
		}

		time.Sleep(time.Minute)
		again := w.Browser("dora later")
		sent := w.Codes(w.U2.Email)
		again.Open(w.RP1.Login()).SignIn(w.U2).WantStep("otp")
		if strings.Contains(again.Text(), "•••@") || again.Has("resend") {
			t.Errorf("a code by e-mail is offered in place of the app:\n%s", again.Text())
		}
		w.U2.Key = key
		again.GiveCode(w.U2.AppCode())
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		want(t, "amr", w.RP1.Last().Amr(), "mfa otp pwd")
		want(t, "codes by e-mail since", w.Codes(w.U2.Email)-sent, 0)
	})
}

// enrol switches the app on from the page that asks for a code, and returns its key.
func enrol(t *testing.T, w *servertest.World, b *servertest.Browser, p *servertest.Person) string {
	t.Helper()
	b.Click("Switch on the Authenticator app")
	if b.Step() == "otp" { // a code to a contact comes first
		b.GiveCode(w.Code(p.Email))
	}
	if b.Step() == "enrol" {
		b.Click("Switch on the Authenticator app")
	}
	b.WantStep("enrol_totp")
	key := &servertest.Person{Key: manualKey(t, b)}
	b.FillID("otp", key.AppCode()).Submit("otp-submit")
	keepCodes(t, b)
	return key.Key
}

// manualKey reads the key that people type who cannot scan.
func manualKey(t *testing.T, b *servertest.Browser) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(b.Body()), `<code class="key">`)
	key, _, ended := strings.Cut(rest, "</code>")
	if !ok || !ended {
		t.Fatalf("no manual key on the page:\n%s", b.Text())
	}
	return strings.ReplaceAll(key, " ", "")
}

// noPage fails when the last navigation showed a page of the server: a satisfied person sees none.
func noPage(t *testing.T, b *servertest.Browser) {
	t.Helper()
	for _, hop := range b.Chain() {
		if strings.HasPrefix(hop.URL, "https://"+servertest.SSO+"/") && hop.Status/100 != 3 {
			t.Errorf("a page was shown: %s answered %d", hop.URL, hop.Status)
		}
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
