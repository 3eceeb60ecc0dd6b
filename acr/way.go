package acr

import (
	"slices"
	"time"
)

// proofLasts is how long a proof opens an enrolment (security.md: factor changes need mfa at most 5 minutes old).
// Inside the request that asks for the factor it holds as long as the request, so a slow hand never loops.
const proofLasts = 5 * time.Minute

// reach says whether a person can get to a level.
type reach uint8

const (
	never       reach = iota
	byEnrolment       // by switching a factor on
	atOnce            // with what the person has
)

// way is how a person can get to a level above the first step.
type way struct {
	reach      reach
	enrol      bool // options are factors to switch on now; otherwise steps to complete
	options    []Option
	free       []Method // may be switched on instead of completing an option
	after      []Method // may be switched on after completing one
	cooling    bool     // something the person has would serve, but still rests
	enrollable []Method
}

// way finds how the person can get to level l.
//
// Enrolling while stepping up happens only when nothing the person has reaches the level, and behind a proof: an own
// factor or reserve code where there is one, else a code to a contact that does not rest and, under independent:
// required, is independent of the first step or went to the address of the invitation (birth). Without any proof it is
// free for an account born in this flow, where there is nothing to protect yet. Everybody else meets the help desk,
// however young the account is: who knows the password would otherwise shut its owner out.
func (s *scales) way(l int) way {
	if l >= len(s.p.Levels) {
		return way{}
	}
	level := &s.p.Levels[l]
	if level.Kind == FirstStep {
		return way{reach: atOnce} // the sign-in page; what it may offer is again's to say
	}
	var w way
	own := s.person.hasOwn()
	w.options = s.ownOptions(w.options, level, &w.cooling)
	if s.p.opens(own) && level.Kind == SecondFactor {
		w.options = s.contactOptions(w.options, level, &w.cooling)
	}
	w.enrollable = s.enrollable(level)
	if len(w.options) > 0 {
		w.reach = atOnce
		if !own {
			w.after = w.enrollable
			if s.person.BornHere {
				w.free = w.enrollable
			}
		}
		return w
	}
	if len(w.enrollable) == 0 {
		return w
	}
	if s.enrolProof(own) || s.person.BornHere && !own {
		return w.switchOn()
	}
	if own {
		w.options = s.ownOptions(nil, nil, &w.cooling)
	} else {
		w.options = s.birthOptions(s.contactOptions(nil, nil, &w.cooling))
	}
	if len(w.options) > 0 {
		w.reach, w.after = byEnrolment, w.enrollable
	}
	return w
}

// switchOn turns the way into an enrolment.
func (w way) switchOn() way {
	w.reach, w.enrol, w.free = byEnrolment, true, w.enrollable
	w.options = make([]Option, 0, len(w.enrollable))
	for _, m := range w.enrollable {
		w.options = append(w.options, Option{Method: m, Own: true, Independent: true})
	}
	return w
}

// enrollable lists the own factors that exist here, that the person lacks, and that reach level.
func (s *scales) enrollable(level *Level) []Method {
	var methods []Method
	for _, m := range s.p.Enrollable {
		switch {
		case s.person.has(m):
			// Also for phrh: whether a new passkey is hardware-bound shows only afterwards, and asking again for one
			// more would never end.
		case m.code() && !slices.Contains(s.p.Channels, m):
		case m == Passkey, accepts(level, m):
			methods = append(methods, m)
		}
	}
	return methods
}

// recent reports whether event i happened in this request or the last minutes.
func (s *scales) recent(i int) bool {
	return s.weights[i].inside || s.now.Sub(s.events[i].At) <= proofLasts
}

// proof reports whether a step was just taken behind which a factor may be switched on: with an own factor only that, or
// a reserve code; else a code to a contact already there, even where such codes do not reach a level. least is the weakest
// standing that will do.
func (s *scales) proof(own bool, least standing) bool {
	for i := range s.events {
		e, w := &s.events[i], &s.weights[i]
		if w.active && s.recent(i) && e.own() == own && w.second >= least {
			return true
		}
	}
	return false
}
