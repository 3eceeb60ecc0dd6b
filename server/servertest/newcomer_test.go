package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Someone who came by a social login only, completed it, and switched the app off is still a customer.
func TestTheAppSwitchedOffMakesNoStrangerOfACustomer(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		b.FillID("email", "gina@lavoro.test").Submit("contact-submit").GiveCode(w.Code("gina@lavoro.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		p := &servertest.Person{ID: w.RP1.Last().IDToken.Subject, Email: "gina@lavoro.test"}
		appOn(t, w, b, p)
		b.Open(accountURL + "/factors/" + factorID(t, w, p) + "/remove").WantStep("account_remove").Submit("remove-submit")
		w.Reload(closed, w.Server)
		time.Sleep(48 * time.Hour)
		w.Browser("gina later").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp").GiveCode(w.Code("gina@lavoro.test"))
		want(t, "sub", w.RP1.Last().IDToken.Subject, p.ID)
	}, servertest.With(required))
}

// Where no second step is asked after a social sign-in, a customer stays one when registration closes.
func TestClosingRegistrationMakesNoStrangerOfACustomer(t *testing.T) {
	never := func(f *config.File) { f.SecondFactor.Social = "never" }
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google")
		sub := w.RP1.Last().IDToken.Subject
		w.Reload(func(f *config.File) { never(f); closed(f) }, w.Server)
		time.Sleep(48 * time.Hour)
		w.Browser("gina later").Open(w.RP1.Login()).Click("Continue with Google")
		want(t, "answers", w.RP1.Answers(), 2)
		want(t, "sub", w.RP1.Last().IDToken.Subject, sub)
	}, servertest.With(never))
}

// A newcomer who comes back after the cooling time goes on where the first visit stopped.
func TestANewcomerWhoComesBackAfterDaysGoesOn(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		time.Sleep(48 * time.Hour)
		b := w.Browser("gina later").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		b.FillID("email", "gina@lavoro.test").Submit("contact-submit").GiveCode(w.Code("gina@lavoro.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(required))
}

// Switching the app on is free for who has just come, because there is nothing yet that anybody could be after. Once the
// newcomer got in from another browser there is, and what was left open here asks for a proof like everywhere.
func TestANewcomersOpenPageGivesNothingOnceTheNewcomerIsIn(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		left := w.Browser("gina, left").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		page := left.URL()
		b := w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		b.FillID("email", "gina@lavoro.test").Submit("contact-submit").GiveCode(w.Code("gina@lavoro.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		time.Sleep(10 * time.Minute)
		left.Open(page.String()).WantStep("otp")
		left.Post(page, page.Path+"/enrol", url.Values{"method": {"totp"}})
		left.WantStep("otp")
		want(t, "factors", len(person(t, w, "google", "107").Factors), 0)
	}, servertest.With(required))
}

// The app that brought the newcomer in unproves the login again when it goes; the page that was left open is as dead as before.
func TestANewcomersOpenPageGivesNothingWhenTheAppIsGoneAgain(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		left := w.Browser("gina, left").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		page := left.URL()
		b := w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		b.Click("Switch on the Authenticator app").WantStep("enrol_totp")
		p := &servertest.Person{ID: person(t, w, "google", "107").ID, Key: manualKey(t, b)}
		b.FillID("otp", p.AppCode()).Submit("otp-submit")
		keepCodes(t, b)
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		b.Open(accountURL + "/factors/" + factorID(t, w, p) + "/remove").WantStep("account_remove").Submit("remove-submit")
		left.Open(page.String())
		want(t, "an app is offered", left.Step() == "enrol", false)
		left.Post(page, page.Path+"/enrol", url.Values{"method": {"totp"}})
		want(t, "an app is begun", left.Step() == "enrol_totp", false)
	}, servertest.With(required))
}

// Who comes by a social login only is told what switching the app off means before it is off: the next sign-in takes a code
// to a contact again, and where none counts there is no way but the help desk.
func TestWhoHasOnlyASocialLoginIsWarnedBeforeTheAppGoes(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		b.Click("Switch on the Authenticator app").WantStep("enrol_totp")
		p := &servertest.Person{ID: person(t, w, "google", "107").ID, Key: manualKey(t, b)}
		b.FillID("otp", p.AppCode()).Submit("otp-submit")
		keepCodes(t, b)
		b.Open(accountURL + "/factors/" + factorID(t, w, p) + "/remove").WantStep("account_remove").WantText("contact support first")
		want(t, "promises the first step alone", strings.Contains(b.Text(), "the first step will be enough"), false)
	}, servertest.With(required))
}
