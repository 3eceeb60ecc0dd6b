package acr

import "time"

// MayEnrol lists the own factors that the person may switch on at this moment of this request: those the decision asks
// for or leaves free, and, for someone without an own factor who has just completed a code to a contact, those that would
// have served instead of it (the request may be satisfied by then). Empty: not now.
func MayEnrol(p *Policy, request Request, person Person, evidence Evidence, now time.Time) []Method {
	d := decide(p, &request, &person, &evidence, now, nil)
	switch {
	case d.Outcome == AskEnrol, len(d.Enrol) > 0:
		return d.Enrol
	case person.nobody(), d.Outcome == Refused:
		return nil
	}
	s := weigh(p, &request, &person, evidence.Events, now, false)
	if s.barsContacts() || !s.hasFirst || !s.hasEnrolmentProof(false) {
		return nil
	}
	if l := p.secondFactorLevel(); p.exists(l) {
		return s.enrollable(&p.Levels[l])
	}
	return nil
}
