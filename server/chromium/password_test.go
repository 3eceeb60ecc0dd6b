package chromium_test

import (
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

const newPassword = "tre mele verdi nel cesto"

// reset goes from the sign-in page to a new password, by the mailed link, and back to the sign-in page.
func (j *journey) reset(p *chromium.Tab, who *servertest.Person, typed string) {
	j.t.Helper()
	p.Open(j.w.RP1.Login())
	j.at(p, "login")
	p.Click("#forgot")
	j.at(p, "forgot")
	j.submit(p, "forgot-submit", "username", typed)
	j.at(p, "forgot_sent")
	j.back(p, "forgot_sent")

	to := j.link(who.Email)
	p.Open(to)
	j.at(p, "set_password")
	want(j.t, "address bar", chromium.Eval[string](p, `location.href`), origin+"/password/reset")
	j.submit(p, "password-submit", "password", "password1234")
	j.refused(p, "set_password")
	j.submit(p, "password-submit", "password", newPassword)
	j.at(p, "password_set")
	j.told(who.Email, "password_changed")
	j.leave(p)
	p.Open(to)
	j.at(p, "error", "link")
	p.Click("#forgot")
	j.at(p, "forgot", "again")
	p.Click("#home")
	p.Arrive("login") // by way of the panel: nobody is signed in
	j.submit(p, "login-submit", "username", who.Username, "password", who.Password)
	j.refused(p, "login")
	who.Password = newPassword
	j.submit(p, "login-submit", "password", who.Password)
}

func (j *journey) forgottenPassword() {
	who, p, elsewhere := j.person("piero"), j.tab(), j.tab()
	elsewhere.Open(j.w.RP1.Login())
	j.signIn(elsewhere, who)
	before := j.arrived(elsewhere, j.w.RP1, password, who).Token.AccessToken

	j.reset(p, who, who.Username)
	j.arrived(p, j.w.RP1, password, who)
	j.leave(p)
	p.Open(j.w.RP1.Login("acr_values", "mfa"))
	p.Arrive("otp")
	j.submit(p, "otp-submit", "otp", j.w.Code(who.Email))
	j.arrived(p, j.w.RP1, passwordLeaned, who)

	want(j.t, "the other browser's token", j.w.RP1.UserInfoStatus(before), 401)
	elsewhere.Open(j.w.RP1.Login())
	j.at(elsewhere, "login")
}

// A new password is the first step and no more.
func (j *journey) forgottenPasswordWithApp() {
	who, p := j.person("paola"), j.tab()
	j.w.AddApp(who)
	j.reset(p, who, who.Email)
	j.at(p, "otp", "app")
	j.back(p, "otp")
	j.submit(p, "otp-submit", "otp", "000000")
	j.refused(p, "otp", "app")
	p.Fill("otp", who.AppCode())
	j.twice(p, "otp-submit")
	j.arrived(p, j.w.RP1, passwordApp, who)
}
