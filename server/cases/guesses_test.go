package cases

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// F03: a hundred guesses from twenty fresh sessions with three spellings of the name, fifty invented addresses and both
// instances are ten guesses. The right code is refused like a wrong one meanwhile, a restart forgets nothing, and other
// people and the pause's end are as if nothing had been.
func TestF03AHundredGuessesAreTenWhereverTheyComeFrom(t *testing.T) {
	inArenas(t, func(a *arena) {
		spellings := []string{a.U1.Username, strings.ToUpper(a.U1.Username), "  " + strings.ToUpper(a.U1.Email)}
		text := ""
		for i := range 20 {
			b := a.Browser("guesser")
			b.Open(a.RP1.Login()).WantStep("login").FillID("username", spellings[i%3]).FillID("password", a.U1.Password).Submit("login-submit").WantStep("otp")
			for j := range 5 {
				q := submitted(b, b.URL().Path+"/code", "otp", never(a.U1))
				if n := i*5 + j; n%2 == 0 {
					q.header.Set("X-Forwarded-For", fmt.Sprintf("10.0.0.1, 203.0.113.%d", n))
				}
				got := a.prober(i*5 + j).send(q)
				want(a.t, "a guess", got.says(), "422 otp")
				_, said, _ := strings.Cut(got.body, `id="error-text"`)
				said, _, _ = strings.Cut(said, "<")
				if text == "" {
					text = said
				}
				want(a.t, "what a guess is told", said, text)
			}
		}
		reasons := map[string]int{}
		for _, ev := range a.Records("mfa.fail") {
			reasons[ev.Reason]++
			want(a.t, "whose", ev.PersonID, a.U1.ID)
		}
		want(a.t, "guesses that were looked at, and not", fmt.Sprint(reasons), "map[paused:90 wrong:10]")
		want(a.t, "pauses", len(a.Records("mfa.paused")), 1)
		recorded(a.t, a.World, "mfa.paused", storage.Event{Outcome: "fail", Reason: "totp", ClientID: a.RP1.Client, PersonID: a.U1.ID})
		told := 0
		for _, m := range a.Mails(a.U1.Email) {
			if strings.HasPrefix(m.Subject, "Too many wrong codes") {
				told++
			}
		}
		want(a.t, "mails", told, 1)

		right := func(what string) {
			a.t.Helper()
			time.Sleep(time.Second) // records are in the order of time
			b := a.Browser("ugo").Open(a.RP1.Login()).SignIn(a.U1)
			got := a.prober(0).send(submitted(b, b.URL().Path+"/code", "otp", a.U1.AppCode()))
			want(a.t, what, got.says(), "422 otp")
			if !strings.Contains(got.body, text) {
				a.t.Errorf("%s reads otherwise", what)
			}
			a.refusedCode(what, "paused", a.RP1, a.U1)
			want(a.t, what+": a session", newSession(got), false)
		}
		right("the right code during the pause")
		restarted := a.Second()
		a.Route(func(*http.Request) *server.Server { return restarted })
		time.Sleep(14 * time.Minute)
		right("the right code after a restart")
		want(a.t, "somebody else", a.SignedIn(a.Browser("dora"), a.RP1, a.U2, "acr_values", "mfa").Acr(), "mfa")
		time.Sleep(2 * time.Minute)
		want(a.t, "after the pause", a.SignedIn(a.Browser("ugo"), a.RP1, a.U1).Acr(), "mfa")
	})
}

// never is six digits that the app shows at no time that matters here.
func never(p *servertest.Person) string {
	taken := map[string]bool{}
	for step := -2; step <= 2; step++ {
		taken[p.CodeAt(time.Now().Add(time.Duration(step)*30*time.Second))] = true
	}
	for n := range 6 {
		if code := fmt.Sprintf("%06d", n); !taken[code] {
			return code
		}
	}
	return ""
}
