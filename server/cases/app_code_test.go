package cases

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// refusedCode holds the newest refusal of a code against its reason.
func (a *arena) refusedCode(what, reason string, rp *servertest.RP, p *servertest.Person) {
	a.t.Helper()
	a.t.Log(what)
	recorded(a.t, a.World, "mfa.fail", storage.Event{Outcome: "fail", Reason: reason, ClientID: rp.Client, PersonID: p.ID})
}

// F01: a code of the app opens one thing once, wherever it is typed again, and none that is older than the last one used.
func TestF01ACodeOfTheAppIsGoodOnceWhereverItIsTypedAgain(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("ugo")
		code := a.U1.AppCode()
		b.Open(a.RP1.Login()).SignIn(a.U1).GiveCode(code)
		want(a.t, "the first time", a.RP1.Last().Acr(), "mfa")
		answers := a.RP1.Answers() + a.RP2.Answers()
		replayed := func(what string, at *servertest.Browser, rp *servertest.RP, code string) {
			a.t.Helper()
			time.Sleep(time.Second) // records are in the order of time
			before := len(a.Records("mfa.fail"))
			at.WantStep("otp").FillID("otp", code).Submit("otp-submit").WantStatus(http.StatusUnprocessableEntity)
			want(a.t, what+": reads as a wrong one", strings.HasPrefix(at.TextOf("error-text"), "That code didn’t work. Check it or wait for the next one"), true)
			a.refusedCode(what, "replayed", rp, a.U1)
			want(a.t, what+": records", len(a.Records("mfa.fail"))-before, 1)
			want(a.t, what+": answers", a.RP1.Answers()+a.RP2.Answers(), answers)
		}
		replayed("a step-up in the same session", b.Tab("step-up").Open(a.RP1.Login("prompt", "login", "acr_values", "mfa")).FillID("password", a.U1.Password).Submit("login-submit"), a.RP1, code)
		for _, name := range []string{"one", "two"} { // one request after the other: both instances
			replayed("another session "+name, a.Browser(name).Open(a.RP2.Login()).SignIn(a.U1), a.RP2, code)
		}
		time.Sleep(31 * time.Second)
		next := a.Browser("next").Open(a.RP2.Login()).SignIn(a.U1)
		replayed("still within the drift", next, a.RP2, code)
		ahead := a.U1.CodeAt(time.Now().Add(30 * time.Second))
		next.GiveCode(ahead)
		answers++
		want(a.t, "a clock that is ahead", a.RP2.Last().Acr(), "mfa")
		replayed("an earlier one after a later", a.Browser("late").Open(a.RP2.Login()).SignIn(a.U1), a.RP2, a.U1.AppCode())
		replayed("the later one itself", a.Browser("late").Open(a.RP2.Login()).SignIn(a.U1), a.RP2, ahead)
		want(a.t, "pauses by replays", len(a.Records("mfa.paused")), 0)
	})
}

// F12: what people and keyboards make of six digits is read as those; what is none is a wrong code, never a fault.
func TestF12CodesAsPeopleTypeThem(t *testing.T) {
	digits := func(zero rune) func(string) string {
		return func(c string) string { return strings.Map(func(r rune) rune { return r - '0' + zero }, c) }
	}
	for name, c := range map[string]struct {
		typed func(string) string
		drift time.Duration
		ok    bool
	}{
		"as shown":       {typed: func(c string) string { return c }, ok: true},
		"one step late":  {typed: func(c string) string { return c }, drift: -30 * time.Second, ok: true},
		"one step ahead": {typed: func(c string) string { return c }, drift: 30 * time.Second, ok: true},
		"two late":       {typed: func(c string) string { return c }, drift: -60 * time.Second},
		"two ahead":      {typed: func(c string) string { return c }, drift: 60 * time.Second},
		"in groups":      {typed: func(c string) string { return " " + c[:3] + " " + c[3:] + " " }, ok: true},
		"full width":     {typed: digits('０'), ok: true},
		"Arabic":         {typed: digits('٠'), ok: true},
		"seven digits":   {typed: func(c string) string { return c + "0" }},
		"five digits":    {typed: func(c string) string { return c[:5] }},
		"empty":          {typed: func(string) string { return "" }},
		"letters":        {typed: func(string) string { return "abcdef" }},
		"negative":       {typed: func(c string) string { return "-" + c[1:] }},
		"1 kB":           {typed: func(c string) string { return strings.Repeat("1", 1024) }},
	} {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				b := a.Browser("ugo").Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
				got := a.prober(0).send(submitted(b, b.URL().Path+"/code", "otp", c.typed(a.U1.CodeAt(time.Now().Add(c.drift)))))
				if !c.ok {
					want(t, "answer", got.says(), "422 otp")
					a.refusedCode(name, "wrong", a.RP1, a.U1)
				} else {
					want(t, "answer", got.status, http.StatusSeeOther)
					recorded(t, a.World, "mfa.ok", storage.Event{Outcome: "ok", Reason: "totp", ClientID: a.RP1.Client, PersonID: a.U1.ID})
				}
				want(t, "a session", newSession(got), c.ok)
			})
		})
	}
	inTurns(t, func(t *testing.T, a *arena) { // of several values the first counts, under its own name only; broken text is no form
		b := a.Browser("ugo").Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
		page, right := b.URL().Path+"/code", a.U1.AppCode()
		for body, says := range map[string]string{
			"otp=" + never(a.U1) + "&otp=" + right: "422 otp", "otp%5B%5D=" + right: "422 otp", "otp%5B0%5D=" + right: "422 otp", "OTP=" + right: "422 otp",
			"code=" + right: "422 otp", "": "422 otp", "otp=" + right + "%ff": "400 invalid_request", "otp=" + right + "%00": "400 invalid_request", "otp=%zz": "400 invalid_request",
		} {
			q := submitted(b, page)
			q.body += "&" + body
			got := a.prober(0).send(q)
			want(t, body, got.says(), says)
			want(t, body+": a session", newSession(got), false)
		}
		want(t, "records of success", len(a.Records("mfa.ok")), 0)
	})
}
