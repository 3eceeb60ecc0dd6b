package walk

import (
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// social signs in at the social provider, which may tell an address or not.
func (w *walk) social(br *browser) {
	l, email := br.h.login, br.h.email
	if w.chance(30) {
		email = ""
	}
	w.google.Now = servertest.Account{Subject: l.subject, Name: br.h.name, Email: email, Verified: true}
	request, now := br.request(), time.Now()
	br.Click("Continue with Google")
	defer w.after(br)
	if !slices.ContainsFunc(br.Chain(), func(e servertest.Exchange) bool {
		return strings.Contains(e.URL, "/callback/google") && e.Status/100 == 3
	}) {
		w.note(br.Name, "Google as %s: %d %s", l.subject, br.Status(), br.TextOf("error-code"))
		return
	}
	w.note(br.Name, "Google as %s, telling %q (linked to %v, proved %v)", l.subject, email, l.of != nil, l.proved)
	if email != "" {
		l.told = append(l.told, report{email, now})
	}
	if l.of == nil && !w.book.yaml.closed { // a newcomer: the account is made
		p := &person{name: "newcomer-" + l.subject}
		if email != "" {
			p.contacts = append(p.contacts, &contact{address: email, proved: true})
		}
		l.of, l.linked = p, now
		w.book.people = append(w.book.people, p)
	}
	e := &proof{how: bySocial, at: now, request: request, login: l}
	for _, p := range append(slices.Clone(l.may), l.of) {
		if p == nil || p.disabled {
			continue
		}
		s := w.place(br, p, l.proved)
		s.proofs = append(s.proofs, e)
	}
}

// place is where a person's social sign-in goes: the session, or a quarantine while it is not proved.
func (w *walk) place(br *browser, p *person, proved bool) *sitting {
	now := time.Now()
	for _, s := range br.live(&w.book.yaml, now) {
		if s.who == p && (s.waiting == !proved || proved && w.book.inside(s, now)) {
			return s
		}
	}
	s := &sitting{who: p, at: now, active: now, waiting: !proved}
	w.sit(br, s)
	return s
}

// typeAddress gives the newcomer's page an address.
func (w *walk) typeAddress(br *browser) {
	if w.chance(30) && br.Has("connect") && br.h.who != nil && br.h.who.password != "" {
		w.note(br.Name, "has an account already")
		br.Submit("connect")
		w.after(br)
		return
	}
	address := pick(w, br.h.addresses())
	w.note(br.Name, "types the address %s", address)
	br.FillID("email", address).Submit("contact-submit")
	w.after(br)
}

// addresses are the mailboxes of a human, in order.
func (h *human) addresses() []string {
	var all []string
	for a := range h.reads {
		all = append(all, a)
	}
	slices.Sort(all)
	return all
}

// connectAccount gives the password of the account that a login is to be connected to.
func (w *walk) connectAccount(br *browser) {
	h := br.h
	if h.word == "" || h.who == nil {
		return
	}
	w.note(br.Name, "connects to %s (right: %v)", h.who.name, h.right())
	request, now := br.request(), time.Now()
	waiting := slices.DeleteFunc(br.live(&w.book.yaml, now), func(s *sitting) bool { return !s.waiting })
	br.typePassword(h.who, h.word)
	// An account without anything to be the second step is signed in to, and not connected.
	switch ok := br.Status() < 400 || br.TextOf("error-code") == "connect_unproved"; {
	case ok && !h.right() && br.ledBack():
	case ok && !h.right():
		w.say("%s connects to %s with a password that is none", br.Name, h.who.name)
	case ok:
		w.password(br, h.who, request)
		for _, s := range waiting {
			s.ended = false // until the connection is made
		}
		br.connect, br.to = h.login, h.who
		w.connected(br, now)
	}
	w.after(br)
}

// connected writes down that a login may have been connected: after the password and a second step of the account that
// is five minutes old at most.
func (w *walk) connected(br *browser, now time.Time) {
	if br.connect == nil || br.connect.of == br.to {
		return
	}
	for _, s := range br.live(&w.book.yaml, now) {
		if s.who != br.to || s.waiting {
			continue
		}
		for _, e := range w.book.weigh(s.who, s.proofs, false, now).second {
			// Whatever the operator prefers: only an independent one.
			if _, apart := w.book.second(s.who, e, []*proof{{how: byPassword}}); apart && now.Sub(e.at) <= 5*time.Minute && !slices.Contains(br.connect.may, br.to) {
				w.note(br.Name, "%s may be connected to %s now", br.connect.subject, br.to.name)
				if len(br.connect.may) == 0 {
					br.connect.since = now
				}
				br.connect.may = append(br.connect.may, br.to)
			}
		}
	}
}
