package acr

import "time"

// strength is what an event is worth as a second step.
type strength uint8

const (
	worthless   strength = iota // not a second step, or one that may not be used by this person
	dependent                   // whoever holds the first step, or its mailbox, holds this too; or a factor that still rests
	independent                 // a second factor
)

// weight is what one event is worth for the request.
type weight struct {
	active    bool // its credential still exists
	current   bool // it may raise a level: nothing of the second steps was taken away since
	inRequest bool // it happened inside this request: by the request's id, never by time
	counts    bool // it counts for this answer: active and, where the sign-in is asked anew, inside
	fresh     bool // it satisfies max_age
	trust     int  // Social: place of the level that YAML lets the provider's acr stand for; -1 = none

	asSecond strength // what it is worth as a second step
}

// evaluation is the evidence of one person, weighed for one request.
type evaluation struct {
	p           *Policy
	r           *Request
	person      *Person
	events      []Event
	now         time.Time
	sessionOver bool         // the session has ended (a refresh with offline_access)
	x           *Explanation // hears what is found on the way; nil = nobody does
	anew        bool         // only steps of this request count: prompt=login, or prompt=select_account and nobody was chosen yet

	weights  []weight
	levels   []levelState
	held     int  // the highest level such that it and all below are good for this answer; -1 = none
	hasFirst bool // a complete first step counts
}

// weigh derives everything that can be said of the events: which are active, what each is worth, which levels they hold.
func weigh(p *Policy, r *Request, person *Person, events []Event, now time.Time, over bool) evaluation {
	s := evaluation{p: p, r: r, person: person, events: events, now: now, sessionOver: over, held: -1}
	s.weights = make([]weight, len(events))
	s.levels = make([]levelState, len(p.Levels))
	s.anew = r.PromptLogin || r.Select && !s.personChosen()
	for i := range events {
		s.weights[i] = s.weigh(i)
	}
	s.reviveFirst()
	for i := range events {
		s.hasFirst = s.hasFirst || s.weights[i].counts && events[i].First()
	}
	for i := range events {
		if s.weights[i].current {
			s.weights[i].asSecond, _ = s.secondStrength(&events[i])
		}
	}
	for l := range s.levels {
		s.levels[l] = s.levelState(l)
		if s.levels[l].good && s.held == l-1 {
			s.held = l
		}
	}
	return s
}

// weigh says of one event what does not depend on the others.
func (s *evaluation) weigh(i int) weight {
	e := &s.events[i]
	w := weight{active: s.gone(i) == "", trust: -1}
	if !w.active {
		return w
	}
	w.current = e.after(s.person.SecondSince)
	w.inRequest = s.insideRequest(e)
	w.counts = w.inRequest || !s.anew
	switch {
	case s.r.MaxAge == nil || w.inRequest:
		w.fresh = true
	case *s.r.MaxAge > 0: // max_age=0 asks always: only the request's id satisfies it
		w.fresh = s.now.Sub(e.At) <= *s.r.MaxAge
	}
	if w.current && !s.person.Freeze.Holds(e.At) && e.Method == Social && e.UpstreamAcr != "" {
		if name, ok := s.p.Providers[e.Provider].TrustAcr[e.UpstreamAcr]; ok && s.p.Known(name) {
			w.trust = s.p.index(name)
		}
	}
	return w
}

// personChosen reports whether a first step inside this request said whose account it is. That takes no proof of this moment: a
// linked login says it, too, whose provider cannot re-authenticate and whose later events are worth nothing else.
func (s *evaluation) personChosen() bool {
	for i := range s.events {
		e := &s.events[i]
		if s.r.ID != "" && e.Request == s.r.ID && e.First() && (e.Method != Social || s.person.identity(e.Credential) != nil) {
			return true
		}
	}
	return false
}

// skew is how far the clocks of providers may be off.
const skew = time.Minute

// insideRequest reports whether the event happened inside this request: by its id. A provider whose auth_time is believed may
// also have answered from a sign-in of its own that is older than the request, whatever it was asked.
func (s *evaluation) insideRequest(e *Event) bool {
	if s.r.ID == "" || e.Request != s.r.ID {
		return false
	}
	return e.Method != Social || s.cannotReauthenticate(e) || s.r.Received.IsZero() || !e.At.Before(s.r.Received.Add(-skew))
}

// gone says why what the event proved is nothing any more; "" = its password, linked login, factor or contact still exists.
func (s *evaluation) gone(i int) Flaw {
	e, there := &s.events[i], false
	switch {
	case e.Method == Password:
		there = s.person.HasPassword
	case e.Method == Social:
		there = s.person.identity(e.Credential) != nil
		if there && s.cannotReauthenticate(e) && !s.beganSignIn(i) {
			return FlawNoRepeat
		}
	case e.Method == Recovery:
		there = s.person.hasOwnFactor() // reserve codes stand in for a factor; without one they stand for nothing
	case e.ByOwnFactor():
		f := s.person.factor(e.Credential)
		there = f != nil && f.answeredBy(e.Method) && (e.Address == "" || e.Address == f.Address)
		if f == nil && s.person.disabled(e.Credential) {
			return FlawDisabled
		}
	default:
		there = e.Method.isCode() && s.person.contact(e) != nil
	}
	if !there {
		return FlawGone
	}
	return ""
}

// beganSignIn reports whether event i began the sign-in that still stands. A provider whose auth_time is not believed may do
// that but re-authenticates nobody: it may have asked nothing at all, so a later event of it is worth nothing.
func (s *evaluation) beganSignIn(i int) bool {
	for j := range i {
		e := &s.events[j]
		if s.weights[j].active && e.First() && (len(s.p.Levels) == 0 || s.p.Levels[0].lasts(e.At, s.now)) {
			return false
		}
	}
	return true
}

// reviveFirst lets an own factor stand in, under prompt=login, for a provider that cannot re-authenticate (reauth: local). One
// that is not offered, because it rests, does not.
func (s *evaluation) reviveFirst() {
	if !s.r.PromptLogin {
		return
	}
	own := false
	for i := range s.events {
		e, w := &s.events[i], &s.weights[i]
		if w.counts && w.current && e.ByOwnFactor() {
			st, _ := s.secondStrength(e)
			own = own || st >= s.p.leastStrength()
		}
	}
	for i := range s.events {
		if own && s.weights[i].active && s.cannotReauthenticate(&s.events[i]) {
			s.weights[i].counts = true
		}
	}
}

// cannotReauthenticate reports whether the event came from a provider that cannot re-authenticate.
func (s *evaluation) cannotReauthenticate(e *Event) bool {
	return e.Method == Social && !s.p.Providers[e.Provider].ReauthUpstream
}
