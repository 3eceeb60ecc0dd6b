package acr

import (
	"slices"
	"time"
)

// satisfied makes the one value that can become an authorization code.
func (s *evaluation) satisfied(evidence *Evidence, a asked, n need) Decision {
	g := Granted{
		request: s.r.ID,
		session: evidence.Session,
		subject: s.person.ID,
		version: evidence.Version,
		because: n.demanded,
		scopes:  make([]string, 0, len(s.r.Scopes)),
	}
	floor := s.p.floor(s.r.ClientFloor)
	for i := range s.r.Scopes {
		if sc := &s.r.Scopes[i]; s.meets(sc) {
			g.scopes = append(g.scopes, sc.Name)
			floor = max(floor, s.p.floor(sc.Level))
		}
	}
	name, level := s.answer(a, floor)
	g.acr, g.level, g.authTime = name, s.p.name(level), s.levels[level].at
	g.until = s.until(max(level, floor, s.p.groupFloor(s.person)))
	s.describe(&g, level)
	return Decision{Outcome: Satisfied, Granted: g, Target: s.p.name(n.target)}
}

// answer names the level: the first requested name held and not below the floors of client and granted scopes; for an
// essential acr the first one held; else the highest held among the names this client was told of, because panels compare
// by equality. The spelling of the panel comes back. Floors of the person bind the proof, not the name.
func (s *evaluation) answer(a asked, floor int) (name string, level int) {
	for _, name := range a.names {
		if l := s.p.index(name); l <= s.held && l >= floor {
			return name, l
		}
	}
	if a.essential {
		for _, name := range a.names {
			if l := s.p.index(name); l <= s.held {
				return name, l
			}
		}
	}
	name, level = s.p.name(0), 0
	knowsHigher := false // the client was told of a level above the lowest
	consider := func(n string) {
		l := s.p.floor(n)
		knowsHigher = knowsHigher || l > 0 && s.p.exists(l)
		if l > level && l <= s.held {
			name, level = n, l
		}
	}
	consider(s.r.ClientFloor)
	for _, n := range s.r.KnownLevels {
		consider(n)
	}
	for i := range s.r.Scopes {
		consider(s.r.Scopes[i].Level)
	}
	if !knowsHigher {
		return s.p.name(s.held), s.held
	}
	return name, level
}

// until is the first moment at which a level up to top lapses or the max_age of a granted scope ends.
func (s *evaluation) until(top int) time.Time {
	var end time.Time
	earlier := func(t time.Time) {
		if end.IsZero() || t.Before(end) {
			end = t
		}
	}
	for l := 0; l <= top; l++ {
		if lasts := s.p.Levels[l].Lasts; lasts > 0 {
			earlier(s.levels[l].at.Add(lasts))
		}
	}
	for i := range s.r.Scopes {
		if sc := &s.r.Scopes[i]; sc.MaxAge > 0 && s.meets(sc) {
			earlier(s.levels[s.p.floor(sc.Level)].at.Add(sc.MaxAge))
		}
	}
	return end
}

// describe adds what the answer says of its proof: amr, channels, provider, and the events to freeze.
func (s *evaluation) describe(g *Granted, level int) {
	secondNeedsFirst, firstSupports := false, false
	for i := range s.events {
		secondNeedsFirst = secondNeedsFirst || s.needsFirst(i)
		firstSupports = firstSupports || s.events[i].First() && s.supports(i, 0)
	}
	g.events = make([]Event, 0, len(s.events))
	g.amr = make([]string, 0, 6)
	for i := range s.events {
		e := &s.events[i]
		if !s.weights[i].counts {
			continue
		}
		lifts := s.supportsHigher(i)
		// Under max_age only fresh steps are told; but a second step stands on a first one, which may be older.
		told := lifts || e.First() && (secondNeedsFirst || !firstSupports || s.supports(i, 0))
		if told {
			g.claim(e, lifts && s.claimsMFA(i))
		}
		// The lowest level's auth_time may be that of a step whose own level has lapsed: it is kept as its proof.
		if told || level == 0 && e.At.Equal(g.authTime) && s.proves(i, 0) {
			g.events = append(g.events, *e)
		}
	}
	slices.Sort(g.amr)
	g.amr = slices.Compact(g.amr)
	slices.Sort(g.channel)
	g.channel = slices.Compact(g.channel)
}

// claimsMFA reports whether event i may be told as "mfa".
func (s *evaluation) claimsMFA(i int) bool {
	return s.weights[i].asSecond == independent || s.weights[i].trust >= s.p.secondFactorLevel()
}

// supports reports whether event i by itself keeps level l good for this request.
func (s *evaluation) supports(i, l int) bool {
	return s.weights[i].counts && s.weights[i].fresh && s.proves(i, l) && s.p.Levels[l].lasts(s.events[i].At, s.now)
}

// supportsHigher reports whether event i supports a held level above the lowest.
func (s *evaluation) supportsHigher(i int) bool {
	for l := 1; l <= s.held; l++ {
		if s.supports(i, l) {
			return true
		}
	}
	return false
}

// needsFirst reports whether event i lifts only together with a first step.
func (s *evaluation) needsFirst(i int) bool {
	return !s.events[i].userVerified() && s.weights[i].trust < 0 && s.supportsHigher(i)
}

// claim adds the RFC 8176 names of one event. "mfa" is said only of an independent second step, a user-verified passkey,
// or an upstream acr that YAML trusts that far: under independent: preferred the level may be higher than the claim.
func (g *Granted) claim(e *Event, multi bool) {
	facts := e.Method.facts()
	g.amr = append(g.amr, facts.Claims...)
	switch {
	case e.Method == Social:
		g.idp = e.Provider
	case e.Method == Passkey && e.Hardware:
		g.amr = append(g.amr, "hwk")
	}
	if facts.Contact != "" {
		g.channel = append(g.channel, string(e.Method))
	}
	if multi {
		g.amr = append(g.amr, "mfa")
	}
}
