package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q09: one person's code came in English and the notice about it in Italian, each by a rule of its own, and with two clocks.
// Now there is one: the language of the page at the moment, else the person's, else the default.
func TestQ09OneRuleForTheLanguageOfEveryMessage(t *testing.T) {
	subjects := map[string][]string{
		"en": {"Choose a new password", "New sign-in to your account", "is your verification code"},
		"it": {"Scegli una nuova password", "Nuovo accesso al tuo account", "è il tuo codice di verifica"},
	}
	changed := map[string]string{"": "The password was changed", "en": "The password was changed", "it": "La password è stata cambiata"} // behind the link, no panel asks for a language
	for name, c := range map[string]struct{ browser, panel, person, want string }{
		"Q09 the page is English, the person Italian":   {"en", "", "it", "en"},
		"Q09 the page is Italian, the person English":   {"it", "", "en", "it"},
		"Q09 the panel asked for a page in Italian":     {"en", "it", "en", "it"},
		"Q09 the page is English, the person of no one": {"en", "", "", "en"},
		"Q09 a program asks for no language":            {"", "", "en", "en"},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				speaks(t, w, w.V, c.person)
				w.SignedIn(w.Browser("known"), w.RP1, w.V)
				time.Sleep(time.Hour)
				before := len(w.Mails(w.V.Email))
				b := w.Browser("new")
				b.Lang = c.browser
				b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa", "ui_locales", c.panel))
				b.Submit("forgot").FillID("username", w.V.Username).Submit("forgot-submit").WantStep("forgot_sent")
				b.Submit("back").SignIn(w.V).WantStep("otp")
				setPassword(b, link(t, w, w.V.Email), newPassword)
				got := w.Mails(w.V.Email)[before:]
				for _, want := range append(subjects[c.want], changed[c.browser]) {
					n := 0
					for _, m := range got {
						if strings.Contains(m.Subject, want) {
							n++
						}
					}
					if n != 1 {
						t.Errorf("%d messages say %q", n, want)
					}
				}
				for _, m := range got {
					if !strings.Contains(m.Text, "(EST)") {
						t.Errorf("another clock than the person's:\n%s", m.Text)
					}
				}
			})
		})
	}
}

// Where there is no page, the person's own language decides.
func TestQ09WithoutAPageThePersonsLanguageDecides(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		for locale, want := range map[string]string{"it": "Il tuo account", "en": "Your account", "": "Il tuo account"} {
			made := api.call("PUT", "/api/people/p"+locale, `{"username":"p`+locale+`","locale":"`+locale+`","emails":["p`+locale+`@neri.test"]}`)
			if mails := w.Mails("p" + locale + "@neri.test"); made.status != 201 || len(mails) != 1 || !strings.HasPrefix(mails[0].Subject, want) {
				t.Errorf("%q: %d, %+v", locale, made.status, mails)
			}
		}
	}, servertest.With(crm))
}

// The page's language was lost at the first form: "English" held for one page, and the mail came in the browser's again.
func TestQ09TheLanguageThatWasChosenStays(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		b.Lang = "it"
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa", "ui_locales", "it")).WantText("per continuare su")
		b.Open(b.URL().Path + "?lang=en").WantText("to continue to")
		b.SignIn(w.V).WantStep("otp").WantText("Enter the code")
		want(t, "the mail", strings.Contains(w.Mails(w.V.Email)[0].Subject, "is your verification code"), true)
		b.GiveCode(w.Code(w.V.Email))
		b.Open(accountURL).WantText("My profile")
		b.Open(accountURL + "?lang=it").WantText("Il tuo account")
		b.Open(accountURL + "/sessions").WantText("Dispositivi connessi")
	})
}

// speaks gives somebody a language, and a clock that is nobody else's.
func speaks(t *testing.T, w *servertest.World, p *servertest.Person, locale string) {
	t.Helper()
	row := must(w.Store.Person(t.Context(), p.ID))(t)
	row.Locale, row.Profile = locale, []byte(`{"name":"Vera","zoneinfo":"America/New_York"}`)
	if err := w.Store.UpdatePerson(t.Context(), row); err != nil {
		t.Fatal(err)
	}
}
