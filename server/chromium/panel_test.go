package chromium_test

import (
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Somebody else's panel asks: refused once, then allowed, then remembered.
func (j *journey) consent() {
	who, p := j.person("clara"), j.tab()
	rp := j.w.RP2
	p.Open(rp.Login())
	j.signIn(p, who)
	j.at(p, "consent")
	scopes := p.Text("scopes")
	for _, raw := range []string{"openid", "scope", "_"} {
		if scopes == "" || strings.Contains(scopes, raw) {
			j.t.Errorf("the scopes are not in words: %q", scopes)
		}
	}
	j.back(p, "consent")
	j.twice(p, "consent-deny")
	no := j.answered(p, rp, "rp-error")
	want(j.t, "refused", no.Error, "access_denied")
	want(j.t, "code of a refusal", no.Code, "")
	j.leave(p)

	p.Open(rp.Login())
	j.at(p, "consent")
	j.twice(p, "consent-allow")
	yes := j.arrived(p, rp, password, who)
	want(j.t, "e-mail address given", yes.UserInfo["email"], any(who.Email))
	j.leave(p)
	p.Open(rp.Login())
	j.arrived(p, rp, password, who)

	p.Open(rp.Login("scope", "openid email dns"))
	p.Arrive("otp")
	j.submit(p, "otp-submit", "otp", j.w.Code(who.Email))
	j.at(p, "consent", "more")
	agreed := strings.Split(p.Text("scopes"), "\n")
	want(j.t, "things asked for", len(agreed), 3)
	j.submit(p, "consent-allow")
	j.arrived(p, rp, passwordCode, who)
	p.Open(origin + "/account/panels")
	j.at(p, "account_panels")
	for _, words := range agreed {
		j.says(p, words)
	}
	p.Click("#revoke-" + rp.Client)
	p.WaitFor("the panel gone", `document.querySelector("[id^=revoke-]") === null`)
	j.at(p, "account_panels", "revoked")
	want(j.t, "a token of the panel", rp.UserInfoStatus(yes.Token.AccessToken), 401)
	p.Open(rp.Login())
	j.at(p, "consent")
}

// Two people, one browser: the second takes nothing of the first over.
func (j *journey) secondPerson() {
	first, second, p := j.person("sara"), j.person("silvio"), j.tab()
	p.Open(j.w.RP1.Login())
	j.signIn(p, first)
	j.arrived(p, j.w.RP1, password, first)
	p.Open(j.w.RP1.Login("acr_values", "mfa", "scope", "openid dns"))
	j.at(p, "otp", "dns")
	j.submit(p, "otp-submit", "otp", j.w.Code(first.Email))
	hers := j.arrived(p, j.w.RP1, passwordCode, first).Token.AccessToken

	p.Open(j.w.RP1.Login("prompt", "login"))
	j.at(p, "login", "again")
	p.Do("another name", chromedp.Clear(chromedp.CSS("#username")))
	j.submit(p, "login-submit", "username", second.Username, "password", second.Password)
	his := j.arrived(p, j.w.RP1, password, second).Token.AccessToken
	want(j.t, "the first one's token", j.w.RP1.UserInfoStatus(hers), 401)
	j.leave(p)
	if strings.Contains(chromium.Eval[string](p, `document.body.innerText`), first.Username) {
		j.t.Errorf("Back shows the first person:\n%s", p.Describe())
	}
	p.Open(origin + "/account")
	p.Arrive("account")
	want(j.t, "whose account", p.Text("account-username"), second.Username)

	// And through a social provider.
	j.google.Now = servertest.Account{Subject: "shared", Name: "Gaia Verdi", Email: "gaia.shared@posta.test", Verified: true}
	p.Open(j.w.RP1.Login("prompt", "login"))
	j.at(p, "login", "again")
	p.Click("button[name=provider][value=google]")
	p.Arrive("otp")
	j.submit(p, "otp-submit", "otp", j.w.Code("gaia.shared@posta.test"))
	if sub := j.arrived(p, j.w.RP1, socialLeaned, nil).IDToken.Subject; sub == first.ID || sub == second.ID {
		j.t.Error("the third person is one of the first two")
	}
	want(j.t, "the second one's token", j.w.RP1.UserInfoStatus(his), 401)
}
