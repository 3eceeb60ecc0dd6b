package acr

import "time"

// Held returns the name of the highest level the session holds now, "" for none or a quarantine: what the account pages
// show, and what is left after a factor was removed. It is a moment's fact: never store it.
func Held(p *Policy, person Person, evidence Evidence, now time.Time) string {
	s, ok := weighSession(p, &person, &evidence, now)
	if !ok || s.held < 0 {
		return ""
	}
	return p.name(s.held)
}

// Since returns when the session last proved level (its auth_time), and whether it holds it now: account changes want a
// proof at most five minutes old. Pass as evidence only the events that may count (say, none by the contact that is being
// changed).
func Since(p *Policy, person Person, evidence Evidence, level string, now time.Time) (time.Time, bool) {
	s, ok := weighSession(p, &person, &evidence, now)
	l := p.index(level)
	if !ok || l > s.held || l == len(p.Levels) {
		return time.Time{}, false
	}
	return s.levels[l].at, true
}

func weighSession(p *Policy, person *Person, evidence *Evidence, now time.Time) (evaluation, bool) {
	if evidence.Quarantine || evidence.Session == "" || person.nobody() {
		return evaluation{}, false
	}
	return weigh(p, &Request{}, person, evidence.Events, now, false), true
}

// Proved reports whether the events of a quarantine complete the first social sign-in: then the identity is recorded as
// proved and a session opened with them.
func Proved(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	if person.nobody() {
		return false
	}
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	return s.hasFirst && (p.Social == SocialNever || s.held >= p.secondStep())
}

// LiftsTaint reports whether the evidence holds what may set a password without leaving a taint, and lift the one that a
// mailed password left (Person.PasswordVia): an own factor, or a reserve code, that is older than that taint and did not
// rest when it was used, whatever the operator lets count for a level. One switched on behind the tainted mailbox would
// else launder it.
func LiftsTaint(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	s, ok := weighSession(p, &person, &evidence, now)
	for i := range s.events {
		e := &s.events[i]
		if ok && e.own() && s.weights[i].second == independent && s.person.before(e, s.tainted()) {
			return true
		}
	}
	return false
}

// tainted is when the taint of a mailed password began; now, when there is none.
func (s *evaluation) tainted() time.Time {
	if s.person.PasswordVia == "" || !s.now.Before(s.person.PasswordViaUntil) {
		return s.now
	}
	return s.person.PasswordViaUntil.Add(-s.p.Cooling)
}

// EnrolsWeakly reports whether a factor switched on now, on this evidence and before the person has it, must rest for the
// cooling time (Factor.WeakUntil), and so must reserve codes handed out now (Person.RecoveryRests): nothing independent of
// the first step was proved, nor the address of the invitation by which the account was born. An account born in this flow
// has nothing to protect yet.
func EnrolsWeakly(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	if person.BornHere && !person.hasOwn() {
		return false
	}
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	for i := range s.events {
		if s.weights[i].active && s.weights[i].second == independent || s.birthProof(i) {
			return false
		}
	}
	return true
}
