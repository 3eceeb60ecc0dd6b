package acr

import "time"

// WaitsForProof reports whether a sign-in by the linked login of that key waits in quarantine until [Proved] says otherwise: the
// login never completed a second step, and the operator wants one.
func WaitsForProof(p *Policy, person Person, key string) bool {
	login := person.identity(key)
	return p.Social != SocialNever && (login == nil || !login.Proved)
}

// FirstSteps lists the evidence there would be after each first step that the person could take now, in this request and in a
// browser that is not known: what to explain where nobody is signed in. Nothing of it was proved.
func FirstSteps(p *Policy, person Person, request string, now time.Time) []Evidence {
	var all []Evidence
	add := func(e Event, waits bool) {
		e.ID, e.At, e.Request = string(e.Method), now, request
		all = append(all, Evidence{Session: "supposed", Quarantine: waits, Events: []Event{e}})
	}
	if person.HasPassword {
		add(Event{Method: Password}, false)
	}
	for i := range person.Identities {
		login := &person.Identities[i]
		if _, offered := p.Providers[login.Provider]; !offered {
			continue
		}
		e := Event{Method: Social, Credential: login.Key, Provider: login.Provider, Reported: login.Reported, NewDevice: true}
		add(e, WaitsForProof(p, person, login.Key))
	}
	for i := range person.Factors {
		if f := &person.Factors[i]; f.Method == Passkey && !f.Disabled {
			add(Event{Method: Passkey, Credential: f.ID, Own: true, UserVerified: true, Hardware: f.Hardware}, false)
		}
	}
	return all
}

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
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	if s.bornHere() && !person.hasOwnFactor() {
		return false
	}
	for i := range s.events {
		if s.weights[i].active && s.weights[i].asSecond == independent || s.isBirthProof(i) {
			return false
		}
	}
	return true
}
