package acr

import "time"

// Decide says what is still missing before request may be answered for person on evidence. It is total: it answers for
// any arguments, and completing the first option it offers leads in a few steps to Satisfied or Refused.
//
// A quarantine is never Satisfied. Once [Proved] says that it holds the second step, the caller records the identity as
// proved, opens a session with the same events and decides again.
func Decide(p *Policy, request Request, person Person, evidence Evidence, now time.Time) Decision {
	return decide(p, &request, &person, &evidence, now, nil)
}

// decide notes in x, unless that is nil, what it comes by on the way: see [Explain].
func decide(p *Policy, r *Request, person *Person, evidence *Evidence, now time.Time, x *Explanation) Decision {
	a := p.asks(r)
	if a.unknown {
		// OIDC Core §5.5.1.1: an essential acr that cannot be met is a failed authentication; no page could change it.
		return refused(ErrUnmet, ReasonUnknownAcr)
	}
	if evidence.Quarantine {
		return quarantined(p, r, person, evidence, now, x)
	}
	if evidence.Session == "" || person.nobody() {
		x.noteFirst(p)
		return signIn(p, r)
	}
	if r.Subject != "" && r.Subject != person.ID {
		return refused(ErrLoginRequired, ReasonOtherPerson) // OIDC Core §3.1.2.1, id_token_hint
	}
	s := weigh(p, r, person, evidence.Events, now, false)
	s.x = x
	x.noteEvidence(&s)
	if !s.firstStepRemains() {
		x.noteFirst(p)
		return signIn(p, r)
	}
	if r.Connect && s.hasFirst && !s.connects() {
		return s.askToConnect()
	}
	n := s.need(a)
	d := refused(ErrUnmet, s.unmet(n.cooling))
	switch {
	case n.unreachable:
		x.noteWays(&s, p.lowest(a.names))
	case n.want < 0:
		x.noteWays(&s, p.secondFactorLevel())
		return s.satisfied(evidence, a, n)
	default:
		d = s.missing(evidence, n)
	}
	if d.Outcome == Refused {
		d.Lacks = s.lacks()
	}
	return d
}

// refused answers the panel with an error: no page helps.
func refused(code string, why Reason) Decision {
	return Decision{Outcome: Refused, Error: code, Reason: why}
}

// signIn asks an unknown person for a first step. Options stay empty: the page shows everything there is.
func signIn(p *Policy, r *Request) Decision {
	switch {
	case r.PromptNone:
		return refused(ErrLoginRequired, ReasonNoSession)
	case r.Declined:
		return refused(ErrAccessDenied, ReasonDeclined)
	}
	return Decision{Outcome: AskFirst, Target: p.name(0), Reason: ReasonNoSession}
}

// name is the name of level l; "" for one that is not (any more) in the YAML.
func (p *Policy) name(l int) string {
	if !p.exists(l) {
		return ""
	}
	return p.Levels[l].Name
}

// firstStepRemains reports whether anything is left of the first step that opened the session: its password, linked login or passkey.
func (s *evaluation) firstStepRemains() bool {
	for i := range s.events {
		if s.weights[i].active && s.events[i].First() {
			return true
		}
	}
	return false
}

// missing says which step comes next, or that none may.
func (s *evaluation) missing(evidence *Evidence, n need) Decision {
	r := s.r
	d := Decision{Target: s.p.name(n.target), Reason: n.reason, Scopes: n.scopes}
	step := s.nextLevel(n)
	w := s.way(step)
	if s.lapsed() && w.reach != unreachable {
		// Whoever sits at the browser by now gives the first step again: a second one would renew the lowest level, too.
		step, w = 0, s.way(0)
	}
	s.x.noteWays(s, step)
	switch {
	case w.reach == unreachable:
		d.Error, d.Reason = ErrUnmet, s.unmet(w.aside.cooling)
		return d
	case r.Declined:
		d.Error, d.Reason = ErrAccessDenied, ReasonDeclined
		return d
	case !s.hasFirst, s.p.Levels[step].Kind == FirstStep:
		s.x.noteWays(s, 0)
		if !s.hasFirst || step == 0 && d.Reason != ReasonScopeMaxAge {
			d.Reason = s.whyFirst()
		}
		if d.Reason == ReasonNoSession {
			return signIn(s.p, r) // the sign-in itself has lapsed: a new one, by any way
		}
		d.Options = s.repeatFirst()
		anyone := s.anew && r.Select && r.Subject == "" // the page takes another person, where this one has no way
		if r.PromptNone || len(d.Options) == 0 && !anyone {
			d.Error, d.Options = ErrLoginRequired, nil
			return d
		}
		d.Outcome = AskFirst
	case r.PromptNone:
		d.Error = ErrInteractionRequired
		return d
	default:
		d.ask(w)
	}
	d.Decline = s.declinable(evidence)
	d.Offer = d.Decline && n.offer
	return d
}

// lapsed reports whether the lowest level was proved and has come to its end by time (Level.Lasts).
func (s *evaluation) lapsed() bool {
	return len(s.levels) > 0 && s.levels[0].proved && !s.p.Levels[0].lasts(s.levels[0].at, s.now)
}

// nextLevel is the level whose nextLevel is asked next: the one wanted, unless only one below it is missing.
func (s *evaluation) nextLevel(n need) int {
	if n.want < len(s.levels) && s.levels[n.want].good && !n.stale {
		return s.held + 1
	}
	return n.want
}

// ask turns a way into a question.
func (d *Decision) ask(w way) {
	d.Outcome = AskSecond
	if w.enrol {
		d.Outcome = AskEnrol
	}
	d.Options, d.Enrol, d.EnrolAfter = w.options, w.enrolInstead, w.enrolAfter
}

// declinable reports whether the request can be answered although the person says no.
func (s *evaluation) declinable(evidence *Evidence) bool {
	r := *s.r
	r.Declined = true
	return decide(s.p, &r, s.person, evidence, s.now, nil).Outcome == Satisfied
}

// quarantined decides on an unproved social sign-in: it asks for the one second step that proves it, whatever the request
// is, and never grants. What else the request needs is decided afterwards, on the session.
func quarantined(p *Policy, r *Request, person *Person, evidence *Evidence, now time.Time, x *Explanation) Decision {
	switch {
	case r.PromptNone, person.nobody():
		return refused(ErrLoginRequired, ReasonQuarantine)
	case r.Subject != "" && r.Subject != person.ID:
		return refused(ErrLoginRequired, ReasonOtherPerson)
	}
	s := weigh(p, &Request{ID: r.ID}, person, evidence.Events, now, false)
	s.x = x
	x.noteEvidence(&s)
	if !s.firstStepRemains() {
		return refused(ErrLoginRequired, ReasonQuarantine) // the login was unlinked meanwhile
	}
	second := p.secondFactorLevel()
	w := s.way(second)
	x.noteFirstSocial(&s, second)
	x.noteWays(&s, second)
	d := Decision{Target: p.name(second), Reason: ReasonFirstSocial}
	switch {
	case w.reach == unreachable:
		d.Error, d.Reason = ErrUnmet, s.unmet(w.aside.cooling)
	case r.Declined:
		d.Error, d.Reason = ErrAccessDenied, ReasonDeclined
	default:
		d.ask(w)
	}
	return d
}
