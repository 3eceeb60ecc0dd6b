package servertest_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Q08: what an installation lacks, its pages do not name. That no page does, whatever is lacking, is shown in templates; here
// the configuration in force is what the pages go by.
func TestQ08PagesFollowTheConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(*config.File)
		absent, says string // in what somebody meets on the way in and inside
	}{
		"Q08 no app": {func(f *config.File) {
			f.Factors.TOTP, f.Factors.Recovery, f.Acr[1].Second = nil, nil, []string{"email"}
		}, `Authenticator|\bapp\b|[Rr]ecovery code`, "spam folder"},
		"Q08 no codes to contacts": {func(f *config.File) {
			f.SecondFactor.ContactCodes, f.SecondFactor.Social, f.Providers = "never", "never", nil
		}, `spam|No code|contacts|Social`, "recovery code"},
		"Q08 addresses only":       {func(f *config.File) { f.Identifiers = []string{"email"} }, `[Uu]ser name or`, "E-mail"},
		"Q08 user names only":      {func(f *config.File) { f.Identifiers = []string{"username"} }, `or e-mail`, "User name"},
		"Q08 no support":           {func(f *config.File) { f.Branding.Support = config.FileSupport{} }, `Call |support page`, "Contact Example Hosting support"},
		"Q08 not at every sign-in": {func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" }, `at every sign-in`, "Click to switch on"},
		"Q08 nothing is sensitive": {func(f *config.File) {
			f.Sessions.RememberMe = config.DurationOrOff(24 * time.Hour)
			f.Scopes = nil
			for i := range f.Clients {
				f.Clients[i].Scopes, f.Clients[i].OnUnmet = []string{"openid", "email", "offline_access"}, config.OnUnmet{}
			}
		}, `[Ss]ensitive areas`, "Only on a device of your own."},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				said := ""
				see := func(b *servertest.Browser) *servertest.Browser { said += b.Text() + "\n"; return b }
				see(w.Browser("stuck").Open(origin + "/support"))
				p := *w.V
				if name == "Q08 addresses only" {
					p.Username = p.Email
				}
				b := w.Browser("vera")
				see(b.Open(w.RP1.Login("scope", "openid")))
				see(b.Submit("forgot"))
				see(b.Open(w.RP1.Login("scope", "openid"))).SignIn(&p)
				see(b.Open(accountURL))
				see(b.Open(accountURL + "/factors"))
				if found := regexp.MustCompile(c.absent).FindString(said); found != "" {
					t.Errorf("%q is named:\n%s", found, said)
				}
				if !regexp.MustCompile(c.says).MatchString(said) {
					t.Errorf("%q is not:\n%s", c.says, said)
				}
			}, servertest.With(c.change))
		})
	}
}

// Q08: what a person lacks, pages and messages do not name.
func TestQ08PagesFollowThePerson(t *testing.T) {
	no := func(t *testing.T, what, said, words string) {
		t.Helper()
		if found := regexp.MustCompile(words).FindString(said); found != "" {
			t.Errorf("%s says %q:\n%s", what, found, said)
		}
	}
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dario")
		viaSocial(b.Open(w.RP1.Login()), w.Dario).WantStep("contact").FillID("email", "dario@altrove.test").Submit("contact-submit").WantStep("otp")
		no(t, "the page of a newcomer's own address", b.Text(), `address on the account`)
		b.GiveCode(w.Code("dario@altrove.test"))
		no(t, "somebody without a password", b.Open(accountURL).Text()+b.Open(accountURL+"/factors").Text(), `[Pp]assword`)
		b.Open(origin + "/password").WantStep("change_password")
		no(t, "somebody without a password", b.Text(), `[Cc]hange the password`)

		time.Sleep(time.Hour)
		viaSocial(w.Browser("another").Open(w.RP1.Login()), w.Dario)
		no(t, "a notice to somebody without a password", regexp.MustCompile(`(?m)^Our staff.*$`).ReplaceAllString(w.Mails("dario@altrove.test")[len(w.Mails("dario@altrove.test"))-1].Text, ""), `[Pp]assword`)
		b.Open(links(t, w, "dario@altrove.test", notMeLink)[0]).Submit("not-me").WantStep("not_me_done")
		no(t, "it was not me, without a password", b.Text(), `password`)
	})
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		_, p := invited(t, w)
		b := w.Browser("ada").Open(link(t, w, p.Email)).WantStep("set_password")
		no(t, "the first password", b.Text(), `new password$|signs you out`)
		b.FillID("password", p.Password).Submit("password-submit").WantStep("password_set")
		mails := w.Mails(p.Email)
		no(t, "the first password", b.Text()+mails[len(mails)-1].Subject+mails[len(mails)-1].Text, `changed|signed out|second step`)
	}, servertest.With(crm))
}
