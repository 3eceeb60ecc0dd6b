package walk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// secondStep answers a page that asks for a code, of the app, of the reserve or out of a mailbox.
func (w *walk) secondStep(br *browser, orderly bool) {
	switch {
	case !br.Has("otp") && br.Has("resend"):
		time.Sleep(time.Minute)
		w.note(br.Name, "asks for a code")
		br.Submit("resend")
		w.after(br)
		return
	case !br.Has("otp"):
		w.note(br.Name, "paused: %s", br.Text())
		w.decline(br)
		return
	case orderly:
	case w.chance(5) && w.decline(br):
		return
	case w.chance(12) && br.Offers(switchAppOn):
		w.note(br.Name, "wants the app instead")
		br.Click(switchAppOn)
		w.after(br)
		return
	case w.chance(12) && br.h.number != "" && br.Offers(switchTextsOn):
		w.note(br.Name, "wants codes by text message instead")
		br.Click(switchTextsOn)
		w.after(br)
		return
	case w.chance(20) && w.otherChannel(br):
		return
	case w.chance(12) && br.Offers("Use a recovery code"):
		br.Click("Use a recovery code")
		w.after(br)
		return
	case w.chance(4) && br.Has("connect") && br.h.who != nil && br.h.who.password != "":
		br.Submit("connect")
		w.after(br)
		return
	}
	switch {
	case br.Has("resend") && endIn.MatchString(br.TextOf("lead")):
		w.phoned(br, orderly)
	case br.Has("resend"):
		w.mailed(br, orderly)
	case strings.Contains(string(br.Body()), `inputmode="numeric"`):
		w.ownApp(br, orderly)
	default:
		w.reserve(br)
	}
}

// give types a code and reports whether it was taken.
func (w *walk) give(br *browser, code string) bool {
	br.FillID("otp", code).Submit("otp-submit")
	return br.Status() < 400
}

// ledBack says that the browser stands where a person signs in anew: the session, the quarantine or the request that a form
// belonged to is over, and nothing of the form was taken.
func (br *browser) ledBack() bool {
	return slices.Contains([]string{"login", "account_door", "gone"}, br.Step())
}

// wrongly tries a code that is none.
func (w *walk) wrongly(br *browser, right ...string) {
	code := "000000"
	for slices.Contains(right, code) {
		code = fmt.Sprintf("%06d", w.dice.IntN(1_000_000))
	}
	w.note(br.Name, "a wrong code")
	if w.give(br, code) && !br.Has("otp") && !br.ledBack() {
		w.say("%s: a wrong code was taken", br.Name)
	}
	w.after(br)
	w.decline(br)
}

// proved writes a second step into every sitting of the browser that it can be one of.
func (w *walk) proved(br *browser, e *proof, of func(*person) bool) {
	for _, s := range br.live(&w.book.yaml, e.at) {
		if of(s.who) {
			s.proofs = append(s.proofs, e)
			w.book.first(s, e.at)
		}
	}
	if br.connect != nil {
		w.connected(br, e.at)
	}
}

func (w *walk) mailed(br *browser, orderly bool) {
	// The page hides most of the address, as of one of the account's; that of a newcomer who typed one stands there whole.
	mask := maskIn.FindStringSubmatch(br.TextOf("lead"))
	to := ""
	for _, a := range w.everyAddress() {
		local, host, _ := strings.Cut(a, "@")
		if mask != nil && mask[1] == local[:1] && mask[2] == host[:1] || mask == nil && strings.Contains(br.TextOf("lead"), a) {
			to = a
		}
	}
	code, request := w.codeFor(br, to, "email"), br.request()
	switch {
	case !orderly && w.chance(5), !br.h.reads[to]:
		w.wrongly(br, code)
		return
	case code == "":
		time.Sleep(time.Minute)
		w.note(br.Name, "no code came to %s: another one", to)
		br.Submit("resend")
		w.after(br)
		return
	}
	typed := strings.Contains(br.URL().Path, "/contact")
	ok := w.give(br, code)
	w.note(br.Name, "the code that went to %s: %d", to, br.Status())
	if ok {
		e := &proof{how: byMail, at: time.Now(), request: request}
		if typed {
			for _, s := range br.live(&w.book.yaml, e.at) {
				if s.waiting && s.who.contact(to) == nil {
					s.who.contacts = append(s.who.contacts, &contact{address: to, proved: true})
				}
			}
		}
		for _, s := range br.live(&w.book.yaml, e.at) {
			if c := s.who.contact(to); c != nil {
				c.proved = true
				each := *e
				each.contact = c
				w.proved(br, &each, func(p *person) bool { return p == s.who })
			}
		}
	} else {
		w.tally["code refused"]++
	}
	w.after(br)
}

func (w *walk) everyAddress() []string {
	var all []string
	for _, h := range w.humans {
		all = append(all, h.addresses()...)
	}
	return all
}

func (w *walk) ownApp(br *browser, orderly bool) {
	time.Sleep(31 * time.Second) // each code serves once
	var right []string
	var mine *app
	for _, s := range br.live(&w.book.yaml, time.Now()) {
		a := s.who.app
		if a == nil || a.number != "" {
			continue
		}
		for _, d := range []time.Duration{-60, -30, 0, 30, 60} {
			right = append(right, a.code(time.Now().Add(d*time.Second)))
		}
		if br.h.apps[a] {
			mine = a
		}
	}
	if mine == nil || !orderly && w.chance(5) {
		w.wrongly(br, right...)
		return
	}
	request := br.request()
	ok := w.give(br, mine.code(time.Now()))
	w.note(br.Name, "a code of the app: %d", br.Status())
	if ok {
		w.proved(br, &proof{how: byApp, at: time.Now(), request: request, app: mine}, func(p *person) bool { return p.app == mine })
	} else {
		w.tally["app refused"]++
	}
	w.after(br)
}

func (a *app) code(at time.Time) string { return (&servertest.Person{Key: a.key}).CodeAt(at) }

func (w *walk) reserve(br *browser) {
	var mine *app
	for _, s := range br.live(&w.book.yaml, time.Now()) {
		if a := s.who.app; a != nil && br.h.apps[a] && len(a.reserve) > 0 {
			mine = a
		}
	}
	if mine == nil {
		w.note(br.Name, "a reserve code that is none")
		if w.give(br, "aaaa-aaaa-aaaa-aaaa") && !br.ledBack() {
			w.say("%s: a reserve code that is none was taken", br.Name)
		}
		w.after(br)
		w.decline(br)
		return
	}
	if len(mine.spent) > 0 && w.chance(20) {
		w.note(br.Name, "a reserve code that was used")
		if w.give(br, mine.spent[0]) && !br.ledBack() {
			w.say("%s: a reserve code was taken twice", br.Name)
		}
		w.after(br)
		return
	}
	request := br.request()
	ok := w.give(br, mine.reserve[0])
	w.note(br.Name, "a reserve code: %d", br.Status())
	if ok {
		mine.reserve, mine.spent = mine.reserve[1:], append(mine.spent, mine.reserve[0])
		w.proved(br, &proof{how: byReserve, at: time.Now(), request: request, app: mine}, func(p *person) bool { return p.app == mine })
	}
	w.after(br)
}
