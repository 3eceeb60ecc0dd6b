package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

func TestADisabledPersonsSessionIsNone(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		change(t, w, w.U2.ID, func(p *storage.Person) { p.Disabled = true })
		b.Open(w.RP1.Login()) // fails by itself after 20 hops
		want(t, "a page", b.Status() < 500, true)
	})
}

func TestADisabledPersonLeavesNoQuarantine(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		viaSocial(b.Open(w.RP1.Login()), w.Carla).WantStep("otp")
		change(t, w, w.Records("idp.link")[0].PersonID, func(p *storage.Person) { p.Disabled = true })
		b.Do(http.MethodPost, b.URL().Path+"/code", url.Values{"otp": {w.Code(w.Carla.Email)}})
		want(t, "sessions begun for a disabled person", len(w.Records("session.new")), 0)
	})
}

func TestRoundsAtAProviderThatProvesNothingDoNotReauthenticate(t *testing.T) {
	for _, params := range [][]string{{"prompt", "login"}, {"max_age", "0"}} {
		t.Run(params[0], func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("carla")
				viaSocial(b.Open(w.RP1.Login("scope", "openid")), w.Carla).WantStep("otp")
				enrol(t, w, b, w.Carla)
				before, n := w.RP1.Last(), w.RP1.Answers()
				time.Sleep(2 * time.Hour)
				b.Open(w.RP1.Login(append(params, "scope", "openid")...)).WantStep("otp") // her app, and nothing else
				page := *b.URL()
				for i := range 3 {
					b.Post(&page, page.Path+"/social/social", url.Values{})
					if b.URL().Host == servertest.Social && b.Step() == "login" {
						b.SignIn(w.Carla)
					}
					if w.RP1.Answers() > n {
						got := w.RP1.Last()
						t.Fatalf("round %d: answered without her app, acr=%s, auth_time %d s later than what was proved", i+1, got.Acr(), got.AuthTime()-before.AuthTime())
					}
				}
			}, servertest.With(func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" }))
		})
	}
}

func TestPagesAreActivity(t *testing.T) {
	hour := servertest.With(func(f *config.File) { f.Sessions.Idle = time.Hour })
	t.Run("silent hops", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			w.SignedIn(b, w.RP1, w.U2)
			for i := range 3 {
				time.Sleep(40 * time.Minute)
				b.Do("GET", w.RP1.Authorize(nil), nil) // a panel that asks no userinfo
				if to := b.Header().Get("Location"); !strings.Contains(to, "code=") {
					t.Errorf("hop %d, 40 minutes after the last: %s", i+1, to)
				}
			}
		}, hour)
	})
	t.Run("Q73 with a limit of forty seconds", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			w.SignedIn(b, w.RP1, w.U2)
			for range 4 {
				time.Sleep(25 * time.Second)
				b.Open(accountURL).WantStep("account")
			}
			for range 2 { // a panel that polls
				time.Sleep(15 * time.Second)
				b.Do("GET", w.RP1.Authorize(url.Values{"prompt": {"none"}}), nil)
			}
			time.Sleep(15 * time.Second)
			b.Open(accountURL).WantStep("login")
		}, servertest.With(func(f *config.File) { f.Sessions.Idle = 40 * time.Second }))
	})
	t.Run("Q73 but not where a hidden frame or picture asks for them", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			w.SignedIn(b, w.RP1, w.U2)
			b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
			pages := []string{accountURL, b.URL().String()}
			for i := range 3 {
				time.Sleep(25 * time.Minute)
				for _, page := range pages {
					r, _ := http.NewRequest(http.MethodGet, page, nil)
					r.Header.Set("Sec-Fetch-Dest", []string{"iframe", "image", "empty"}[i])
					for _, c := range b.Cookies(servertest.SSO) {
						r.AddCookie(c)
					}
					res, err := w.Net.RoundTrip(r)
					if err != nil {
						t.Fatal(err)
					}
					res.Body.Close()
				}
			}
			b.Open(accountURL).WantStep("login")
		}, hour)
	})
	t.Run("step-up", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			w.SignedIn(b, w.RP1, w.U2)
			time.Sleep(55 * time.Minute)
			b.Do("GET", w.RP1.Authorize(url.Values{"acr_values": {"mfa"}}), nil)
			b.Do("GET", b.Header().Get("Location"), nil)
			b.Do("POST", b.URL().Path+"/code", url.Values{"otp": {w.Code(w.U2.Email)}})
			time.Sleep(6 * time.Minute)
			b.Do("GET", w.RP1.Authorize(nil), nil)
			if to := b.Header().Get("Location"); !strings.Contains(to, "code=") {
				t.Errorf("six minutes after the code: %s", to)
			}
		}, hour)
	})
}

func TestAForgottenQuarantineOfAnotherIsNotAskedAbout(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("shared")
		viaSocial(b.Open(w.RP1.Login()), w.Carla).WantStep("otp") // and she walks away
		tab := b.Tab("dora")
		tab.Open(w.RP1.Login())
		tab.Post(tab.URL(), tab.URL().Path+"/password", url.Values{"username": {w.U2.Username}, "password": {w.U2.Password}})
		dora := w.RP1.Last()
		time.Sleep(2 * time.Minute)
		tab.Open(w.RP1.Login("prompt", "login", "id_token_hint", dora.RawIDToken()))
		want(t, "error, although dora is there to sign in", w.RP1.Last().Error, "")
		tab.Open(w.RP1.Login("prompt", "login")).WantStep("login")
	})
}

func TestImagesOnAHostilePageShutNobodyOut(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for range 201 {
			img, err := http.NewRequest(http.MethodGet, w.RP1.Authorize(nil), nil)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"} {
				img.Header.Set(k, v)
			}
			if _, err := w.Net.RoundTrip(img); err != nil { // from 198.51.100.9
				t.Fatal(err)
			}
			time.Sleep(60 * time.Millisecond)
		}
		b := w.Browser("colleague")
		b.IP = "198.51.100.9"
		b.Open(w.RP1.Login()).WantStep("login")
	})
}
