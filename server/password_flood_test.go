package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// L14: two hundred people sign in with passwords of 1024 bytes while every place to hash is taken. Nobody waits longer
// than two seconds, nobody is hashed beside the queue, nobody's attempt is counted, and what needs no hash is answered at
// once, on a pool of two connections.
func TestL14TwoHundredPasswordsAtOnceDelayNobodyElse(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		inside := w.Browser("inside")
		got := w.SignedIn(inside, w.RP1, w.V, "scope", "openid offline_access", "prompt", "consent")
		const crowd = 200
		form := url.Values{"username": {w.U2.Username}, "password": {strings.Repeat("Zx8!", 256)}}
		var tabs []*servertest.Browser
		for i := range crowd {
			b := w.Browser(strconv.Itoa(i))
			b.IP, b.Faults = "198.18."+strconv.Itoa(i)+".1", true
			tabs = append(tabs, b.Open(w.RP1.Login()).WantStep("login"))
		}
		before := w.Server.Hasher().Hashes()
		free := takeAll(t, w)
		begin := time.Now()
		took := make([]time.Duration, crowd)
		var all sync.WaitGroup
		for i, b := range tabs {
			all.Go(func() {
				b.Do(http.MethodPost, b.URL().Path+"/password", form)
				took[i] = time.Since(begin)
			})
		}
		synctest.Wait()

		var jwks struct{ Keys []any }
		w.Browser("keys").Open("https://" + servertest.SSO + "/jwks").JSON(&jwks)
		if len(jwks.Keys) == 0 {
			t.Error("no keys meanwhile")
		}
		if _, err := w.RP1.Refresh(got.Token.RefreshToken); err != nil {
			t.Errorf("refresh meanwhile: %v", err)
		}
		inside.Open(w.RP1.Login("prompt", "none"))
		if w.RP1.Last().Error != "" {
			t.Errorf("single sign-on meanwhile: %s", w.RP1.Last().Error)
		}
		if d := time.Since(begin); d != 0 {
			t.Errorf("they waited %v", d)
		}
		all.Wait()
		atOnce := 0
		for i, b := range tabs {
			if b.Status() != http.StatusServiceUnavailable || b.Header().Get("Retry-After") != "2" || b.TextOf("error-code") != "busy" {
				t.Errorf("%d: %d, Retry-After %q, %q", i, b.Status(), b.Header().Get("Retry-After"), b.TextOf("error-code"))
			}
			if took[i] == 0 {
				atOnce++
			} else if took[i] > 2*time.Second {
				t.Errorf("%d waited %v", i, took[i])
			}
		}
		if want := max(0, crowd-32*places); atOnce != want {
			t.Errorf("%d were turned away at once, want %d: the queue is bounded", atOnce, want)
		}
		if n := w.Server.Hasher().Hashes() - before; n != 0 {
			t.Errorf("%d hashes beside the places", n)
		}
		free()
		for _, b := range tabs[:4] { // and no attempt of the crowd was counted
			b.Faults = false
			b.Open("https://" + servertest.SSO + strings.TrimSuffix(b.URL().Path, "/password")).SignIn(&servertest.Person{Username: w.U2.Username, Password: "not the password at all"}).WantStatus(422)
		}
		w.SignedIn(w.Browser("dora"), w.RP1, w.U2)
		if most := w.Server.Hasher().Most(); most > int64(places) {
			t.Errorf("%d hashes at once, places for %d", most, places)
		}
	}, servertest.Pool(2))
}

// L14: the other places that hash say the same, and nothing of them is half done.
func TestL14ABusyServerHalfDoesNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ugo := w.Browser("ugo")
		w.SignedIn(ugo, w.RP1, w.U1)
		person, err := w.Store.Person(t.Context(), w.U1.ID)
		if err != nil {
			t.Fatal(err)
		}
		ugo.Open("https://" + servertest.SSO + "/account/factors/" + person.Factors[0].ID + "/remove").WantStep("account_remove")
		dora := w.Browser("dora").Open("https://" + servertest.SSO + "/forgot")
		dora.FillID("username", w.U2.Username).Submit("forgot-submit")
		link := regexp.MustCompile(`https://\S+/password/reset\?t=\S+`).FindString(w.Mails(w.U2.Email)[0].Text)
		dora.Open(link).WantStep("set_password")
		ugo.Faults, dora.Faults = true, true
		before := w.Dump()
		free := takeAll(t, w)
		for name, b := range map[string]*servertest.Browser{
			"switching a factor off": ugo.Tab("busy").Open(ugo.URL().String()).FillID("password", w.U1.Password).Submit("remove-submit"),
			"setting a password":     dora.Tab("busy").Open(dora.URL().String()).FillID("password", "nuvole basse sul lago").Submit("password-submit"),
		} {
			if b.Status() != http.StatusServiceUnavailable || b.Header().Get("Retry-After") != "2" {
				t.Errorf("%s: %d, Retry-After %q", name, b.Status(), b.Header().Get("Retry-After"))
			}
		}
		if w.Dump() != before {
			t.Error("something was half done")
		}
		free()
		dora.FillID("password", "nuvole basse sul lago").Submit("password-submit").WantStep("password_set")
		ugo.FillID("password", w.U1.Password).Submit("remove-submit").WantStep("account_door")
	})
}

var places = max(1, runtime.GOMAXPROCS(0)-1) + 1

// takeAll takes every place to hash.
func takeAll(t *testing.T, w *servertest.World) (free func()) {
	t.Helper()
	var done []func()
	for range places {
		p, err := w.Server.Hasher().Place(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, p.Done)
	}
	return func() {
		for _, d := range done {
			d()
		}
	}
}
