package cases

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// refusal is the whole page that answers a code, without the number of the request.
func (a *arena) refusal(what, reason string, b *servertest.Browser, p *servertest.Person, code string) string {
	a.t.Helper()
	time.Sleep(time.Second) // records are in the order of time
	q := submitted(b, b.URL().Path+"/code", "otp", code)
	q.header.Set("Accept-Language", "en")
	got := a.prober(0).send(q)
	want(a.t, what, got.says(), "422 otp")
	a.refusedCode(what, reason, a.RP1, p)
	return strings.ReplaceAll(got.body, got.header.Get("X-Request-Id"), "")
}

// said is the error on a page.
func said(body string) string {
	if m := errorText.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return ""
}

var errorText = regexp.MustCompile(`<p id="error-text">(?:<a [^>]*>)?([^<]*)<`)

// until is the moment that a text names as the end of a pause.
var until = regexp.MustCompile(`aused until (.*? at \d\d:\d\d \(\w+\))`)

// ends holds the end of a pause, as a text says it.
func (a *arena) ends(what, text string, at time.Time) {
	a.t.Helper()
	zone, err := time.LoadLocation(a.Config.Locales.Zone)
	if err != nil {
		a.t.Fatal(err)
	}
	said := until.FindStringSubmatch(text)
	if said == nil {
		a.t.Fatalf("%s names no end:\n%s", what, text)
	}
	want(a.t, what, said[1], at.In(zone).Format("2 January 2006 at 15:04 (MST)"))
}

// Q03: whoever has still to prove something reads the same of a wrong code, a replayed one and a right one that comes
// during a pause. The owner, signed in, reads of the pause and its end, on the page and in the mail.
func TestQ03ARefusedCodeReadsTheSameAndOnlyItsOwnerSeesThePause(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		owner := a.Browser("ugo")
		used := a.U1.AppCode()
		owner.Open(a.RP1.Login()).SignIn(a.U1).GiveCode(used)
		b := a.Browser("guesser").Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
		wrong := a.refusal("wrong", "wrong", b, a.U1, never(a.U1))
		for _, says := range []string{"That code didn’t work. Check it or wait for the next one", "sets its time automatically", "After many attempts, this method pauses for a while."} {
			if !strings.Contains(wrong, says) {
				t.Errorf("the page does not say %q", says)
			}
		}
		want(t, "a replay", a.refusal("replayed", "replayed", b, a.U1, used) == wrong, true)
		owner.Open(here + "/account/factors").WantStep("account_factors").WantText("In use")
		for range 9 {
			a.refusal("wrong", "wrong", b, a.U1, never(a.U1))
		}
		end := time.Now().Add(15 * time.Minute)
		want(t, "a right one during the pause", a.refusal("paused", "paused", b, a.U1, a.U1.AppCode()) == wrong, true)
		a.ends("the page", owner.Open(here+"/account/factors").WantStep("account_factors").Text(), end)
		mails := a.Mails(a.U1.Email)
		a.ends("the mail", mails[len(mails)-1].Text, end)
		time.Sleep(15 * time.Minute)
		owner.Open(here + "/account/factors").WantText("In use")
	})
}

// Q03: of mailed codes likewise.
func TestQ03MailedCodesRestTheSameWay(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		owner := a.Browser("dora")
		a.SignedIn(owner, a.RP1, a.U2)
		b := a.Browser("guesser")
		a.SignedIn(b, a.RP1, a.U2)
		b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		read := ""
		for n := range 10 {
			if n == 4 || n == 8 { // five would be the end of the code
				time.Sleep(time.Minute)
				b.Submit("resend").WantStep("otp")
			}
			read = said(a.refusal("wrong", "wrong", b, a.U2, wrong(a.Code(a.U2.Email))))
		}
		end := time.Now().Add(15 * time.Minute)
		want(t, "a wrong one", strings.HasPrefix(read, "That code didn’t work. Check the latest message: only the newest code works."), true)
		want(t, "the right one during the pause", said(a.refusal("paused", "paused", b, a.U2, a.Code(a.U2.Email))), read)
		a.ends("the page", owner.Open(here+"/account/factors").WantStep("account_factors").TextOf("sent-paused"), end)
	})
}
