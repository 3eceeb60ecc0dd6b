package acr

import "time"

// Proved reports whether the events of a quarantine complete the first social sign-in: then the identity is recorded as
// proved and a session opened with them.
func Proved(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	if person.nobody() {
		return false
	}
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	return s.hasFirst && (p.Social == SocialNever || s.held >= p.secondFactorLevel())
}

// LiftsTaint reports whether the evidence holds what may set a password without leaving a taint, and lift the one that a
// mailed password left (Person.PasswordVia): an own factor, or a reserve code, that is older than that taint and did not
// rest when it was used, whatever the operator lets count for a level. One switched on behind the tainted mailbox would
// else launder it.
func LiftsTaint(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	if evidence.Quarantine || evidence.Session == "" || person.nobody() {
		return false
	}
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	for i := range s.events {
		e := &s.events[i]
		if e.ByOwnFactor() && s.weights[i].asSecond == independent && s.person.ownOlderThan(e, s.taintedSince()) {
			return true
		}
	}
	return false
}

// taintedSince is when the taint of a mailed password began; now, when there is none.
func (s *evaluation) taintedSince() time.Time {
	if s.person.PasswordVia == "" || !s.now.Before(s.person.PasswordViaUntil) {
		return s.now
	}
	return s.person.PasswordViaUntil.Add(-s.p.Cooling)
}

// NewFactorRests reports whether a factor switched on now, on this evidence and before the person has it, must rest for the
// cooling time (Factor.RestsUntil), and so must reserve codes handed out now (Person.RecoveryRestsUntil): nothing independent
// of the first step was proved, nor the address of the invitation by which the account was born. An account born in this
// flow has nothing to protect yet.
func NewFactorRests(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	if person.BornHere && !person.hasOwnFactor() {
		return false
	}
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	for i := range s.events {
		if s.weights[i].active && s.weights[i].asSecond == independent || s.isBirthProof(i) {
			return false
		}
	}
	return true
}
