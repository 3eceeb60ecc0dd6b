package walk

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// inside is the one sitting of a browser that has one.
func (w *walk) inside(own bool) (*browser, *sitting) {
	var all []*browser
	for _, br := range w.browsers {
		live := br.live(&w.book.yaml, time.Now())
		if len(live) == 1 && !live[0].waiting && (!own || live[0].who.app != nil && br.h.apps[live[0].who.app]) {
			all = append(all, br)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	br := pick(w, all)
	return br, br.live(&w.book.yaml, time.Now())[0]
}

// still is the one sitting of a browser now: on the way to a page of the account somebody else may have signed in. nil = there is
// not one alone.
func (w *walk) still(br *browser) *sitting {
	live := br.live(&w.book.yaml, time.Now())
	if len(live) != 1 {
		return nil
	}
	return live[0]
}

// account opens a page of the account and answers what is asked before it.
func (w *walk) account(br *browser, path, step string) bool {
	for range 2 {
		br.Open(here("/account" + path))
		w.after(br)
		w.drive(br, true)
		if w.failed || br.Step() == step {
			break
		}
	}
	return !w.failed && br.Step() == step
}

// switchOn switches the app on in the account.
func (w *walk) switchOn() {
	br, s := w.inside(false)
	if br == nil {
		return
	}
	one := func() bool { // is enough here; somebody else may have signed in on the way
		live := br.live(&w.book.yaml, time.Now())
		return s.who.app != nil || slices.ContainsFunc(live, func(s *sitting) bool { return s.who.app != nil })
	}
	for range 2 {
		if one() {
			return
		}
		add := "add-totp"
		if br.h.number != "" && w.chance(50) {
			add = "add-sms"
		}
		if !w.account(br, "/factors/new", "account_new") || !br.Has(add) || one() {
			return
		}
		w.note(br.Name, "%s in the account", add)
		br.Submit(add)
		w.after(br)
		w.drive(br, true)
	}
}

var removeIn = regexp.MustCompile(`href="(/account/factors/[^"]+/remove)"`)

// switchOff switches it off: that takes the app itself, and the password.
func (w *walk) switchOff() {
	br, s := w.inside(false)
	if br == nil || s.who.app == nil || !w.account(br, "/factors", "account_factors") {
		return
	}
	found := removeIn.FindStringSubmatch(string(br.Body()))
	if found == nil {
		return
	}
	if !w.account(br, strings.TrimPrefix(found[1], "/account"), "account_remove") {
		return
	}
	if s = w.still(br); s == nil || s.who.app == nil {
		return
	}
	if br.Has("password") {
		br.FillID("password", br.h.word)
	}
	p := s.who
	br.Submit("remove-submit")
	off := slices.ContainsFunc(br.Chain(), func(e servertest.Exchange) bool {
		return strings.Contains(e.URL, "done=removed") || strings.HasSuffix(e.URL, "/account/door")
	})
	w.note(br.Name, "switches the app of %s off: %d %s", p.name, br.Status(), br.Step())
	if off {
		fresh := slices.ContainsFunc(s.proofs, func(e *proof) bool {
			return e.app == p.app && time.Since(e.at) <= 5*time.Minute
		})
		if !fresh || p.password != "" && !br.h.right() {
			w.say("%s switched the app of %s off without using it", br.Name, p.name)
		}
		w.tally["app off"]++
		w.book.removeApp(p, time.Now())
		w.book.endAll(p)
	}
	w.after(br)
	if off {
		w.probe(p)
	}
}

// renewReserve gets new reserve codes.
func (w *walk) renewReserve() {
	br, _ := w.inside(true)
	if br == nil {
		return
	}
	for range 2 {
		if !w.account(br, "/factors", "account_factors") || !br.Has("recovery-renew") {
			return
		}
		br.Submit("recovery-renew")
		w.after(br)
		w.drive(br, true)
	}
}

// signOut signs out at the server, by a panel's hint or by the person's word.
func (w *walk) signOut() {
	br := pick(w, w.browsers)
	t := w.someTokens(func(t *tokens) bool { return slices.Contains(br.sits, t.sit) && t.id != "" })
	if t != nil && w.chance(60) {
		br.Open(here("/end_session") + "?id_token_hint=" + url.QueryEscape(t.id))
	} else {
		br.Open(here("/end_session"))
	}
	if br.Has("logout-confirm") {
		br.Submit("logout-confirm")
	}
	w.note(br.Name, "signs out: %d %s", br.Status(), br.Step())
	if br.Status() < 400 && br.Step() == "logged_out" {
		w.tally["signed out"]++
		for _, s := range br.sits {
			s.ended = s.ended || !s.waiting
		}
	}
	w.pump(br)
	if t != nil {
		w.probe(t.who)
	}
}

// everywhere signs out of all browsers.
func (w *walk) everywhere() {
	br, _ := w.inside(false)
	if br == nil || !w.account(br, "/sessions", "account_sessions") {
		return
	}
	s := w.still(br)
	if s == nil {
		return
	}
	br.Submit("sign-out-everywhere")
	w.note(br.Name, "signs %s out everywhere: %s", s.who.name, br.Step())
	if br.Status() < 400 && br.Step() == "logged_out" {
		w.book.endAll(s.who)
	}
	w.pump(br)
	w.probe(s.who)
}
