package servertest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// connects goes by Google to the page that connects and gives a person's password there.
func connects(w *servertest.World, b *servertest.Browser, p *servertest.Person, params ...string) *servertest.Browser {
	b.Open(w.RP1.Login(params...)).Click("Continue with Google")
	if b.Step() != "connect" {
		b.Submit("connect").WantStep("connect")
	}
	return b.FillID("username", p.Username).FillID("password", p.Password).Submit("login-submit")
}

// Q66: the password alone connects nothing, by any road.
func TestQ66APasswordAloneConnectsNothing(t *testing.T) {
	for _, registration := range []func(*config.File){closed, func(*config.File) {}} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			b := connects(w, w.Browser("thief"), w.V, "acr_values", "sfa").WantStep("otp")
			request := b.URL()
			mine := func(what string) {
				t.Helper()
				if p := person(t, w, "google", "107"); p != nil && p.ID == w.V.ID {
					t.Fatalf("%s: the login is Vera's", what)
				}
			}
			mine("after the password")
			b.Open("https://" + servertest.SSO + "/authorize" + request.Path[len("/login"):])
			want(t, "answers by the way out through op", w.RP1.Answers(), 0)
			mine("through op")
			tab := b.Tab("another request")
			tab.Open(w.RP2.Login())
			want(t, "signed in by the password", w.RP2.Last().Acr(), "sfa")
			tab.Open(w.RP2.Login("acr_values", "mfa")) // a second step of another request is not asked for this
			mine("in another request")
			b.Open(request.String()).WantStep("otp").FillID("otp", "000000").Submit("otp-submit").WantStatus(422)
			mine("after a wrong code")
			b.Submit("cancel")
			want(t, "declined", w.RP1.Last().Error, "access_denied")
			mine("after cancel")
			want(t, "notices", bySubject(w, w.V.Email, "A login of another service was connected"), 0)
		}, servertest.With(registration))
	}
}

// Q66: a second step of the last five minutes will do; an older one is asked again.
func TestQ66ASecondStepOfTheLastMinutesIsEnough(t *testing.T) {
	for ago, step := range map[time.Duration]string{4 * time.Minute: "", 6 * time.Minute: "otp"} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			b := w.Browser("ugo")
			w.SignedIn(b, w.RP2, w.U1, "acr_values", "mfa")
			time.Sleep(ago)
			connects(w, b, w.U1, "prompt", "login")
			if step != "" {
				b.WantStep(step)
				if p := person(t, w, "google", "107"); p != nil && p.ID == w.U1.ID {
					t.Fatal("connected on an old step")
				}
				b.GiveCode(w.U1.AppCode())
			}
			want(t, "the login is", person(t, w, "google", "107").ID, w.U1.ID)
			want(t, "sub", w.RP1.Last().IDToken.Subject, w.U1.ID)
		}, servertest.With(func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" }))
	}
}

// Q66: no contact, one that rests, and the mailbox that set the password: the desk is named, the sign-in is good.
func TestQ66WithoutAStepThatCountsNothingIsConnected(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		bare := w.Create(&servertest.Person{Username: "bea", Password: "tre tazze di terracotta"})
		fresh := w.Create(&servertest.Person{Username: "fede", Password: "otto ombre sul muro", Email: "fede@posta.test", Verified: true})
		row := must(w.Store.Person(t.Context(), fresh.ID))(t)
		row.Contacts[0].RestsUntil = time.Now().Add(time.Hour)
		if err := w.Store.PutContact(t.Context(), row.Contacts[0]); err != nil {
			t.Fatal(err)
		}
		reset := w.Create(&servertest.Person{Username: "rita", Password: "dieci dadi truccati", Email: "rita@posta.test", Verified: true})
		forgot(w.Browser("thief"), reset.Username)
		setPassword(w.Browser("thief"), link(t, w, reset.Email), newPassword).WantStep("password_set")
		reset.Password = newPassword
		for _, p := range []*servertest.Person{bare, fresh, reset} {
			b := w.Browser(p.Username)
			connects(w, b, p).WantStatus(http.StatusForbidden).WantStep("error")
			want(t, p.Username, b.TextOf("error-code"), "connect_unproved")
			if got := person(t, w, "google", "107"); got != nil && got.ID == p.ID {
				t.Errorf("%s: connected", p.Username)
			}
			want(t, p.Username+": codes", w.Codes(p.Email), 0)
			b.Open(w.RP1.Login())
			want(t, p.Username+" is signed in", w.RP1.Last().IDToken.Subject, p.ID)
		}
	}) // the world is "preferred": no comfort here
}
