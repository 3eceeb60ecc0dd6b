package chromium_test

import (
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

// twice double-clicks a button, as many people do. One form is sent.
func (j *journey) twice(p *chromium.Tab, button string) {
	j.t.Helper()
	before := j.posts()
	p.Do("double click", chromedp.DoubleClick(chromedp.CSS("#"+button)))
	p.WaitFor("what follows", `document.getElementById("`+button+`") === null`)
	want(j.t, "forms sent by a double click", j.posts()-before, 1)
}

// addApp switches an app on from the account page, and returns the reserve codes.
func (j *journey) addApp(p *chromium.Tab, who *servertest.Person) []string {
	j.t.Helper()
	p.Open(origin + "/account/factors")
	j.at(p, "account_factors", "none")
	p.Click("#activate")
	j.at(p, "otp", "before-enrolment")
	j.submit(p, "otp-submit", "otp", j.w.Code(who.Email))
	j.at(p, "account_new")
	p.Click("#add-totp")
	j.at(p, "enrol_totp")
	who.Key = strings.ReplaceAll(chromium.Eval[string](p, `document.querySelector("code.key").textContent`), " ", "")
	j.submit(p, "otp-submit", "otp", "000000")
	j.refused(p, "enrol_totp")
	j.submit(p, "otp-submit", "otp", who.AppCode())
	j.at(p, "recovery_codes")
	codes := strings.Fields(chromium.Eval[string](p, `Array.from(document.querySelectorAll("#recovery-codes code"), c => c.textContent).join(" ")`))
	want(j.t, "reserve codes", len(codes), 10)
	j.submit(p, "otp-submit", "otp", "aaaa-aaaa-aaaa-aaaa")
	j.refused(p, "recovery_codes")
	j.submit(p, "otp-submit", "otp", codes[9])
	j.at(p, "account_factors", "codes")
	j.told(who.Email, "factor_added")
	return codes
}

// The telephone is gone: a reserve code is the second step, once.
func (j *journey) reserveCode() {
	who, p := j.person("rita"), j.tab()
	p.Open(j.w.RP1.Login())
	j.signIn(p, who)
	j.arrived(p, j.w.RP1, password, who)
	codes := j.addApp(p, who)

	lost := j.tab()
	for i, code := range []string{codes[0], codes[1]} {
		lost.Open(j.w.RP1.Login("prompt", "login"))
		if i == 0 {
			j.signIn(lost, who)
		} else {
			j.at(lost, "login", "again")
			j.submit(lost, "login-submit", "password", who.Password)
		}
		lost.Arrive("otp")
		j.reveal(lost, "button[name=way][value*=recovery]")
		lost.WaitFor("the page of reserve codes", `document.querySelector("#otp[autocomplete=off]") !== null`)
		j.at(lost, "otp", "reserve")
		j.back(lost, "otp")
		if i == 1 { // the one of the first time
			j.submit(lost, "otp-submit", "otp", codes[0])
			j.refused(lost, "otp", "reserve")
		}
		j.submit(lost, "otp-submit", "otp", strings.ToUpper(code))
		j.arrived(lost, j.w.RP1, passwordApp, who)
		if i == 0 {
			j.told(who.Email, "recovery_used")
		}
	}
	lost.Open(origin + "/account/factors")
	lost.Arrive("account_factors")
	if left := lost.Text("recovery-left"); !strings.Contains(left, "8") {
		j.t.Errorf("two of ten reserve codes are used: %q", left)
	}
}

// Removal of the app costs the app and the password.
func (j *journey) removal() {
	who, p := j.person("remo"), j.tab()
	j.w.AddApp(who)
	p.Open(j.w.RP1.Login())
	j.signIn(p, who)
	j.at(p, "otp", "app")
	j.submit(p, "otp-submit", "otp", who.AppCode())
	j.arrived(p, j.w.RP1, passwordApp, who)

	p.Open(j.w.RP1.Login("scope", "openid dns"))
	sensitive := j.arrived(p, j.w.RP1, passwordApp, who)
	want(j.t, "DNS is open", sensitive.Scoped("dns"), true)

	p.Open(origin + "/account")
	j.at(p, "account")
	p.Place("#to-sessions")
	j.at(p, "account_sessions")
	j.says(p, "password")
	p.Place("#to-factors")
	j.at(p, "account_factors", "app")
	p.Click(`a[id^="remove-"]`)
	j.at(p, "account_remove")
	j.submit(p, "remove-submit", "password", "not the password at all")
	j.refused(p, "account_remove")
	p.Fill("password", who.Password)
	j.twice(p, "remove-submit")
	j.at(p, "account_door", "removed")
	j.told(who.Email, "factor_removed")
	p.Open(j.w.RP1.Login("scope", "openid dns"))
	j.signIn(p, who) // a removal ends in a new sign-in
	want(j.t, "DNS is open", j.arrived(p, j.w.RP1, password, who).Scoped("dns"), false)
	if renewed, err := j.w.RP1.Refresh(sensitive.Token.RefreshToken); err == nil && renewed.Scoped("dns") {
		j.t.Error("DNS is still open to the panel that had it")
	}

	again := j.tab()
	again.Open(j.w.RP1.Login())
	j.signIn(again, who)
	j.arrived(again, j.w.RP1, password, who)
}
