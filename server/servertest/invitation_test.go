package servertest_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/server/servertest"
)

const ada = `{"username":"ada","locale":"en","emails":["ada@neri.test"]}`

// invited makes a person by the people API, who then holds an invitation.
func invited(t *testing.T, w *servertest.World) (*backend, *servertest.Person) {
	t.Helper()
	api := newBackend(t, w, "crm")
	made := api.call("PUT", "/api/people/C-9", ada)
	want(t, "create", made.status, 201)
	return api, &servertest.Person{ID: made.ID, Username: "ada", Password: "sette nani nel bosco", Email: "ada@neri.test"}
}

// Q61: somebody invited by mail, with that one mailbox, could do nothing for a day.
func TestQ61BirthByInvitation(t *testing.T) {
	run := func(name string, f func(t *testing.T, w *servertest.World, api *backend, p *servertest.Person)) {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				api, p := invited(t, w)
				f(t, w, api, p)
			}, servertest.With(crm), servertest.With(independent))
		})
	}
	run("the owner, on the sixth day, has billing at once", func(t *testing.T, w *servertest.World, _ *backend, p *servertest.Person) {
		time.Sleep(6 * 24 * time.Hour)
		to := link(t, w, p.Email)
		scanner := w.Browser("scanner")
		scanner.Do(http.MethodHead, to, nil)
		scanner.Open(to).WantStep("set_password")
		setPassword(w.Browser("ada"), to, p.Password).WantStep("password_set")
		dead(t, w.Browser("again"), to)

		b := w.Browser("ada")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p).WantStep("otp")
		b.GiveCode(w.Code(p.Email)).WantStep("enrol").Click("Switch on the Authenticator app").WantStep("enrol_totp")
		p.Key = manualKey(t, b)
		b.FillID("otp", p.AppCode()).Submit("otp-submit")
		keepCodes(t, b)
		got := w.RP1.Last()
		want(t, "acr", got.Acr(), "mfa")
		want(t, "billing", got.Scoped("billing"), true)
		row := must(w.Store.Person(t.Context(), p.ID))(t)
		want(t, "it rests", row.Factors[0].RestsUntil.IsZero(), true)
		want(t, "birth is over", row.BirthUntil.IsZero(), true)
	})
	run("the owner, in the account", func(t *testing.T, w *servertest.World, _ *backend, p *servertest.Person) {
		setPassword(w.Browser("ada"), link(t, w, p.Email), p.Password)
		b := w.Browser("ada")
		w.SignedIn(b, w.RP1, p)
		// What wants a second step wants the app: the code opens its page only.
		b.Open(accountURL + "/confirm/sessions").WantStep("otp").GiveCode(w.Code(p.Email)).WantStep("account_sessions")
		b.Open(accountURL + "/confirm/sessions").WantStep("account_new").Submit("add-totp").WantStep("enrol_totp")
		p.Key = manualKey(t, b)
		time.Sleep(4 * time.Minute)
		b.FillID("otp", p.AppCode()).Submit("otp-submit").WantStep("recovery_codes")
		want(t, "it rests", must(w.Store.Person(t.Context(), p.ID))(t).Factors[0].RestsUntil.IsZero(), true)
	})
	run("the code itself stays dependent", func(t *testing.T, w *servertest.World, _ *backend, p *servertest.Person) {
		setPassword(w.Browser("ada"), link(t, w, p.Email), p.Password)
		b := w.Browser("ada")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p).WantStep("otp")
		answers := w.RP1.Answers()
		b.GiveCode(w.Code(p.Email)).WantStep("enrol")
		want(t, "answers", w.RP1.Answers(), answers)
		b.Submit("cancel")
		want(t, "the panel", w.RP1.Last().Error, acr.ErrAccessDenied)
	})
	unborn := func(t *testing.T, w *servertest.World, p *servertest.Person) {
		t.Helper()
		row := must(w.Store.Person(t.Context(), p.ID))(t)
		want(t, "birth", row.BirthUntil.IsZero() && row.BirthAddress == "", true)
		b := w.Browser("the thief")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p)
		want(t, "the panel", w.RP1.Last().Error, acr.ErrUnmet)
	}
	run("forgot writes it never, and ends the invitation", func(t *testing.T, w *servertest.World, _ *backend, p *servertest.Person) {
		invitation := link(t, w, p.Email)
		forgot(w.Browser("thief"), p.Email)
		w.Browser("ada").Open(invitation).WantStep("set_password") // a stranger who asks takes nothing away
		reset := link(t, w, p.Email)
		want(t, "another link", reset != invitation, true)
		setPassword(w.Browser("thief"), reset, p.Password).WantStep("password_set")
		dead(t, w.Browser("ada"), invitation)
		unborn(t, w, p)
	})
	run("a password after the first one", func(t *testing.T, w *servertest.World, _ *backend, p *servertest.Person) {
		setPassword(w.Browser("ada"), link(t, w, p.Email), p.Password)
		forgot(w.Browser("thief"), p.Email)
		p.Password = newPassword
		setPassword(w.Browser("thief"), link(t, w, p.Email), p.Password).WantStep("password_set")
		unborn(t, w, p)
	})
	run("an address more", func(t *testing.T, w *servertest.World, api *backend, p *servertest.Person) {
		setPassword(w.Browser("ada"), link(t, w, p.Email), p.Password)
		b := w.Browser("ada")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p).WantStep("otp").GiveCode(w.Code(p.Email)).WantStep("enrol")
		page := b.URL()
		want(t, "the same document changes nothing", api.call("PUT", "/api/people/C-9", ada).status, 200)
		b.Open(page.String()).WantStep("enrol")
		want(t, "patch", api.call("PATCH", "/api/people/C-9", `{"emails":["ada@neri.test","other@neri.test"]}`).status, 200)
		b.Post(page, page.Path+"/enrol", url.Values{"method": {"totp"}})
		want(t, "the panel", w.RP1.Last().Error, acr.ErrUnmet)
		unborn(t, w, p)
	})
	run("eight days later the invitation is dead", func(t *testing.T, w *servertest.World, _ *backend, p *servertest.Person) {
		to := link(t, w, p.Email)
		time.Sleep(7*24*time.Hour + time.Second)
		dead(t, w.Browser("ada"), to)
	})
}
