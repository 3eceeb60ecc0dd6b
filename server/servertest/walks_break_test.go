package servertest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// app switches an authenticator app on, two hours ago.
func app(t *testing.T, w *servertest.World, p *servertest.Person, weak time.Time) {
	t.Helper()
	box, err := secret.NewBox(w.Config.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	f := mfa.New(box, func() *config.Config { return w.Config }, nil)
	at := time.Now().Add(-2 * time.Hour)
	err = w.Store.Tx(context.Background(), func(r storage.Records) error {
		row, err := r.Person(context.Background(), p.ID)
		if err != nil {
			return err
		}
		e, err := f.Enrol(context.Background(), r, mfa.Question{Person: row, Method: acr.TOTP, Now: at}, "")
		if err != nil {
			return err
		}
		p.Key = strings.ReplaceAll(e.App.Key, " ", "")
		_, err = f.Confirm(context.Background(), r, mfa.Try{Question: mfa.Question{Person: row, Method: acr.TOTP, Credential: e.FactorID, Now: at}, Form: mfa.Typed(p.CodeAt(at))}, weak)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// base is a kind of person.
type base struct {
	name string
	make func(t *testing.T, w *servertest.World) *servertest.Person
	via  bool // social
}

var bases = []base{
	{"password+contact", func(t *testing.T, w *servertest.World) *servertest.Person { return w.U2 }, false},
	{"password+app", func(t *testing.T, w *servertest.World) *servertest.Person { return w.U1 }, false},
	{"password only", func(t *testing.T, w *servertest.World) *servertest.Person {
		return w.Create(&servertest.Person{Username: "nemo", Password: "un faro senza luce"})
	}, false},
	{"password+weak app", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "debo", Password: "un faro senza luce", Email: "debo@x.test"})
		app(t, w, p, time.Now().Add(24*time.Hour))
		return p
	}, false},
	{"password+fresh contact", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "fresca", Password: "un faro senza luce", Email: "fresca@x.test", Verified: true})
		row, _ := w.Store.Person(context.Background(), p.ID)
		c := row.Contacts[0]
		c.RestsUntil = time.Now().Add(24 * time.Hour)
		if err := w.Store.PutContact(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		return p
	}, false},
	{"password through mailbox", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "reset", Password: "un faro senza luce", Email: "reset@x.test", Verified: true})
		change(t, w, p.ID, func(r *storage.Person) {
			r.PasswordVia, r.PasswordViaUntil = "reset@x.test", time.Now().Add(24*time.Hour)
		})
		return p
	}, false},
	{"own choice", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "scelta", Password: "un faro senza luce", Email: "scelta@x.test", Verified: true})
		change(t, w, p.ID, func(r *storage.Person) { r.EverySignIn = true })
		return p
	}, false},
	{"own choice, nothing", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "sceltan", Password: "un faro senza luce"})
		change(t, w, p.ID, func(r *storage.Person) { r.EverySignIn = true })
		return p
	}, false},
	{"social", func(t *testing.T, w *servertest.World) *servertest.Person { return w.Carla }, true},
	{"social without verified address", func(t *testing.T, w *servertest.World) *servertest.Person { return w.Dario }, true},
	{"linked", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "linked", Password: w.Carla.Password, Email: "linked@x.test", Verified: true})
		err := w.Store.PutIdentity(context.Background(), &storage.Identity{Provider: "social", Subject: w.Carla.ID, PersonID: p.ID, ProvedAt: time.Now(), Created: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return &servertest.Person{ID: p.ID, Username: "carla", Password: w.Carla.Password, Email: p.Email}
	}, true},
	{"linked unproved+app", func(t *testing.T, w *servertest.World) *servertest.Person {
		p := w.Create(&servertest.Person{Username: "linkeda", Password: w.Carla.Password, Email: "linked@x.test", Verified: true})
		app(t, w, p, time.Time{})
		err := w.Store.PutIdentity(context.Background(), &storage.Identity{Provider: "social", Subject: w.Carla.ID, PersonID: p.ID, Created: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return &servertest.Person{ID: p.ID, Username: "carla", Password: w.Carla.Password, Email: p.Email, Key: p.Key}
	}, true},
}

// robot answers whatever is asked, cancelling once; it must end at the panel or on a page that says why.
func robot(t *testing.T, w *servertest.World, b *servertest.Browser, who base, p *servertest.Person, cancelAt int, name string) {
	t.Helper()
	for i := range 8 {
		if b.Status() >= 500 {
			t.Errorf("%s: %d", name, b.Status())
			return
		}
		if b.URL().Host != servertest.SSO {
			return
		}
		if i == cancelAt && b.Has("cancel") {
			b.Submit("cancel")
			continue
		}
		switch b.Step() {
		case "login":
			if who.via && strings.Contains(b.Text(), "Continue with Social") {
				viaSocial(b, p)
			} else if who.via { // asked again, and the provider cannot ask: the account's own password
				b.SignIn(&servertest.Person{Username: p.Email, Password: p.Password})
			} else if b.Has("username") && b.Value("username", "type") != "hidden" {
				b.SignIn(p)
			} else {
				b.FillID("password", p.Password).Submit("login-submit")
			}
		case "otp":
			time.Sleep(61 * time.Second)
			if p.Key == "" && w.Codes(p.Email) == 0 || p.Email == "" {
				t.Errorf("%s: otp without a way: %s", name, b.Text())
				return
			}
			b.GiveCode(w.Answer(b, p))
			if b.Status() == 422 && b.Has("resend") {
				time.Sleep(61 * time.Second)
				b.Submit("resend").GiveCode(w.Code(p.Email))
			}
		case "enrol":
			b.Click("Switch on the Authenticator app")
		case "enrol_totp":
			k := &servertest.Person{Key: manualKey(t, b)}
			b.FillID("otp", k.AppCode()).Submit("otp-submit")
			p.Key = k.Key
		case "error", "contact": // asked for an address: a page that says what is missing
			return
		default:
			t.Errorf("%s: step %q %d %s", name, b.Step(), b.Status(), b.Text())
			return
		}
	}
	t.Errorf("%s: no end after 8 answers: %s %s", name, b.Step(), b.Text())
}

// Whatever kind of person, whatever is asked, cancelled at whatever step: nobody goes in circles.
func TestEveryWalkEndsAtThePanelOrOnAPage(t *testing.T) {
	for pname, pol := range map[string]func(*config.File){
		"required":  func(f *config.File) { f.SecondFactor.Independent = "required" },
		"preferred": func(*config.File) {},
	} {
		for _, who := range bases {
			for _, cancelAt := range map[string][]int{"required": {1}, "preferred": {0}}[pname] {
				t.Run(fmt.Sprintf("%s/%s/%d", pname, who.name, cancelAt), func(t *testing.T) {
					servertest.Run(t, func(t *testing.T, w *servertest.World) {
						p := who.make(t, w)
						b := w.Browser("b")
						b.Faults = true
						for i, rq := range [][]string{{"scope", "openid"}, {"acr_values", "mfa"}, {"max_age", "0"}, {"prompt", "login", "acr_values", "mfa"}, {"claims", essentialMFA, "max_age", "1"}, {"acr_values", "mfa sfa", "prompt", "login"}} {
							time.Sleep(5 * time.Minute)
							rp := w.RP1
							if i%2 == 1 {
								rp = w.RP2
							}
							n := rp.Answers()
							b.Open(rp.Login(rq...))
							c := cancelAt
							if i%2 == 0 {
								c = 99
							}
							robot(t, w, b, who, p, c, fmt.Sprint(pname, " ", who.name, " ", rq, " cancel at ", c))
							if rp.Answers() > n+1 {
								t.Error("two answers")
							}
							if rp.Answers() > n {
								r := rp.Last()
								if strings.Contains(strings.Join(rq, " "), "acr_values mfa") && rq[1] == "mfa" && r.Error == "" && r.Acr() != "mfa" {
									t.Errorf("%s %v: acr %s", who.name, rq, r.Acr())
								}
							}
						}
					}, servertest.With(pol))
				})
			}
		}
	}
}
