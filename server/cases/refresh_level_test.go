package cases

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// E13: whatever happens to the session afterwards, a grant's refreshed answers say of the sign-in what the first one said,
// or nothing; in the ID token, the access token and the introspection alike.
func TestE13ARefreshedAnswerNeverSaysAnythingFresher(t *testing.T) {
	says := func(t *testing.T, a *arena, got tokens) string {
		t.Helper()
		said := a.prober(0).send(ofPanel(a.RP1, "/introspect", "token", got.Access)).body
		var all []string
		for _, name := range []string{"acr", "amr", "auth_time", "sid", "sub"} {
			if v := fmt.Sprint(member(t, said, name)); got.ID != "" {
				want(t, name+" in both tokens", fmt.Sprint(member(t, payload(t, got.ID), name)), v)
			}
			all = append(all, fmt.Sprint(member(t, said, name)))
		}
		return strings.Join(all[:3], " ")
	}
	const nothing = "<nil> <nil> <nil>"
	later := map[string]struct {
		happens func(a *arena, b *servertest.Browser)
		silent  bool // afterwards nothing is said
	}{
		"time passes": {happens: func(*arena, *servertest.Browser) { time.Sleep(time.Hour) }},
		"the level rises": {happens: func(a *arena, b *servertest.Browser) {
			b.Open(a.RP1.Login("acr_values", "mfa"))
			if b.Step() == "otp" {
				b.GiveCode(a.Code(a.U2.Email))
			}
			want(a.t, "the session", a.RP1.Last().Acr(), "mfa")
		}},
		"a new sign-in": {happens: func(a *arena, b *servertest.Browser) {
			b.Open(a.RP1.Login("prompt", "login")).FillID("password", a.U2.Password).Submit("login-submit")
		}},
		"the session ends": {silent: true, happens: func(a *arena, b *servertest.Browser) {
			b.Open(a.RP1.SignOut()).WantStep("logout").Submit("logout-confirm")
		}},
	}
	for name, c := range later {
		for _, level := range []string{"sfa", "mfa"} {
			t.Run(name+", "+level, func(t *testing.T) {
				inTurns(t, func(t *testing.T, a *arena) {
					b := a.Browser("dora")
					a.SignedIn(b, a.RP1, a.U2, "acr_values", level)
					got := a.granted(b, a.RP1, "scope", "openid offline_access", "acr_values", level)
					before := says(t, a, got)
					if !strings.HasPrefix(before, level+" [") {
						t.Fatalf("at first: %s", before)
					}
					time.Sleep(2 * time.Minute)
					c.happens(a, b)
					for range 3 {
						time.Sleep(time.Minute)
						got = a.got(renewal(a.RP1, got.Refresh))
						after := says(t, a, got)
						if silent := c.silent && level != "sfa"; after != before && !silent || silent && (after != nothing || got.ID != "") {
							t.Errorf("first %q, then %q, ID token %v", before, after, got.ID != "")
						}
					}
					recorded(t, a.World, "token.refreshed", storage.Event{Outcome: "ok", ClientID: a.RP1.Client, PersonID: a.U2.ID})
				})
			})
		}
	}
}
