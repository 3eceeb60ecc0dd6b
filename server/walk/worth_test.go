package walk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// worth is what proofs are worth at a moment: the upper bound of whatever may be said of them.
type worth struct {
	over   string   // why nothing may be said at all; "" = something may
	second []*proof // those that reach mfa
	apart  bool     // one of them is independent of the first step: amr may say mfa
}

func (w worth) level() int {
	if w.over == "" && len(w.second) > 0 {
		return 1
	}
	return 0
}

// weigh says what proofs of a person are worth now. over: the session that they were given in has ended.
func (b *book) weigh(p *person, proofs []*proof, over bool, now time.Time) worth {
	var w worth
	var firsts []*proof
	for _, e := range proofs {
		if e.how == byPassword && p.password != "" || e.how == bySocial && e.login.is(p, e.at) {
			firsts = append(firsts, e)
		}
	}
	switch {
	case p.disabled:
		w.over = "the account is locked"
	case len(firsts) == 0:
		w.over = "nothing is left of the first step"
	}
	if w.over != "" || over && b.yaml.lasts == 0 { // levels above the lowest last as long as the session, or as long as the YAML says
		return w
	}
	for _, e := range proofs {
		// Once dead, dead.
		if e.first() || !e.at.After(p.second) || b.yaml.lasts > 0 && !now.Before(e.at.Add(b.yaml.lasts)) {
			continue
		}
		counts, apart := b.second(p, e, firsts)
		if counts {
			w.second, w.apart = append(w.second, e), w.apart || apart
		}
	}
	return w
}

// second says whether a proof counts as a second step to these first ones, and whether it is independent of them.
func (b *book) second(p *person, e *proof, firsts []*proof) (counts, apart bool) {
	switch e.how {
	case byApp, byReserve, byText, byChat:
		if e.app == nil {
			return b.mere(p, e, firsts)
		}
		if e.app != p.app || e.app.disabled {
			return false, false
		}
		if e.how != byReserve && e.app.number != "" && !e.app.channels[e.how] { // whose it is there, nobody has shown
			return false, false
		}
		if z := &p.frozen; e.at.After(z.tapped) && e.at.Before(z.until) && !e.app.at.Before(z.act) && e.app.at.Before(z.tapped) {
			return false, false // it came between the act and the answer
		}
		apart = !e.at.Before(e.app.rests)
	case byMail:
		return b.mere(p, e, firsts)
	}
	return apart || b.yaml.preferred, apart
}

// mere is second for a code to a mere contact.
func (b *book) mere(p *person, e *proof, firsts []*proof) (counts, apart bool) {
	// The mailbox must not open what the app protects; a contact that was taken away proves nothing; nor one that rests.
	if p.bars(time.Now()) || b.frozenOut(p, e) || e.contact == nil || !p.has(e.contact) || e.at.Before(e.contact.rests) {
		return false, false
	}
	apart = b.apart(p, e.contact.address, e.at, firsts)
	return apart || b.yaml.preferred, apart
}

// frozenOut reports whether a code went to a mailbox in which somebody said "it was not me", and nothing else was proved since.
func (b *book) frozenOut(p *person, e *proof) bool {
	z := &p.frozen
	via := func(e *proof) bool {
		return e.app == nil && e.contact != nil && slices.Contains(z.via, e.contact.address)
	}
	if !via(e) || !e.at.After(z.tapped) || !e.at.Before(z.until) {
		return false
	}
	for _, s := range b.sits {
		if s.who == p && slices.ContainsFunc(s.proofs, func(o *proof) bool { return !o.first() && o.at.After(z.tapped) && !o.at.After(e.at) && !via(o) }) {
			return false
		}
	}
	return true
}

// apart reports whether whoever took one of the first steps did not need the mailbox for it.
func (b *book) apart(p *person, address string, at time.Time, firsts []*proof) bool {
	if p.from.mailbox != "" && sameMailbox(p.from.mailbox, address) && at.Before(p.from.until) {
		return false
	}
	for _, e := range firsts {
		if e.how == byPassword || !e.login.reported(address, at) {
			return true
		}
	}
	return false
}

// first writes down that a first social sign-in had its second step, whether or not a panel ever shows it.
func (b *book) first(s *sitting, now time.Time) {
	if b.weigh(s.who, s.proofs, false, now).level() < 1 {
		return
	}
	for _, e := range s.proofs {
		if e.how == bySocial && e.login.is(s.who, e.at) {
			e.login.proved = true
		}
	}
}

// inside reports whether a sitting may be a session: it always was one, or its second step was given, be it that no panel
// has shown it yet.
func (b *book) inside(s *sitting, now time.Time) bool {
	return !s.waiting || b.weigh(s.who, s.proofs, false, now).level() > 0
}

// is reports whether the login belongs (or may belong) to p since before a proof by it.
func (l *login) is(p *person, at time.Time) bool {
	return l.of == p && !at.Before(l.linked) || slices.Contains(l.may, p)
}

func (l *login) reported(address string, by time.Time) bool {
	return slices.ContainsFunc(l.told, func(r report) bool { return sameMailbox(r.address, address) && !r.at.After(by) })
}

// born reports whether the account was made by this sign-in, which is not over yet.
func (s *sitting) born() bool {
	return s.waiting && s.who.password == "" && slices.ContainsFunc(s.proofs, func(e *proof) bool {
		return e.how == bySocial && e.login.of == s.who && e.login.linked.Equal(s.at)
	})
}

// mayEnrol reports whether somebody in a sitting may switch an app on, and until when it then rests.
func (b *book) mayEnrol(s *sitting, request string, now time.Time) (rests time.Time, ok bool) {
	p := s.who
	if p.bars(now) {
		return time.Time{}, false
	}
	if s.born() {
		return time.Time{}, true // the account was made by this sign-in, which is not over yet
	}
	var firsts []*proof
	for _, e := range s.proofs {
		if e.first() {
			firsts = append(firsts, e)
		}
	}
	for _, e := range s.proofs {
		recent := request != "" && e.request == request || now.Sub(e.at) <= 15*time.Minute
		if !e.sent() || e.app != nil || !recent || !e.at.After(p.second) || b.frozenOut(p, e) || !p.has(e.contact) || e.at.Before(e.contact.rests) {
			continue
		}
		apart := b.apart(p, e.contact.address, e.at, firsts) && b.apart(p, e.contact.address, now, firsts)
		invited := sameMailbox(p.birth.mailbox, e.contact.address) && now.Before(p.birth.until)
		switch {
		case apart, invited:
			return time.Time{}, true
		case b.yaml.preferred:
			rests, ok = now.Add(b.yaml.cooling), true
		}
	}
	return rests, ok
}

// grantWorth is what a grant is worth now.
func (b *book) grantWorth(g *grant, now time.Time) worth {
	c, alive := b.yaml.clients[g.panel], g.sit.alive(&b.yaml, now)
	w := b.weigh(g.who, g.proofs, !alive, now)
	switch {
	case w.over != "":
	case g.ended:
		w.over = "it was ended"
	case c.gone:
		w.over = "the client is gone from the YAML"
	case g.offline && !c.may("offline_access"):
		w.over = "offline_access is gone from the YAML"
	case !g.offline && !alive:
		w.over = "the session is over"
	case c.require && w.level() < 1:
		w.over = "the client's floor is not met"
	}
	return w
}

// said is what an answer of the server says of a sign-in.
type said struct {
	sub, acr string
	amr      []string
	time     int64
	scopes   []string
}

// ranks are the names of levels.
var ranks = map[string]int{"sfa": 0, "mfa": 1, "https://refeds.org/profile/mfa": 1}

// excess lists in what an answer about a grant says more than the book.
func (b *book) excess(g *grant, s said, now time.Time) (more []string) {
	w := b.grantWorth(g, now)
	note := func(format string, args ...any) { more = append(more, fmt.Sprintf(format, args...)) }
	if w.over != "" {
		note("there is an answer, but %s", w.over)
	}
	if s.sub != "" && s.sub != g.who.sub {
		note("the subject is %q, not %s (%q)", s.sub, g.who.name, g.who.sub)
	}
	if s.acr != "" {
		rank, known := ranks[s.acr]
		if !known || rank > w.level() {
			note("acr=%s, but no second step counts", s.acr)
		}
		if !slices.ContainsFunc(g.proofs, func(e *proof) bool { return e.at.Unix() == s.time }) {
			note("auth_time %d is of no event", s.time)
		}
		if rank == 1 && !slices.ContainsFunc(w.second, func(e *proof) bool { return e.at.Unix() == s.time }) {
			note("auth_time %d is not of a second step that counts", s.time)
		}
	}
	did := func(hows ...how) bool {
		return slices.ContainsFunc(g.proofs, func(e *proof) bool { return slices.Contains(hows, e.how) })
	}
	for _, m := range s.amr {
		ok := false
		switch m {
		case "pwd":
			ok = did(byPassword)
		case "otp":
			ok = did(byApp, byReserve, byMail, byChat)
		case "sms":
			ok = did(byText)
		case "mca":
			ok = did(byMail, byText, byChat)
		case "mfa": // that it was independent, is judged when it is said first; later answers repeat it or say nothing
			ok = w.apart || now.After(g.at)
		}
		if !ok {
			note("amr says %s", m)
		}
	}
	c := b.yaml.clients[g.panel]
	for _, name := range s.scopes {
		age := b.yaml.age[name]
		switch {
		case !slices.Contains(g.scopes, name):
			note("scope %s was not asked for", name)
		case !c.may(name):
			note("scope %s is not the client's any more", name)
		case b.yaml.floors[name] && w.level() < 1:
			note("scope %s without its level", name)
		case age > 0 && b.yaml.floors[name] && !slices.ContainsFunc(w.second, func(e *proof) bool { return now.Before(e.at.Add(age)) }):
			note("scope %s with a second step that is too old", name)
		}
	}
	return more
}

func (p *proof) String() string {
	out := string(p.how) + "@" + p.at.Format("02T15:04:05")
	if p.contact != nil {
		out += "(" + p.contact.address + ")"
		if !p.contact.rests.IsZero() {
			out += ", resting until " + p.contact.rests.Format("02T15:04:05")
		}
	}
	return out
}

func (g *grant) String() string {
	var proofs []string
	for _, e := range g.proofs {
		proofs = append(proofs, e.String())
	}
	return fmt.Sprintf("%s of %s, given %s, offline=%v, scopes %v, acr=%s [%s], proofs %s", g.panel, g.who.name, g.at.Format("02T15:04:05"), g.offline, g.scopes, g.acr, g.amr, strings.Join(proofs, " "))
}
