package servertest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// required is the product's default, which the world's configuration relaxes.
func required(f *config.File) { f.SecondFactor.Independent = "required" }

// at is a world with both fakes.
func at(t *testing.T, f func(*testing.T, *servertest.World, *servertest.Google, *servertest.Facebook), opts ...servertest.Option) {
	t.Helper()
	var g *servertest.Google
	var fb *servertest.Facebook
	opts = append([]servertest.Option{servertest.WithGoogle(&g), servertest.WithFacebook(&fb)}, opts...)
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		g.Now = servertest.Account{Subject: "107", Name: "Gaia Verdi", Email: "gaia@posta.test", Verified: true}
		fb.Now = servertest.Account{Subject: "1220", Name: "Fabio Neri"}
		f(t, w, g, fb)
	}, opts...)
}

// person finds who a social login belongs to; nil when nobody.
func person(t *testing.T, w *servertest.World, provider, subject string) *storage.Person {
	t.Helper()
	p, err := w.Store.PersonByIdentity(context.Background(), provider, subject)
	if err == storage.ErrNotFound {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGoogleFirstSignInWithAVerifiedAddressOfNobody(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("gaia").Open(w.RP1.Login()).WantStep("login").Click("Continue with Google").WantStep("otp")
		b.WantText("Google")
		b.GiveCode(w.Code("gaia@posta.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		if p := person(t, w, "google", "107"); p.Identities[0].ProvedAt.IsZero() || p.Contacts[0].VerifiedAt.IsZero() {
			t.Errorf("%+v %+v", p.Identities[0], p.Contacts[0])
		}
		// The next sign-in is one step.
		b2 := w.Browser("gaia elsewhere").Open(w.RP2.Login()).Click("Continue with Google")
		want(t, "host", b2.URL().Host, servertest.Panel2)
		want(t, "same person", w.RP2.Last().IDToken.Subject, w.RP1.Last().IDToken.Subject)
	})
}

// K01: under "required" a code to the mailbox that Google reported is no second step, whoever it belongs to.
func TestK01GoogleFirstSignInUnderRequiredAsksForAnIndependentAddress(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		g.Now.Email = "g.aia@gmail.com"
		b := w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
		want(t, "codes to the provider's mailbox", w.Codes("g.aia@gmail.com"), 0)
		for _, same := range []string{"g.aia@gmail.com", "gaia@gmail.com", "GAIA+x@googlemail.com"} {
			b.FillID("email", same).Submit("contact-submit").WantStatus(422).WantStep("contact")
			b.WantText("already knows")
			want(t, "codes to "+same, w.Codes(same), 0)
		}
		b.FillID("email", "no address").Submit("contact-submit").WantStatus(422).WantStep("contact")
		b.FillID("email", "gaia@lavoro.test").Submit("contact-submit").WantStep("otp")
		b.WantText("gaia@lavoro.test")
		want(t, "nothing came to the panel", w.RP1.Answers(), 0)
		b.FillID("otp", "000000").Submit("otp-submit").WantStatus(422).WantStep("otp")
		if p := person(t, w, "google", "107"); len(p.Contacts) != 1 {
			t.Errorf("an address that is only claimed stands among the contacts: %v", p.Contacts)
		}
		b.GiveCode(w.Code("gaia@lavoro.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		if p := person(t, w, "google", "107"); len(p.Contacts) != 2 || p.Identities[0].ProvedAt.IsZero() {
			t.Errorf("%v %v", p.Contacts, p.Identities)
		}
		// A step-up later goes to the independent one only.
		later := w.Browser("gaia later").Open(w.RP1.Login()).Click("Continue with Google")
		later.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp").WantText("g•••@l•••.test")
	}, servertest.With(required))
}

func TestFacebookFirstSignInAsksForAnAddressOrTheApp(t *testing.T) {
	for name, email := range map[string]string{"no address": "", "an address nobody verified": "fabio@posta.test"} {
		t.Run(name, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
				fb.Now.Email = email
				b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
				b.WantText("Facebook")
				if email != "" {
					want(t, "messages to an address that only the provider reported", len(w.Mails(email)), 0)
				}
				b.FillID("email", "typo@posta.test").Submit("contact-submit").WantStep("otp")
				b.Click("Use another address").WantStep("contact")
				time.Sleep(time.Minute)
				b.FillID("email", "Fabio@Lavoro.test").Submit("contact-submit").WantStep("otp")
				old := w.Code("typo@posta.test")
				if good := w.Code("Fabio@lavoro.test"); good != old {
					b.FillID("otp", old).Submit("otp-submit").WantStatus(422)
				}
				b.GiveCode(w.Code("Fabio@lavoro.test"))
				want(t, "acr", w.RP1.Last().Acr(), "mfa")
				p := person(t, w, "facebook", "1220")
				if len(p.Contacts) != 1 || p.Contacts[0].Canonical != "fabio@lavoro.test" || !p.Contacts[0].Primary {
					t.Errorf("%v", p.Contacts)
				}
			})
		})
	}
	t.Run("by the app instead", func(t *testing.T) {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
			b.Click("Switch on the Authenticator app").WantStep("enrol_totp")
			app := &servertest.Person{Key: manualKey(t, b)}
			b.FillID("otp", app.AppCode()).Submit("otp-submit")
			keepCodes(t, b)
			want(t, "acr", w.RP1.Last().Acr(), "mfa")
		}, servertest.With(required))
	})
}

// An unverified or missing address leads to the same pages whether it has an account or not.
func TestL02TheAddressPageTellsNothingOfAccounts(t *testing.T) {
	pages := map[string]string{}
	for name, email := range map[string]string{"has an account": "vera@bianchi.test", "has none": "nora@bianchi.test"} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
			fb.Now.Email = email
			b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
			first := b.Text()
			b.FillID("email", strings.Replace(email, "@", ".x@", 1)).Submit("contact-submit").WantStep("otp")
			want(t, "links to connect", strings.Contains(first, "Do you already have an account?"), true)
			pages[name] = first
		})
	}
	want(t, "the page", pages["has an account"], pages["has none"])
	for name, email := range map[string]string{"has an account": "vera@bianchi.test", "has none": "nora@bianchi.test"} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
			b.FillID("email", email).Submit("contact-submit").WantStep("otp")
			pages[name] = strings.ReplaceAll(b.Text(), email, "…")
		})
	}
	want(t, "the page behind it", pages["has an account"], pages["has none"])
}

// K02: an address never links.
func TestK02AVerifiedAddressOfSomebodyLinksNothingByItself(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		g.Now.Email = w.V.Email
		b := w.Browser("stranger").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp")
		// Not by a code to the mailbox alone either: that offers the account, and opens it by its password and second step.
		b.GiveCode(w.Code(w.V.Email)).WantStep("connect")
		want(t, "answers", w.RP1.Answers(), 0)
		want(t, "the login is Vera's", person(t, w, "google", "107").ID == w.V.ID, false)
		want(t, "sessions", len(w.Records("session.new")), 0)
		victim := w.Browser("vera").Open(w.RP2.Login())
		victim.FillID("username", w.V.Email).FillID("password", w.V.Password).Submit("login-submit")
		want(t, "Vera by her address", w.RP2.Last().IDToken.Subject, w.V.ID)
	})
}

func TestK02APreHijackedAccountGetsNothingOfTheVictim(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		trap := w.Create(&servertest.Person{Username: "gaia.verdi", Password: "trappola per una turista", Email: g.Now.Email})
		b := w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").GiveCode(w.Code(g.Now.Email)).WantStep("connect")
		time.Sleep(time.Minute)
		b.Submit("apart").GiveCode(w.Code(g.Now.Email))
		sub := w.RP1.Last().IDToken.Subject
		if sub == trap.ID {
			t.Fatal("the victim was led into the attacker's account")
		}
		attacker := w.Browser("attacker").Open(w.RP2.Login()).SignIn(trap)
		want(t, "the attacker's account", w.RP2.Last().IDToken.Subject, trap.ID)
		want(t, "step", attacker.Step() == "contact", false)
	})
}

func TestAnExistingAccountIsConnectedByItsPassword(t *testing.T) {
	for name, first := range map[string]func(*servertest.Google){
		"verified address of the account": func(*servertest.Google) {},
		"unverified address":              func(g *servertest.Google) { g.Now.Verified = false },
		"no address":                      func(g *servertest.Google) { g.Now.Email = "" },
		"another verified address":        func(g *servertest.Google) { g.Now.Email = "vera@altrove.test" },
	} {
		t.Run(name, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
				g.Now.Email = w.V.Email
				first(g)
				b := w.Browser("vera").Open(w.RP1.Login()).Click("Continue with Google")
				newcomer := person(t, w, "google", "107").ID
				b.Submit("connect").WantStep("connect")
				b.FillID("username", w.V.Username).FillID("password", "wrong wrong wrong").Submit("login-submit").WantStatus(422).WantStep("connect")
				want(t, "still the newcomer's", person(t, w, "google", "107").ID, newcomer)
				w.Deliver() // a code may have gone to the newcomer at the same address: the newer one is meant
				b.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit").WantStep("otp")
				want(t, "before the code", person(t, w, "google", "107").ID, newcomer)
				b.GiveCode(w.Code(w.V.Email))
				want(t, "sub", w.RP1.Last().IDToken.Subject, w.V.ID)
				p := person(t, w, "google", "107")
				want(t, "the login is", p.ID, w.V.ID)
				want(t, "relinking starts unproved", p.Identities[0].ProvedAt.IsZero(), true)
				want(t, "records of it", len(w.Records("idp.link")), 2)
				notices := 0
				for _, m := range w.Mails(w.V.Email) {
					if strings.Contains(m.Text, "A login of another service was connected") {
						notices++
					}
				}
				want(t, "notices to Vera", notices, 1)
				shut, err := w.Store.Person(context.Background(), newcomer)
				if err != nil || !shut.Disabled || len(shut.Contacts)+len(shut.Identities) > 0 {
					t.Errorf("the newcomer's account: %+v, %v", shut, err)
				}
				// The next sign-in by Google asks for the second step, once.
				time.Sleep(time.Minute)
				later := w.Browser("vera later").Open(w.RP2.Login()).Click("Continue with Google").WantStep("otp")
				later.GiveCode(w.Code(w.V.Email))
				want(t, "sub", w.RP2.Last().IDToken.Subject, w.V.ID)
				again := w.Browser("vera again").Open(w.RP2.Login()).Click("Continue with Google")
				want(t, "third time, host", again.URL().Host, servertest.Panel2)
			})
		})
	}
}

func TestAnAccountWithItsOwnFactorIsConnectedOnlyAfterIt(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		g.Now.Email = w.U1.Email
		b := w.Browser("ugo").Open(w.RP2.Login("acr_values", "sfa")).Click("Continue with Google").WantStep("otp")
		newcomer := person(t, w, "google", "107").ID
		b.Submit("connect").FillID("username", w.U1.Username).FillID("password", w.U1.Password).Submit("login-submit").WantStep("otp")
		request := b.URL().String()
		want(t, "before the app", person(t, w, "google", "107").ID, newcomer)
		// The way out through op is no way around.
		b.Open(strings.Replace(request, "/login/", "/authorize/", 1))
		want(t, "answers", w.RP2.Answers(), 0)
		want(t, "still before the app", person(t, w, "google", "107").ID, newcomer)
		b.Open(request).WantStep("otp").FillID("otp", "000000").Submit("otp-submit").WantStatus(422)
		want(t, "after a wrong code", person(t, w, "google", "107").ID, newcomer)
		b.GiveCode(w.U1.AppCode())
		want(t, "sub", w.RP2.Last().IDToken.Subject, w.U1.ID)
		want(t, "after the app", person(t, w, "google", "107").ID, w.U1.ID)
	}, servertest.With(func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" }))
}

// K06: connecting is a POST of our own page, and takes nothing from anybody.
func TestK06ConnectingNeedsOurFormAndAnIdentityThatIsFree(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		one := w.Browser("one").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp").Submit("connect").WantStep("connect")
		form := map[string][]string{"username": {w.V.Username}, "password": {w.V.Password}}
		evil := w.Browser("evil")
		evil.Post(one.URL(), one.URL().String(), form)
		want(t, "another browser", evil.Status(), 403)
		cross := *one
		cross.Do("GET", one.URL().String()+"?username="+w.V.Username+"&password=x", nil)
		want(t, "GET changes nothing, step", cross.Step(), "connect")
		newcomer := person(t, w, "google", "107").ID
		want(t, "the login is", newcomer != w.V.ID, true)

		// Meanwhile another tab proves it: the older page is refused without telling whose it is now.
		two := w.Browser("two").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp")
		time.Sleep(time.Minute)
		two.Submit("resend").GiveCode(w.Code("gaia@posta.test"))
		one.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit")
		if one.Step() != "error" && one.URL().Host != servertest.Panel && one.Step() != "otp" {
			t.Errorf("step %q\n%s", one.Step(), one.Text())
		}
		if strings.Contains(strings.ToLower(one.Text()), "gaia@") {
			t.Errorf("the page tells whose it is:\n%s", one.Text())
		}
		want(t, "the login is still", person(t, w, "google", "107").ID, newcomer)
	})
}

// K10: (provider, subject) identifies, and nothing else.
func TestK10SubjectsAddressesAndProvidersAreNotMixed(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, fb *servertest.Facebook) {
		w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").GiveCode(w.Code("gaia@posta.test"))
		gaia := w.RP1.Last().IDToken.Subject

		// The same number at the other provider is somebody else.
		fb.Now = servertest.Account{Subject: g.Now.Subject, Name: "Altro", Email: "gaia@posta.test"}
		b := w.Browser("same number").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		want(t, "same number", person(t, w, "facebook", "107").ID == gaia, false)
		b.Submit("cancel")

		// The provider gives her another address: still she, and the account's address stays.
		g.Now.Email = "gaia@nuova.test"
		w.Browser("new address").Open(w.RP2.Login()).Click("Continue with Google")
		want(t, "with a new address", w.RP2.Last().IDToken.Subject, gaia)
		if p := person(t, w, "google", "107"); len(p.Contacts) != 1 || p.Contacts[0].Canonical != "gaia@posta.test" {
			t.Errorf("%v", p.Contacts)
		}

		// Her old mailbox is given to another: somebody else.
		g.Now = servertest.Account{Subject: "108", Name: "Nuovo", Email: "gaia@posta.test", Verified: true}
		w.Browser("recycled").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp")
		want(t, "the recycled mailbox", person(t, w, "google", "108").ID == gaia, false)
	})
}

// K12: one browser, two people.
func TestK12ASecondPersonInTheSameBrowserTakesNothingOver(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("shared")
		b.Open(w.RP1.Login()).SignIn(w.U2)
		dora := w.RP1.Last()
		b.Open(w.RP1.Login("prompt", "login")).WantStep("login").Click("Continue with Google").WantStep("otp")
		// A newcomer in quarantine leaves the session that is there alone …
		tab := b.Tab("second")
		tab.Open(w.RP2.Login("prompt", "none"))
		want(t, "single sign-on is still", w.RP2.Last().IDToken.Subject, w.U2.ID)
		want(t, "with the password only", w.RP2.Last().Acr(), "sfa")
		// … and takes its place when proved, with nothing of it.
		b.GiveCode(w.Code("gaia@posta.test"))
		gaia := w.RP1.Last()
		want(t, "the second person", gaia.IDToken.Subject, person(t, w, "google", "107").ID)
		want(t, "amr", strings.Contains(gaia.Amr(), "pwd"), false)
		want(t, "the first one's token", w.RP1.UserInfoStatus(dora.Token.AccessToken), 401)
		tab.Open(w.RP2.Login("prompt", "none"))
		want(t, "single sign-on is now", w.RP2.Last().IDToken.Subject, gaia.IDToken.Subject)
	})
}

func TestTooManyAddressesAreNotWrittenTo(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		sent := 0
		for i := range 8 {
			to := string(rune('a'+i)) + "@posta.test"
			b.FillID("email", to).Submit("contact-submit")
			sent += w.Codes(to)
			if b.Step() == "otp" {
				b.Click("Use another address")
			} else {
				want(t, "status", b.Status(), 429)
			}
		}
		want(t, "mailboxes written to in an hour", sent, 5)
	})
}

// The address that is only claimed is nobody's: its owner signs in by it as before, and a code for it is good in its own
// request, for its own person, once.
func TestK02AClaimedAddressDisturbsNobody(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
		b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		b.FillID("email", w.V.Email).Submit("contact-submit").WantStep("otp")
		code := w.Code(w.V.Email)
		v := w.Browser("vera").Open(w.RP2.Login())
		v.FillID("username", w.V.Email).FillID("password", w.V.Password).Submit("login-submit")
		want(t, "Vera by her address", w.RP2.Last().IDToken.Subject, w.V.ID)

		fb.Now.Subject = "1221"
		other := w.Browser("other").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		other.FillID("email", "altro@posta.test").Submit("contact-submit").WantStep("otp")
		if mine := w.Code("altro@posta.test"); mine != code {
			other.FillID("otp", code).Submit("otp-submit").WantStatus(422)
		}
		want(t, "answers", w.RP1.Answers(), 0)
	})
}

// Who left before the second step finds the same page again, on the same account.
func TestAnAbandonedFirstSignInGoesOnLater(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		sub := person(t, w, "facebook", "1220").ID
		time.Sleep(5 * time.Hour)
		b := w.Browser("fabio later").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		b.FillID("email", "fabio@lavoro.test").Submit("contact-submit").GiveCode(w.Code("fabio@lavoro.test"))
		want(t, "sub", w.RP1.Last().IDToken.Subject, sub)
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		w.Browser("fabio again").Open(w.RP2.Login()).Click("Continue with Facebook")
		want(t, "afterwards", w.RP2.Last().IDToken.Subject, sub)
	}, servertest.With(required))
}

// hd is a wish that the person could take away: where YAML names a Workspace, the claim decides.
func TestGoogleWorkspaceIsAskedForOnlyWhereConfigured(t *testing.T) {
	workspace := func(f *config.File) {
		p := f.Providers["google"]
		p.HD = "example.it"
		f.Providers["google"] = p
	}
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		for _, hd := range []any{nil, "evil.test", []string{"example.it"}} {
			g.Claims = func(c map[string]any) { c["hd"] = hd }
			w.Browser("outside").Open(w.RP1.Login()).Click("Continue with Google").WantStatus(400).WantStep("error")
		}
		want(t, "nobody was made", person(t, w, "google", "107") == nil, true)
		g.Claims = func(c map[string]any) { c["hd"] = "example.it" }
		w.Browser("inside").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp")
	}, servertest.With(workspace))
}

// The other engine: the same pages, the same rows.
func TestAddressAndConnectionOnPostgres(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		b.FillID("email", "uno@posta.test").Submit("contact-submit").WantStep("otp").Click("Use another address")
		time.Sleep(time.Minute)
		b.FillID("email", "due@posta.test").Submit("contact-submit").GiveCode(w.Code("due@posta.test"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")

		g.Now.Email = w.U1.Email
		u := w.Browser("ugo").Open(w.RP2.Login()).Click("Continue with Google").WantStep("otp").Submit("connect")
		u.FillID("username", w.U1.Username).FillID("password", w.U1.Password).Submit("login-submit").GiveCode(w.U1.AppCode())
		want(t, "sub", w.RP2.Last().IDToken.Subject, w.U1.ID)
		want(t, "the login is", person(t, w, "google", "107").ID, w.U1.ID)
	}, servertest.OnPostgres())
}

// K01: another spelling of the mailbox that the provider reported is the same mailbox, also as a contact that was there.
func TestK01AnotherSpellingOfTheReportedMailboxIsNoSecondFactor(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		p := w.Create(&servertest.Person{Username: "gina", Password: "cinque sedie di paglia", Email: "gi.na+casa@gmail.com", Verified: true})
		g.Now.Email = "gina@gmail.com"
		b := w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact").Submit("connect")
		b.FillID("username", p.Username).FillID("password", p.Password).Submit("login-submit").GiveCode(w.Code(p.Email))
		want(t, "sub", w.RP1.Last().IDToken.Subject, p.ID)
		// Nothing independent is there to complete a sign-in by Google. That bars no other way.
		answers := w.RP1.Answers()
		later := w.Browser("gina later").Open(w.RP1.Login()).Click("Continue with Google").WantStep("login").WantText("no second step")
		want(t, "codes to the mailbox besides the one that connected", w.Codes(p.Email), 1)
		want(t, "answers", w.RP1.Answers(), answers)
		later.SignIn(p)
		want(t, "by password", w.RP1.Last().Acr(), "sfa")
	}, servertest.With(required))
}
