package chromium_test

import (
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

const newPassword = "tre mele verdi nel cesto"

// reset goes from the sign-in page to a new password, by the mailed link.
func (j *journey) reset(p *chromium.Tab, who *servertest.Person) {
	j.t.Helper()
	p.Open(j.w.RP1.Login())
	j.at(p, "login")
	p.Click("#forgot")
	j.at(p, "forgot")
	j.submit(p, "forgot-submit", "username", who.Username)
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
	j.leave(p)
	p.Open(to)
	j.at(p, "error", "link")
	who.Password = newPassword
}

func (j *journey) forgottenPassword() {
	who, p := j.person("piero"), j.tab()
	j.reset(p, who)
	p.Open(j.w.RP1.Login())
	j.signIn(p, who)
	j.arrived(p, j.w.RP1, "sfa", who)
	j.leave(p)
}

// A new password is the first step and no more.
func (j *journey) forgottenPasswordWithApp() {
	who, p := j.person("paola"), j.tab()
	j.w.AddApp(who)
	j.reset(p, who)
	p.Open(j.w.RP1.Login())
	j.signIn(p, who)
	j.at(p, "otp", "app")
	j.back(p, "otp")
	j.submit(p, "otp-submit", "otp", "000000")
	j.refused(p, "otp", "app")
	p.Fill("otp", who.AppCode())
	j.twice(p, "otp-submit")
	j.arrived(p, j.w.RP1, "mfa", who)
}
