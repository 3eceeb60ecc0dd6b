package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// everybodyYoung makes the cooling time longer than any account of the world is old.
func everybodyYoung(f *config.File) { f.Contacts.Cooling = 60 * 24 * time.Hour }

// independent is the default policy: a code to the mailbox that opened the first step does not count.
func independent(f *config.File) { f.SecondFactor.Independent = "required" }

// Q60: the password alone switched an app on, on any account younger than the cooling time that no code could reach.
func TestQ60APasswordAloneSwitchesNoAppOn(t *testing.T) {
	t.Run("no contact: the desk", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			p := w.Create(&servertest.Person{Username: "nina", Password: "dodici rondini sul filo"})
			noEnrolment(t, w, p, "the account has nothing we can verify you with right now")
		}, servertest.With(everybodyYoung), servertest.With(independent))
	})
	t.Run("the contact set the password: later", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			forgot(w.Browser("thief"), w.U2.Username)
			setPassword(w.Browser("thief"), link(t, w, w.U2.Email), newPassword).WantStep("password_set")
			w.U2.Password = newPassword
			noEnrolment(t, w, w.U2, "used to verify you yet")
		}, servertest.With(everybodyYoung), servertest.With(independent))
	})
	t.Run("under preferred a code comes first", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			forgot(w.Browser("owner"), w.U2.Username)
			setPassword(w.Browser("owner"), link(t, w, w.U2.Email), newPassword).WantStep("password_set")
			w.U2.Password = newPassword
			b := w.Browser("owner")
			b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.U2).WantStep("otp")
			b.Post(b.URL(), b.URL().Path+"/enrol", url.Values{"method": {"totp"}}).WantStep("otp")
			b.GiveCode(w.Code(w.U2.Email)).WantStep("enrol").Submit("skip")
			want(t, "acr", w.RP1.Last().Acr(), "mfa")
			want(t, "a dependent code claims no mfa", strings.Contains(w.RP1.Last().Amr(), "mfa"), false)
		}, servertest.With(everybodyYoung))
	})
}

// noEnrolment tries every road to an app with the password alone.
func noEnrolment(t *testing.T, w *servertest.World, p *servertest.Person, says string) {
	t.Helper()
	b := w.Browser("thief")
	b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p)
	want(t, "the panel", w.RP1.Last().Error, acr.ErrUnmet)
	// Another request, still open, whose forms are posted by hand.
	b.Open(w.RP1.Login("prompt", "login")).WantStep("login")
	page := b.URL().Path
	for _, path := range []string{page + "/enrol", page + "/enrol/confirm", "/account/factors/enrol", "/account/factors/enrol/confirm"} {
		b.Post(b.URL(), path, url.Values{"method": {"totp"}, "otp": {"000000"}, "ticket": {"x"}})
		if step := b.Step(); step == "enrol" || step == "enrol_totp" {
			t.Errorf("%s leads to %s", path, step)
		}
	}
	b.Post(b.URL(), "/account/factors/enrol", url.Values{"method": {"totp"}}).WantStatus(403).WantText(says).WantText("ontact support")
	row := must(w.Store.Person(t.Context(), p.ID))(t)
	want(t, "factors", len(row.Factors), 0)
}
