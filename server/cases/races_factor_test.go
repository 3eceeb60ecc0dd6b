package cases

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

var hiddenWay = regexp.MustCompile(`name="way" value="([^"]*)"`)

// asked is a browser at the page of a second step, with the code that this page wants.
type asked struct {
	b    *servertest.Browser
	code string
}

// form is the page's own form.
func (q asked) form() probe {
	return submitted(q.b, q.b.URL().Path+"/code", "otp", q.code, "way", q.way())
}

// way is which of the person's ways the page is about.
func (q asked) way() string {
	if m := hiddenWay.FindStringSubmatch(string(q.b.Body())); m != nil {
		return m[1]
	}
	return ""
}

// A code is good once: in one window that sends it many times, and in four browsers that all know the password. Whoever
// loses is shown the same page, or sent back to it because the session has a new secret, and nobody is locked out by it.
func TestRaceOfRivalsWithOneCodeOfAFactorOneGetsIn(t *testing.T) {
	pages := map[string]func(a *arena) []asked{
		"of the app": func(a *arena) []asked {
			var all []asked
			for range 4 {
				b := a.Browser("ugo")
				b.Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
				all = append(all, asked{b, a.U1.AppCode()})
			}
			return all
		},
		"by e-mail": func(a *arena) []asked {
			// One request, but a session for each window: a rival must lose by the code, not because a session changed
			// under it.
			b := a.Browser("dora")
			a.SignedIn(b, a.RP1, a.U2)
			b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
			all := []asked{{b, a.Code(a.U2.Email)}}
			for range 3 {
				twin := a.Browser("dora")
				a.SignedIn(twin, a.RP1, a.U2)
				carry(b, twin, "__Host-soglia_browser")
				twin.Open(b.URL().String()).WantStep("otp")
				all = append(all, asked{twin, all[0].code})
			}
			return all
		},
		"in reserve": func(a *arena) []asked {
			code := a.reserve(a.U1)
			var all []asked
			for range 4 {
				b := a.Browser("ugo")
				b.Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp").Click("Use a recovery code").WantStep("otp")
				all = append(all, asked{b, code})
			}
			return all
		},
	}
	inArenas(t, func(a *arena) {
		for name, ask := range pages {
			all, before := ask(a), len(a.Records("mfa.ok"))
			answers := a.atOnce(rivals, func(i int, p *prober) *answer { return p.send(all[i%len(all)].form()) })
			won := 0
			for _, got := range answers {
				switch says := got.says(); {
				case got.status == http.StatusSeeOther && newSession(got):
					won++
				case says == "422 otp", strings.HasPrefix(says, "303 /login/") && !newSession(got):
				default:
					a.t.Errorf("%s: a rival was answered %q", name, says)
				}
			}
			want(a.t, name+": new sessions", won, 1)
			want(a.t, name+": records of success", len(a.Records("mfa.ok"))-before, 1)
			want(a.t, name+": pauses", len(a.Records("mfa.paused")), 0)
		}
	})
}

func newSession(got *answer) bool {
	for _, c := range got.cookies {
		if c.Name == "__Host-soglia_session" && c.Value != "" {
			return true
		}
	}
	return false
}

// reserve gives a person reserve codes and returns one of them.
func (a *arena) reserve(p *servertest.Person) string {
	a.t.Helper()
	ctx := context.Background()
	box, err := secret.NewBox(a.Config.MasterKey)
	if err != nil {
		a.t.Fatal(err)
	}
	factors := mfa.New(box, func() *config.Config { return a.Config }, nil)
	row, err := a.Store.Person(ctx, p.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := factors.NewRecoveryCodes(ctx, a.Store, row, time.Now())
	if err == nil {
		err = a.Store.Tx(ctx, func(r storage.Records) error {
			return factors.ConfirmRecoveryCodes(ctx, r, row, made.Ticket, made.Codes[0], time.Time{}, time.Now())
		})
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return made.Codes[1]
}

// F07 among windows: whoever presses "send again" loses but one, on whichever instance, and one code leaves.
func TestRaceF07OfRivalsWhoWantTheCodeAgainOneIsSentIt(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		page := b.URL().Path
		want(a.t, "codes", a.Codes(a.U2.Email), 1)
		time.Sleep(61 * time.Second)
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer { return p.send(submitted(b, page+"/send")) })
		a.tally("wishes", answers, map[string]int{"303 " + page: 1, "429 otp": rivals - 1})
		want(a.t, "codes", a.Codes(a.U2.Email), 2)
		want(a.t, "records of codes sent", len(a.Records("mfa.sent")), 2)
	})
}

// A factor goes while others prove it. Either the removal came last, and nobody is let in by the factor any more, or it
// was told that the account changed under it and the factor is still there; never half of each.
func TestRaceOfARemovalAndOfStepsWithTheFactorLeavesNobodyInByIt(t *testing.T) {
	inArenas(t, func(a *arena) {
		row, err := a.Store.Person(context.Background(), a.U1.ID)
		if err != nil {
			a.t.Fatal(err)
		}
		remove := "/account/factors/" + row.Factors[0].ID + "/remove"
		owner := a.Browser("ugo")
		a.SignedIn(owner, a.RP1, a.U1, "acr_values", "mfa")
		time.Sleep(time.Minute)
		owner.Open(here + remove).WantStep("account_remove")
		all := make([]asked, 4)
		for i := range all {
			b := a.Browser("another")
			b.Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
			all[i] = asked{b, a.U1.CodeAt(time.Now().Add(time.Duration(i-1) * 30 * time.Second))} // three are good, at best
		}
		answers := a.atOnce(len(all)+1, func(i int, p *prober) *answer {
			if i < len(all) {
				return p.send(all[i].form())
			}
			return p.send(submitted(owner, remove, "password", a.U1.Password))
		})
		removal := answers[len(all)]
		gone := strings.HasSuffix(removal.header.Get("Location"), "done=removed")
		row, err = a.Store.Person(context.Background(), a.U1.ID)
		if err != nil {
			a.t.Fatal(err)
		}
		want(a.t, "the factor is gone", len(row.Factors) == 0, gone)
		want(a.t, "records of the removal", len(a.Records("factor.removed")) == 1, gone)
		for i, one := range all {
			for _, c := range answers[i].cookies {
				one.b.SetCookie(servertest.SSO, c)
			}
			before := a.RP1.Answers()
			one.b.Open(a.RP1.Login("prompt", "none", "acr_values", "mfa", "scope", "openid dns"))
			if a.RP1.Answers() != before+1 {
				a.t.Fatal("no answer to a silent request")
			}
			if last := a.RP1.Last(); gone && last.Error == "" {
				a.t.Errorf("the factor is gone, and yet it makes %s with %q", last.Acr(), last.Scope)
			}
		}
	})
}

// G12: of rivals who finish a swap one does, whatever else the person does in the same moment, and whoever looks sees the account
// with its factor: the old one or the new one.
func TestRaceG12OfRivalsWhoFinishASwapOneDoesAndTheAccountHasAFactorAllTheWhile(t *testing.T) {
	inArenas(t, func(a *arena) {
		const mobile = "+393331234567"
		a.AddNumber(a.U2, mobile, "sms")
		factors := func() []*storage.Factor {
			row, err := a.Store.Person(context.Background(), a.U2.ID)
			if err != nil {
				a.t.Error(err)
				return nil
			}
			return row.Factors
		}
		b := a.Browser("dora")
		b.Open(a.RP1.Login()).SignIn(a.U2).WantStep("otp").GiveCode(a.CodeTo(mobile, "sms"))
		time.Sleep(2 * time.Minute)
		base := "/account/factors/" + factors()[0].ID
		b.Open(here + base + "/swap").WantStep("otp").GiveCode(a.CodeTo(mobile, "sms")).WantStep("account_swap").Submit("swap-totp").WantStep("enrol_totp")
		app := &servertest.Person{Key: keyOn(b)}
		ticket := regexp.MustCompile(`name="ticket" value="([^"]+)"`).FindStringSubmatch(string(b.Body()))[1]

		var watch sync.WaitGroup
		done := make(chan struct{})
		watch.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if seen := factors(); len(seen) != 1 {
					a.t.Errorf("%d factors", len(seen))
					return
				}
			}
		})
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer {
			return p.send(submitted(b, base+"/swap/enrol/confirm", "method", "totp", "ticket", ticket, "otp", app.AppCode()))
		})
		close(done)
		watch.Wait()
		won := 0
		for _, got := range answers {
			if strings.HasPrefix(got.says(), "303 /account/door") {
				won++
			}
		}
		want(a.t, "swaps", won, 1)
		left := factors()
		if len(left) != 1 || left[0].Method != "totp" {
			a.t.Errorf("%d factors: %+v", len(left), left)
		}
		want(a.t, "records of the old one", len(a.Records("factor.removed")), 1)
		want(a.t, "records of the new one", len(a.Records("factor.added")), 1)
		b.Open(here + "/account").WantStep("login")
	}, servertest.ByPhone())
}
