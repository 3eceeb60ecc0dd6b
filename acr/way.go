package acr

import (
	"slices"
	"time"
)

// proofLasts is how long a proof opens an enrolment (docs/security.md, numbers).
// Inside the request that asks for the factor it holds as long as the request, so a slow hand never loops.
const proofLasts = 5 * time.Minute

// reach says whether a person can get to a level.
type reach uint8

const (
	unreachable reach = iota
	byEnrolment       // by switching a factor on
	reachable         // with what the person has
)

// way is how a person can get to a level above the first step.
type way struct {
	reach        reach
	enrol        bool // options are factors to switch on now; otherwise steps to complete
	options      []Option
	enrolInstead []Method // may be switched on instead of completing an option
	enrolAfter   []Method // may be switched on after completing one
	aside        aside    // what the person has and does not serve
}

// way finds how the person can get to level l.
//
// Enrolling while stepping up happens only when nothing the person has reaches the level, and behind a proof: an own
// factor or reserve code where there is one, else a code to a contact that does not rest and, under independent:
// required, is independent of the first step or went to the address of the invitation (isBirthContact). Without any proof it is
// free for an account born in this flow, where there is nothing to protect yet. Everybody else meets the help desk,
// however young the account is: who knows the password would otherwise shut its owner out.
func (s *evaluation) way(l int) way {
	if !s.p.exists(l) {
		return way{}
	}
	level := &s.p.Levels[l]
	if level.Kind == FirstStep {
		return way{reach: reachable} // the sign-in page; what it may offer is repeatFirst's to say
	}
	w := way{aside: aside{told: s.x != nil}}
	own := s.barsContacts()
	w.options = s.ownOptions(w.options, level, &w.aside)
	if s.p.allowsContactCode(own) && level.Kind == SecondFactor {
		w.options = s.contactOptions(w.options, level, &w.aside)
	} else {
		s.leaveContacts(&w.aside, level)
	}
	enrollable := s.enrollable(level)
	if len(w.options) > 0 {
		w.reach = reachable
		if !own {
			w.enrolAfter = enrollable
			if s.bornHere() {
				w.enrolInstead = enrollable
			}
		}
		return w
	}
	if len(enrollable) == 0 {
		return w
	}
	if s.hasEnrolmentProof(own) || s.bornHere() && !own {
		return w.byEnrolling(enrollable)
	}
	if own {
		w.options = s.ownOptions(nil, nil, &w.aside)
	} else {
		w.options = s.birthOptions(s.contactOptions(nil, nil, &w.aside))
	}
	if len(w.options) > 0 {
		w.reach, w.enrolAfter = byEnrolment, enrollable
	}
	return w
}

// byEnrolling turns the way into switching one of these on.
func (w way) byEnrolling(enrollable []Method) way {
	w.reach, w.enrol, w.enrolInstead = byEnrolment, true, enrollable
	w.options = make([]Option, 0, len(enrollable))
	for _, m := range enrollable {
		w.options = append(w.options, Option{Method: m, Own: true, Independent: true})
	}
	return w
}

// enrollable lists the own factors that exist here, that the person lacks, and that reach level.
func (s *evaluation) enrollable(level *Level) []Method {
	var methods []Method
	for _, m := range s.p.Enrollable {
		switch {
		case s.person.hasFactorBy(m):
			// Also for phrh: whether a new passkey is hardware-bound shows only afterwards, and asking again for one
			// more would never end.
		case m.isCode() && !slices.Contains(s.p.Channels, m):
		case m == Passkey, accepts(level, m):
			methods = append(methods, m)
		}
	}
	return methods
}

// recent reports whether event i happened in this request or the last minutes.
func (s *evaluation) recent(i int) bool {
	return s.weights[i].inRequest || s.now.Sub(s.events[i].At) <= proofLasts
}

// hasRecentProof reports whether a step was just taken behind which a factor may be switched on: with an own factor only that, or
// a reserve code; else a code to a contact already there, even where such codes do not reach a level. least is the least
// strength that will do.
func (s *evaluation) hasRecentProof(ownFactor bool, least strength) bool {
	for i := range s.events {
		e, w := &s.events[i], &s.weights[i]
		if w.active && s.recent(i) && e.ByOwnFactor() == ownFactor && w.asSecond >= least {
			return true
		}
	}
	return false
}
