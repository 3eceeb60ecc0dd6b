package cases

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// mobile is everybody's number here.
const mobile = "+393331234567"

// phoneRoad is a way by which a code goes to a number.
type phoneRoad struct {
	name, channel string
	own           bool // the number is an own factor, proved by both channels
}

var phoneRoads = []phoneRoad{
	{"a contact by SMS", "sms", false}, {"a contact by WhatsApp", "whatsapp", false},
	{"an own number by SMS", "sms", true}, {"an own number by WhatsApp", "whatsapp", true},
}

func onPhoneRoads(t *testing.T, in func(*testing.T, func(*arena), ...servertest.Option), f func(*arena, phoneRoad)) {
	for _, r := range phoneRoads {
		t.Run(r.name, func(t *testing.T) {
			in(t, func(a *arena) {
				if r.own {
					a.AddNumber(a.V, mobile, "sms", "whatsapp")
				} else {
					a.OnFile(a.V, mobile)
				}
				f(a, r)
			}, servertest.ByPhone())
		})
	}
}

// ask brings a browser of somebody who knows vera's password to the page that asks by the road.
func (r phoneRoad) ask(a *arena, b *servertest.Browser) *servertest.Browser {
	a.t.Helper()
	b.Open(a.RP1.Login("acr_values", "mfa"))
	if b.Step() == "login" {
		b.SignIn(a.V)
	}
	b.WantStep("otp")
	return r.choose(b)
}

func (r phoneRoad) choose(b *servertest.Browser) *servertest.Browser {
	way := map[string]string{"sms": "Send a text message to ••• ••• 567", "whatsapp": "Send it by WhatsApp to ••• ••• 567"}[r.channel]
	if b.Offers(way) { // else it is the one that is asked already
		b.Click(way).WantStep("otp")
	}
	return b
}

func (r phoneRoad) code(a *arena) string { return a.CodeTo(mobile, r.channel) }

// F01, F06: of fifty who send one code at once, to two instances, one gets in.
func TestRaceF06OfFiftyEntriesOfOneCodeToANumberOneGetsIn(t *testing.T) {
	onPhoneRoads(t, inArenas, func(a *arena, r phoneRoad) {
		b := r.ask(a, a.Browser("vera"))
		all := []asked{{b, r.code(a)}}
		if !r.own { // a session for each window, as for mail
			for range 3 {
				twin := a.Browser("vera")
				a.SignedIn(twin, a.RP2, a.V)
				carry(b, twin, "__Host-soglia_browser")
				twin.Open(b.URL().String()).WantStep("otp")
				all = append(all, asked{r.choose(twin), all[0].code})
			}
			all[0].code = r.code(a)
			for i := range all {
				all[i].code = all[0].code
			}
		}
		before := len(a.Records("mfa.ok"))
		answers := a.atOnce(50, func(i int, p *prober) *answer { return p.send(all[i%len(all)].form()) })
		won := 0
		for _, got := range answers {
			if got.status == http.StatusSeeOther && newSession(got) {
				won++
			}
		}
		want(a.t, "new sessions", won, 1)
		want(a.t, "records of success", len(a.Records("mfa.ok"))-before, 1)
		want(a.t, "pauses", len(a.Records("mfa.paused")), 0)
	})
}

// F06: of fifty who confirm a number at once one switches it on, and there is one factor and one contact.
func TestRaceF06OfFiftyConfirmationsOfANumberOneSwitchesItOn(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("vera")
		a.SignedIn(b, a.RP1, a.V, "acr_values", "mfa")
		b.Open(here + "/account/factors/enrol?method=sms").WantStep("enrol_number")
		b.FillID("number", mobile).Submit("number-submit").WantStep("enrol_code")
		q := asked{b, a.CodeTo(mobile, "sms")}
		answers := a.atOnce(50, func(_ int, p *prober) *answer { return p.send(q.form()) })
		won := 0
		for _, got := range answers {
			if newSession(got) {
				won++
			}
		}
		want(a.t, "new sessions", won, 1)
		want(a.t, "records", len(a.Records("factor.added")), 1)
		row, err := a.Store.Person(a.t.Context(), a.V.ID)
		if err != nil {
			a.t.Fatal(err)
		}
		want(a.t, "factors", len(row.Factors), 1)
		want(a.t, "contacts", len(row.Contacts), 2)
	}, servertest.ByPhone())
}

// F07: ten sessions ask at once, on both instances, and the gateway sees one.
func TestRaceF07OfTenSessionsThatAskANumberAtOnceOneIsSentIt(t *testing.T) {
	onPhoneRoads(t, inArenas, func(a *arena, r phoneRoad) {
		windows := make([]*servertest.Browser, 10)
		for i := range windows {
			windows[i] = r.ask(a, a.Browser("vera"))
		}
		before := len(a.Sent(mobile, r.channel))
		want(a.t, "sent while they came", before, 1)
		time.Sleep(61 * time.Second)
		a.atOnce(len(windows), func(i int, p *prober) *answer {
			return p.send(submitted(windows[i], windows[i].URL().Path+"/send", "way", asked{b: windows[i]}.way()))
		})
		want(a.t, "sent", len(a.Sent(mobile, r.channel))-before, 1)
	})
}

// F07: the cap of an hour is the channel's own, whoever asks and wherever.
func TestF07ANumberGetsSoManyCodesAnHourByEachChannel(t *testing.T) {
	onPhoneRoads(t, inTurned, func(a *arena, r phoneRoad) {
		most := map[string]int{"sms": 5, "whatsapp": 6}[r.channel]
		known := a.Browser("vera")
		for i := range most + 2 {
			b := known
			if i%2 == 1 {
				b = a.Browser(fmt.Sprint("somebody ", i))
			}
			r.ask(a, b)
			time.Sleep(61 * time.Second)
		}
		// Half of the day's are kept for known browsers, and these are none.
		if got := len(a.Sent(mobile, r.channel)); got > most || got < most-2 {
			a.t.Errorf("%d sent, at most %d an hour", got, most)
		}
	})
}

// F06, F15: a code is worthless in another transaction, for another purpose, by another channel and at another recipient.
func TestF06F15ACodeToANumberIsWorthlessElsewhere(t *testing.T) {
	onPhoneRoads(t, inTurned, func(a *arena, r phoneRoad) {
		mine, his := r.ask(a, a.Browser("vera")), a.Browser("attacker")
		code := r.code(a)
		forged := func(what string, b *servertest.Browser) {
			a.t.Helper()
			time.Sleep(time.Second)
			got := a.prober(0).send(asked{b, code}.form())
			want(a.t, what, got.status, http.StatusUnprocessableEntity)
			want(a.t, what+": a session", newSession(got), false)
		}
		forged("his own transaction", r.ask(a, his))
		other := phoneRoad{channel: map[string]string{"sms": "whatsapp", "whatsapp": "sms"}[r.channel], own: r.own}
		q := asked{mine, code}
		way := strings.Replace(q.way(), r.channel+":", other.channel+":", 1)
		got := a.prober(0).send(submitted(mine, mine.URL().Path+"/code", "otp", code, "way", way))
		want(a.t, "named as one of the other channel", got.status, http.StatusUnprocessableEntity)
		want(a.t, "named so: a session", newSession(got), false)
		mine.GiveCode(code)
		want(a.t, "where it was asked for", a.RP1.Last().Acr(), "mfa")
	})
}

// inTurned is inTurns as the roads want it.
func inTurned(t *testing.T, f func(*arena), opts ...servertest.Option) {
	inTurns(t, func(_ *testing.T, a *arena) { f(a) }, opts...)
}
