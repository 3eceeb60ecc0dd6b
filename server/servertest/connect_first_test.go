package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q19: a newcomer who reads the mailbox of an account is offered that account before a second one is made. Before a code
// came back, or the word of who runs the mailbox, no page differs.
func TestQ19ACodeThatCameBackOffersTheAccountFirst(t *testing.T) {
	pages := map[string]string{}
	for email, held := range map[string]bool{"vera@bianchi.test": true, "nora@bianchi.test": false} {
		at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
			g.Now.Email = email
			b := w.Browser("newcomer").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp")
			pages[email] = strings.ReplaceAll(reference.ReplaceAllString(b.Text(), ""), email[:1]+"•••", "…")
			v := w.Browser("vera").Open(w.RP2.Login())
			v.FillID("username", w.V.Email).FillID("password", w.V.Password).Submit("login-submit")
			want(t, "Vera by her address meanwhile", w.RP2.Last().IDToken.Subject, w.V.ID)
			b.GiveCode(w.Code(email))
			if !held {
				want(t, "acr", w.RP1.Last().Acr(), "mfa")
				return
			}
			b.WantStep("connect")
			want(t, "answers", w.RP1.Answers(), 0)
			if text := b.Text(); strings.Contains(text, w.V.Username+" ") || strings.Contains(text, email) {
				t.Errorf("the page names somebody:\n%s", text)
			}
			// It stays first in another request of this browser.
			tab := b.Tab("another").Open(w.RP2.Login()).WantStep("connect")
			want(t, "the step of another tab", tab.Step(), "connect")
			time.Sleep(time.Minute)
			b.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit").GiveCode(w.Code(w.V.Email))
			want(t, "sub", w.RP1.Last().IDToken.Subject, w.V.ID)
			want(t, "the login is", person(t, w, "google", "107").ID, w.V.ID)
		})
	}
	want(t, "the page before the code", pages["vera@bianchi.test"], pages["nora@bianchi.test"])
}

// Q19: an address that is typed, or that the provider did not verify, is asked for by a code first; and whoever wants an
// account apart gets it.
func TestQ19ATypedAddressOffersTheAccountFirstAndASecondOneIsMadeOnlyWhenAsked(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
		fb.Now.Email = w.V.Email
		b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		b.FillID("email", w.V.Email).Submit("contact-submit").WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("connect")
		want(t, "answers", w.RP1.Answers(), 0)
		time.Sleep(time.Minute)
		b.Submit("apart")
		if b.Step() == "otp" {
			b.GiveCode(w.Code(w.V.Email))
		}
		sub := w.RP1.Last().IDToken.Subject
		want(t, "an account apart", sub != w.V.ID && sub == person(t, w, "facebook", "1220").ID, true)
	})
}

// Q19: where Google runs the mailbox, its word is the proof; and under independent: required, too.
func TestQ19WhoRunsTheMailboxProvesIt(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		gina := w.Create(&servertest.Person{Username: "gina", Password: "cinque sedie di paglia", Email: "gina@gmail.com", Verified: true})
		ezio := w.Create(&servertest.Person{Username: "ezio", Password: "nove lumi sul viale", Email: "ezio@azienda.test", Verified: true})
		g.Now.Email = gina.Email
		w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect")
		want(t, "messages", len(w.Mails(gina.Email)), 0)
		g.Now = servertest.Account{Subject: "108", Name: "Ezio", Email: ezio.Email, Verified: true}
		g.Claims = func(c map[string]any) { c["hd"] = "azienda.test" }
		w.Browser("ezio").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect")
		g.Now.Subject = "109"
		g.Claims = func(c map[string]any) { c["hd"] = "altrove.test" }
		w.Browser("elsewhere").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
	}, servertest.With(required))
}
