package acr

import "time"

// Connects reports whether the evidence lets a social login be connected to the person's account: a second step at most
// five minutes old (or taken in this request), by an own factor where there is one, else by a code to a contact; one that
// neither rests nor is dependent, whatever the operator prefers elsewhere. A login once connected is a key to the account
// for good, so the password alone must not give it away.
func Connects(p *Policy, request Request, person Person, evidence Evidence, now time.Time) bool {
	s := weigh(p, &request, &person, evidence.Events, now, false)
	return s.connects()
}

func (s *evaluation) connects() bool {
	return s.hasFirst && s.hasRecentProof(s.barsContacts(), independent)
}

// askToConnect asks for the step behind which a login is connected.
func (s *evaluation) askToConnect() Decision {
	d := Decision{Target: s.p.name(s.p.secondFactorLevel()), Reason: ReasonConnect}
	left := aside{told: s.x != nil}
	var all []Option
	if s.barsContacts() {
		all = s.ownOptions(nil, nil, &left)
	} else {
		all = s.contactOptions(nil, nil, &left)
	}
	for _, o := range all {
		if o.Independent {
			d.Options = append(d.Options, o)
		}
	}
	s.x.note(s, Rule{Reason: ReasonConnect, State: Missing}, s.p.secondFactorLevel())
	s.x.noteWay(d.Target, way{reach: reachable, options: d.Options, aside: left})
	switch {
	case len(d.Options) == 0:
		// A dependent option is mostly one that rests, or the mailbox that a mailed password taints: it will do later.
		d.Error, d.Reason = ErrUnmet, s.unmet(left.cooling || len(all) > 0)
	case s.r.Declined:
		d.Error, d.Reason, d.Options = ErrAccessDenied, ReasonDeclined, nil
	case s.r.PromptNone:
		d.Error, d.Options = ErrInteractionRequired, nil
	default:
		d.Outcome = AskSecond
	}
	return d
}
