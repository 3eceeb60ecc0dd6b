package acr

import (
	"slices"
	"time"
)

// Explanation is how [Decide] came to its answer.
type Explanation struct {
	Decision Decision
	Rules    []Rule  // what was demanded, in the order in which it was considered
	Events   []Worth // what each event of the evidence is worth now, in the order of the evidence
	Levels   []Held  // the levels that the events prove, weakest first

	// What the person has for the step that comes next; where none does, for the lowest level that takes a second one.
	Step     string     // the level
	Ways     []Option   // what serves
	Opens    bool       // … but only to switch on one of Enrol, which then reaches the level
	Enrol    []Method   // what may be switched on: at once where there are no Ways, else after or beside them
	Withheld []Withheld // what does not serve, and why
}

// State is what became of a rule.
type State string

// The states.
const (
	Met     State = "met"     // what it demands is there
	Missing State = "missing" // it is not, and the request cannot be answered without
	Waived  State = "waived"  // it is not, and the request is answered without: a wish, a scope that may be left out
	Refuses State = "refuses" // it ends the request
)

// Rule is one demand. Its sentence is [Reason.Words].
type Rule struct {
	Reason  Reason
	Of      string        // whose it is: the scope, client, provider, group or parameter of the request; "" = of the request as a whole
	Names   []string      // ReasonAcrAsked, ReasonUnknownAcr: the names as the panel spelled them
	Level   string        // what it demands; "" = no level
	MaxAge  time.Duration // … proved within; 0 = whenever
	State   State
	Because bool // the decision names it

	level int
}

// Held is a level that the events prove.
type Held struct {
	Level string
	At    time.Time // auth_time of an answer of that level
	Until time.Time // when it lapses by its own limit; zero = with the session
	Good  bool      // it is good for this request: it did not lapse, and is as fresh as max_age wants it
}

// Withheld is something the person has that does not serve.
type Withheld struct {
	Option
	Why   Flaw
	Until time.Time // when that is over by itself; zero = not by time
}

// Explain is [Decide], and says how it came to its answer. It is the same judgement, listened to, and never a second one.
func Explain(p *Policy, request Request, person Person, evidence Evidence, now time.Time) Explanation {
	var x Explanation
	x.Decision = decide(p, &request, &person, &evidence, now, &x)
	d := &x.Decision
	if slices.Contains(endings, d.Reason) {
		rule := Rule{Reason: d.Reason, State: Refuses}
		if d.Reason == ReasonUnknownAcr {
			a := p.asks(&request)
			rule.Of, rule.Names = a.parameter, a.names
		}
		x.Rules = append(x.Rules, rule)
	}
	if len(d.Options) > 0 && d.Outcome != AskEnrol {
		x.Ways = d.Options
	}
	x.Withheld = slices.DeleteFunc(x.Withheld, func(w Withheld) bool {
		return slices.ContainsFunc(x.Ways, func(o Option) bool { return o.Way() == w.Way() })
	})
	x.because()
	return x
}

// endings are the reasons that no demand has: what ended the request is said by the decision alone.
var endings = []Reason{ReasonUnknownAcr, ReasonOtherPerson, ReasonQuarantine, ReasonDeclined, ReasonUnreachable, ReasonCooling, ReasonFrozen}

// because marks the rule that the decision names: of several with one reason that of the highest level.
func (x *Explanation) because() {
	var named *Rule
	for i := range x.Rules {
		r := &x.Rules[i]
		if r.Reason == x.Decision.Reason && (r.State == Missing || r.State == Refuses) && (named == nil || r.level > named.level) {
			named = r
		}
	}
	if named != nil {
		named.Because = true
	}
}

// note adds a rule that demands level l. Its state is whether that is held, unless it says one itself.
func (x *Explanation) note(s *evaluation, r Rule, l int) {
	if x == nil {
		return
	}
	r.Level, r.level = s.p.name(l), l
	switch {
	case r.Reason == ReasonMaxAge: // noted where it bites, once for a level
		r.State, r.MaxAge = Missing, *s.r.MaxAge
		if slices.ContainsFunc(x.Rules, func(old Rule) bool { return old.Reason == r.Reason && old.level == l }) {
			return
		}
	case r.State == "" && l <= s.held:
		r.State = Met
	case r.State == "":
		r.State = Missing
	}
	x.Rules = append(x.Rules, r)
}

// noteFirstSocial adds that a linked login waits in quarantine for its second step, whatever the evidence holds.
func (x *Explanation) noteFirstSocial(s *evaluation, second int) {
	rule := Rule{Reason: ReasonFirstSocial, State: Missing}
	for i := range s.events {
		if e := &s.events[i]; e.Method == Social {
			rule.Of = e.Provider
		}
	}
	x.note(s, rule, second)
}

// noteAge adds a max_age of the request that everything satisfies.
func (x *Explanation) noteAge(s *evaluation, n *need) {
	if x != nil && s.r.MaxAge != nil && n.target <= s.held {
		x.Rules = append(x.Rules, Rule{Reason: ReasonMaxAge, MaxAge: *s.r.MaxAge, State: Met})
	}
}

// noteFirst adds that there is no sign-in.
func (x *Explanation) noteFirst(p *Policy) {
	if x != nil {
		x.Rules = append(x.Rules, Rule{Reason: ReasonNoSession, Level: p.name(0), State: Missing})
	}
}

// noteScope adds what a scope demands; unmet is its state where it is not met.
func (x *Explanation) noteScope(s *evaluation, sc *Scope, unmet State) {
	if x == nil {
		return
	}
	l := s.p.floor(sc.Level)
	state := func(met bool) State {
		if met {
			return Met
		}
		return unmet
	}
	if sc.Level != "" {
		x.note(s, Rule{Reason: ReasonScopeFloor, Of: sc.Name, State: state(l <= s.held)}, l)
	}
	if sc.MaxAge > 0 {
		x.note(s, Rule{Reason: ReasonScopeMaxAge, Of: sc.Name, MaxAge: sc.MaxAge, State: state(s.meets(sc))}, l)
	}
}

// noteWays says what the person has for level l.
func (x *Explanation) noteWays(s *evaluation, l int) {
	if x == nil || !s.p.exists(l) {
		return
	}
	w := s.way(l)
	if l == 0 {
		s.leaveFirst(&w.aside)
	}
	x.noteWay(s.p.name(l), w)
}

func (x *Explanation) noteWay(level string, w way) {
	if x == nil {
		return
	}
	x.Step, x.Ways, x.Opens, x.Withheld = level, w.options, w.reach == byEnrolment && !w.enrol, w.aside.left
	x.Enrol = w.enrolAfter
	if len(w.enrolInstead) > 0 {
		x.Enrol = w.enrolInstead
	}
	if w.enrol {
		x.Ways = nil
	}
}
