package cases

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// E14: what each way of signing in is called in acr, amr (RFC 8176) and the claim that names channels, exactly; and the ID
// token, the introspection of the access token and a silent request of another panel all say the same.
func TestE14EachWayInIsCalledWhatItIs(t *testing.T) {
	required := servertest.With(func(f *config.File) { f.SecondFactor.Independent = "required" })
	for name, c := range map[string]struct {
		opts []servertest.Option
		in   func(a *arena, b *servertest.Browser)
		acr  string
		amr  string
		rest string // of urn:soglia:authn
	}{
		"password": {
			in:  func(a *arena, b *servertest.Browser) { a.SignedIn(b, a.RP1, a.U2) },
			acr: "sfa", amr: "pwd", rest: "<nil>",
		},
		"password, app": {
			in:  func(a *arena, b *servertest.Browser) { a.SignedIn(b, a.RP1, a.U1) },
			acr: "mfa", amr: "mfa otp pwd", rest: "<nil>",
		},
		"password, code of the reserve": {
			in: func(a *arena, b *servertest.Browser) {
				code := a.reserve(a.U1)
				b.Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp").Click("Use a recovery code").GiveCode(code)
			},
			acr: "mfa", amr: "mfa otp pwd", rest: "<nil>",
		},
		"password, code by e-mail": {
			in:  func(a *arena, b *servertest.Browser) { a.SignedIn(b, a.RP1, a.U2, "acr_values", "mfa") },
			acr: "mfa", amr: "mca mfa otp pwd", rest: "map[channels:[email]]",
		},
		"a password that the mailbox reset, code to that mailbox, preferred": {
			in: func(a *arena, b *servertest.Browser) {
				a.resets(a.U2)
				a.SignedIn(b, a.RP1, a.U2, "acr_values", "mfa")
			},
			acr: "mfa", amr: "mca otp pwd", rest: "map[channels:[email]]",
		},
		"social, code to the mailbox of the provider, preferred": {
			in:  (*arena).first,
			acr: "mfa", amr: "mca otp", rest: "map[channels:[email] idp:social]",
		},
		"social, later": {
			in: func(a *arena, b *servertest.Browser) {
				a.first(a.Browser("carla"))
				time.Sleep(time.Hour)
				b.Open(a.RP1.Login()).Click("Continue with Social").SignIn(a.Carla)
			},
			acr: "sfa", amr: "", rest: "map[idp:social]", // the provider's own amr says pwd: that is its word, not ours
		},
		"social, code to a mailbox of one's own, required": {
			opts: []servertest.Option{required},
			in: func(a *arena, b *servertest.Browser) {
				b.Open(a.RP1.Login()).Click("Continue with Social").SignIn(a.Carla).WantStep("contact")
				b.FillID("email", "carla@altrove.test").Submit("contact-submit").GiveCode(a.Code("carla@altrove.test"))
			},
			acr: "mfa", amr: "mca mfa otp", rest: "map[channels:[email] idp:social]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				a := &arena{World: w, t: t}
				b := w.Browser(name)
				c.in(a, b)
				got := w.RP1.Last()
				want(t, "acr", got.Acr(), c.acr)
				want(t, "amr", got.Amr(), c.amr)
				want(t, "the claim that names channels", fmt.Sprint(got.Claims["urn:soglia:authn"]), c.rest)
				if got.Token == nil {
					t.Fatal("no tokens")
				}
				token := a.prober(0).send(ofPanel(w.RP1, "/introspect", "token", got.Token.AccessToken)).body
				for _, claim := range []string{"acr", "amr", "auth_time", "urn:soglia:authn"} {
					want(t, claim+" of the access token", fmt.Sprint(member(t, token, claim)), fmt.Sprint(got.Claims[claim]))
				}
				b.Open(w.RP2.Login("prompt", "none"))
				want(t, "amr at another panel", w.RP2.Last().Acr()+" "+w.RP2.Last().Amr(), c.acr+" "+c.amr)
			}, c.opts...)
		})
	}
}

// member is a member of a JSON object, numbers as float64.
func member(t *testing.T, object, name string) any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(object), &all); err != nil {
		t.Fatalf("%v: %s", err, object)
	}
	return all[name]
}

// first is a first sign-in with the social provider.
func (a *arena) first(b *servertest.Browser) {
	a.t.Helper()
	b.Open(a.RP1.Login()).Click("Continue with Social").SignIn(a.Carla)
	b.GiveCode(a.Code(a.Carla.Email))
}

// resets gives a person a new password by a mailed link.
func (a *arena) resets(p *servertest.Person) {
	a.t.Helper()
	p.Password = "tre mele verdi nel cesto"
	want(a.t, "reset", a.prober(0).send(a.newPassword(p.Password)).says(), "303 /password/done")
}
