package cases

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

var mailedReset = regexp.MustCompile(`/password/reset\?t=(\S+)`)

// newPassword is the form behind a reset link that U2 has just been mailed.
func (a *arena) newPassword(password string) probe {
	a.t.Helper()
	a.Browser("forgetful").Open(here+"/forgot").FillID("username", a.U2.Username).Submit("forgot-submit").WantStep("forgot_sent")
	mails := a.Mails(a.U2.Email)
	found := mailedReset.FindStringSubmatch(mails[len(mails)-1].Text)
	if found == nil {
		a.t.Fatalf("no link in %q", mails[len(mails)-1].Subject)
	}
	b := a.Browser("link")
	b.Open(here + "/password/reset?t=" + found[1]).WantStep("set_password")
	return submitted(b, "/password/reset", "password", password)
}

// G02 among rivals on both instances: one sets the password, the others see the page of dead links.
func TestRaceG02OfRivalsWithOneResetLinkOneSetsThePassword(t *testing.T) {
	inArenas(t, func(a *arena) {
		form := a.newPassword("tre mele verdi nel cesto")
		answers := a.atOnce(16, func(_ int, p *prober) *answer { return p.send(form) })
		a.tally("uses of the link", answers, map[string]int{"303 /password/done": 1, "410 link_dead": 15})
		want(a.t, "records of the use", len(a.Records("pw.reset.used")), 1)
	})
}

// The person's word is one word: of two windows that say yes and no at once, the request goes by the one that was kept,
// and it is answered once.
func TestRaceOfConsentsOneIsKeptAndTheRequestIsAnsweredOnce(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		b.Open(a.RP2.Login()).SignIn(a.U2).WantStep("consent")
		page := b.URL().Path
		answers := a.atOnce(rivals, func(i int, p *prober) *answer {
			word := [2]string{"allow", "deny"}[i%2]
			return p.send(submitted(b, page+"/consent", "answer", word, "scopes", "openid email"))
		})
		for _, got := range answers {
			want(a.t, "a consent", got.status, http.StatusSeeOther)
		}
		given, denied := len(a.Records("consent.given")), len(a.Records("consent.denied"))
		want(a.t, "records of a word", given+denied, 1)

		id := page[len("/login/"):]
		const windows = 8 // a browser that comes more often than that within seconds is told that it loops
		answers = a.atOnce(windows, func(_ int, p *prober) *answer {
			return p.send(probe{method: http.MethodGet, target: "/authorize/" + id, header: head("Cookie", cookies(b))})
		})
		a.tally("ends of the request", answers, map[string]int{"200 leave": 1, "410 already_finished": windows - 1})
		for _, got := range answers {
			if got.status == http.StatusOK {
				want(a.t, "a code", strings.Contains(got.body, "code="), given == 1)
				want(a.t, "a refusal", strings.Contains(got.body, "error=access_denied"), denied == 1)
			}
		}
	}, servertest.With(asksAtPanel2))
}
