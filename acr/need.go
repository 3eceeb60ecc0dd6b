package acr

// need is what is still missing for one request: Needed and Asked of the policy, less what the evidence holds.
type need struct {
	target      int      // the level to be reached in all
	demanded    Reason   // why target: the first rule that needs it; "" = it is the lowest
	want        int      // the highest level still missing (or to be proved afresh); -1 = nothing
	reason      Reason   // why want
	stale       bool     // want is held, but a scope wants it fresher
	scopes      []string // sensitive scopes that ask
	offer       bool     // one of them the person may do without
	unreachable bool     // a necessary acr value nobody here can reach
	cooling     bool     // unreachable, but only until something has rested
}

// require says that a rule needs level l; of is whoever demands it.
func (n *need) require(s *evaluation, l int, why Reason, of string) {
	s.x.note(s, Rule{Reason: why, Of: of}, l)
	n.raise(s, l, why)
}

// raise notes that level l is needed. Of two reasons for one level the first one noted is told, so need asks in the order in
// which the reasons help the person on the page.
func (n *need) raise(s *evaluation, l int, why Reason) {
	n.aim(l, why)
	if l <= s.held || l <= n.want {
		return
	}
	n.want, n.reason, n.stale = l, why, false
	if l > 0 && s.outdated(l) {
		n.reason = ReasonMaxAge
		s.x.note(s, Rule{Reason: ReasonMaxAge}, l)
	}
}

// aim notes what is to be reached in all, held or not.
func (n *need) aim(l int, why Reason) {
	if l > n.target {
		n.target, n.demanded = l, why
	}
}

// outdated reports whether level l is missing only because its events are too old for the request's max_age.
func (s *evaluation) outdated(l int) bool {
	return l < len(s.levels) && s.levels[l].proved && !s.levels[l].good && s.p.Levels[l].lasts(s.levels[l].at, s.now) && s.r.MaxAge != nil
}

// need compares what the request and the person demand with what the evidence holds.
func (s *evaluation) need(a asked) need {
	n := need{want: -1}
	n.require(s, 0, s.whyFirst(), "")
	for i := range s.events {
		if e := &s.events[i]; s.weights[i].active && e.Method == Social && s.secondAfterSocial(e) {
			n.require(s, s.p.secondFactorLevel(), ReasonFirstSocial, e.Provider)
		}
	}
	for i := range s.r.Scopes {
		if sc := &s.r.Scopes[i]; sc.asks() {
			s.needScope(&n, sc)
		}
	}
	s.needAsked(&n, a)
	if floor := s.r.ClientFloor; floor != "" {
		n.require(s, s.p.floor(floor), ReasonClientFloor, s.r.Client)
	}
	for _, group := range s.person.Groups {
		if floor := s.p.GroupFloors[group]; floor != "" {
			n.require(s, s.p.floor(floor), ReasonGroupFloor, group)
		}
	}
	for i := range s.events {
		if e := &s.events[i]; s.weights[i].active && e.Method == Social {
			if floor := s.p.Providers[e.Provider].Floor; floor != "" {
				n.require(s, s.p.floor(floor), ReasonProviderFloor, e.Provider)
			}
		}
	}
	if s.person.EverySignIn || s.p.EverySignIn && s.person.hasOwnFactor() {
		of := "every_sign_in"
		if s.person.EverySignIn {
			of = "person"
		}
		n.require(s, s.p.secondFactorLevel(), ReasonOwnChoice, of)
	}
	silent := s.r.PromptNone || s.r.Declined
	for i := range s.r.Scopes {
		sc := &s.r.Scopes[i]
		switch {
		case sc.asks():
		case sc.OnUnmet == Offer && !silent && !s.meets(sc) && s.way(s.p.floor(sc.Level)).reach >= byEnrolment:
			n.offer = true
			s.needScope(&n, sc)
		default:
			s.x.noteScope(s, sc, Waived)
		}
	}
	s.x.noteAge(s, &n)
	return n
}

// whyFirst says why a first step would have to be taken (again).
func (s *evaluation) whyFirst() Reason {
	switch {
	case s.anew && !s.hasFirst:
		return ReasonPromptLogin
	case s.outdated(0):
		return ReasonMaxAge
	default:
		return ReasonNoSession // nothing of the sign-in is left, or the lowest level has lapsed
	}
}

// secondAfterSocial reports whether a social sign-in demands a second step, by the operator's rule.
func (s *evaluation) secondAfterSocial(e *Event) bool {
	login := s.person.identity(e.Credential)
	unproved := !login.Proved || s.person.Freeze.doubts(login.Since, s.now)
	switch s.p.Social {
	case SocialNever:
		return false
	case SocialAlways:
		return true
	case SocialNewDevice:
		return unproved || e.NewDevice
	default:
		return unproved
	}
}

// meets reports whether the evidence grants a scope: floor and max_age. The end of max_age is excluded, because the
// tokens of the scope may not live longer.
func (s *evaluation) meets(sc *Scope) bool {
	l := s.p.floor(sc.Level)
	return l <= s.held && (sc.MaxAge == 0 || s.now.Before(s.levels[l].at.Add(sc.MaxAge)))
}

// lacks are the scopes that the client requires and the evidence does not grant.
func (s *evaluation) lacks() (names []string) {
	for i := range s.r.Scopes {
		if sc := &s.r.Scopes[i]; sc.Required && !s.meets(sc) {
			names = append(names, sc.Name)
		}
	}
	return names
}

// needScope notes what a scope that asks still lacks.
func (s *evaluation) needScope(n *need, sc *Scope) {
	l := s.p.floor(sc.Level)
	s.x.noteScope(s, sc, Missing)
	n.aim(l, ReasonScopeFloor)
	if s.meets(sc) {
		return
	}
	if sc.Level != "" || sc.MaxAge > 0 { // a page has no words for "openid"
		n.scopes = append(n.scopes, sc.Name)
	}
	if l > s.held {
		n.raise(s, l, ReasonScopeFloor)
		return
	}
	if l > n.want {
		n.want, n.reason, n.stale = l, ReasonScopeMaxAge, true
	}
}

// needAsked picks which of the requested names to reach: the first that can be reached with what the person has, else the
// first that can be reached by switching a factor on. Where nobody is to be asked, or the person said no, one already
// held will do. A wish, or best_effort, is never an error.
func (s *evaluation) needAsked(n *need, a asked) {
	if len(a.names) == 0 {
		return
	}
	silent, rule := s.r.PromptNone || s.r.Declined, Rule{Reason: ReasonAcrAsked, Of: a.parameter, Names: a.names}
	bestReach, bestLevel := unreachable, 0
	for _, name := range a.names {
		l := s.p.index(name)
		if !s.p.exists(l) {
			continue
		}
		if l <= s.held {
			if silent {
				s.x.note(s, rule, l)
				return
			}
			if bestReach < reachable {
				bestReach, bestLevel = reachable, l
			}
			continue
		}
		w := s.way(l)
		n.cooling = n.cooling || w.aside.cooling
		if w.reach > bestReach {
			bestReach, bestLevel = w.reach, l
		}
	}
	switch {
	case a.soft && (silent || bestReach < byEnrolment), a.wish && bestReach < reachable:
		rule.State = Waived
		s.x.note(s, rule, s.p.lowest(a.names))
	case bestReach == unreachable:
		n.unreachable = true
		s.x.note(s, rule, s.p.lowest(a.names))
	default:
		s.x.note(s, rule, bestLevel)
		n.raise(s, bestLevel, ReasonAcrAsked)
	}
}
