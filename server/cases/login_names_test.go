package cases

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// Q68: after wrong passwords on a user name, an e-mail address answers the same whether both are one account's or
// nobody's: at the sign-in page and where a social login is connected, from one address or another, before and after a
// wait, to a right password as to a wrong one.
func TestQ68AnAccountAtRestAnswersLikeNobody(t *testing.T) {
	for _, form := range []struct {
		name string
		ask  func(w *servertest.World, b *servertest.Browser, name, password string)
	}{
		{"sign-in", func(w *servertest.World, b *servertest.Browser, name, password string) {
			b.Open(w.RP1.Login()).FillID("username", name).FillID("password", password).Submit("login-submit")
		}},
		{"connecting a social login", func(w *servertest.World, b *servertest.Browser, name, password string) {
			if b.Open(w.RP1.Login()).Step() == "login" {
				b.Click("Continue with Social").SignIn(w.Carla)
			}
			b.Open(here + "/login/" + requestOf(b) + "/connect").WantStep("connect")
			b.FillID("username", name).FillID("password", password).Submit("login-submit")
		}},
	} {
		t.Run(form.name, func(t *testing.T) {
			watch := func(of func(w *servertest.World) (name, mail, password string)) (out []string) {
				servertest.Run(t, func(t *testing.T, w *servertest.World) {
					name, mail, password := of(w)
					mallory := w.Browser("mallory")
					see := func(b *servertest.Browser, typed, password string) {
						form.ask(w, b, typed, password)
						out = append(out, face(b, typed))
					}
					for range 6 {
						see(mallory, name, notThePassword)
					}
					see(mallory, mail, password)
					elsewhere := w.Browser("elsewhere")
					elsewhere.IP = "203.0.113.61"
					see(elsewhere, mail, password)
					for range 3 {
						see(elsewhere, mail, notThePassword)
					}
					time.Sleep(1500 * time.Millisecond)
					see(mallory, mail, notThePassword)
					see(mallory, name, notThePassword)
				})
				return out
			}
			nobody := watch(func(*servertest.World) (string, string, string) {
				return "niemand", "nobody@nowhere.test", notThePassword
			})
			for what, right := range map[string]bool{"a wrong password": false, "the right password": true} {
				somebody := watch(func(w *servertest.World) (string, string, string) {
					if right {
						return w.V.Username, w.V.Email, w.V.Password
					}
					return w.V.Username, w.V.Email, notThePassword
				})
				for i, got := range somebody {
					if got != nobody[i] {
						t.Errorf("%s, answer %d: %s", what, i+1, cmp.Diff(strings.Split(nobody[i], "\n"), strings.Split(got, "\n")))
					}
				}
			}
		})
	}
}

// Q68: the delay still protects the account over all its names, and the operator sees it.
func TestQ68TheRestHoldsOverAllNames(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		throttle(w, w.V)
		time.Sleep(time.Millisecond) // so that what follows is the newest record
		want(t, "the right password under the other name", guess(w, "203.0.113.62", w.V.Email, w.V.Password), 422)
		recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: "throttled_account", PersonID: w.V.ID, ClientID: "panel"})
		time.Sleep(time.Minute)
		want(t, "after the wait", guess(w, "203.0.113.62", w.V.Email, w.V.Password), 200)
	})
}

// Q68: mails that strangers ask for are no reason to refuse the owner one, who would learn of them by a status.
func TestQ68StrangersDoNotSpendTheOwnersMails(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		inside := w.Browser("inside")
		w.SignedIn(inside, w.RP1, w.V)
		for i := range 6 {
			b := w.Browser(fmt.Sprint("stranger", i))
			b.Open(here+"/forgot").FillID("username", w.V.Username).Submit("forgot-submit").WantStep("forgot_sent")
		}
		inside.Open(here + "/password").Submit("change-password")
		if inside.Status() != 200 {
			t.Errorf("the owner asks for the mail: %d", inside.Status())
		}
	})
}
