package acr

import "time"

// levelState is how far the events prove one level.
type levelState struct {
	at     time.Time // auth_time: the latest event that proves the level and satisfies max_age
	proved bool
	good   bool // proved, not lapsed, and good for this request's max_age
}

// levelState says how far the events prove one level. Where some satisfy max_age, only they count: another tab may have taken
// a step since, and max_age=0 wants this request's.
func (s *evaluation) levelState(l int) levelState {
	var g levelState
	fresh := false
	for i := range s.events {
		w := &s.weights[i]
		if !s.hasFirst || !w.counts || fresh && !w.fresh || !s.proves(i, l) {
			continue
		}
		if e := &s.events[i]; !g.proved || w.fresh && !fresh || e.At.After(g.at) {
			g.at = e.At
		}
		g.proved, fresh = true, fresh || w.fresh
	}
	level := &s.p.Levels[l]
	g.good = g.proved && fresh && level.lasts(g.at, s.now)
	if s.sessionOver && l > 0 && level.Lasts == 0 {
		g.good = false // lasts: session
	}
	return g
}

// proves reports whether event i proves level l above the one below it: the events whose latest is the level's auth_time.
// For the lowest that is any event that counts for some level.
func (s *evaluation) proves(i, l int) bool {
	e, w, level := &s.events[i], &s.weights[i], &s.p.Levels[l]
	if w.trust >= l {
		return true
	}
	enough := w.asSecond >= s.p.leastStrength()
	switch level.Kind {
	case FirstStep:
		if e.First() {
			return true
		}
		for j := range s.p.Levels {
			if enough && s.acceptsAsSecond(e, &s.p.Levels[j]) {
				return true
			}
		}
		return false
	case SecondFactor:
		return enough && (e.userVerified() || s.acceptsAsSecond(e, level))
	case PhishingResistant:
		return enough && e.userVerified()
	default:
		return enough && e.userVerified() && e.Hardware
	}
}

// acceptsAsSecond reports whether level accepts an event of sufficient strength as its second step.
func (s *evaluation) acceptsAsSecond(e *Event, level *Level) bool {
	for _, m := range level.Second {
		if m == e.Method {
			switch {
			case e.Method == Passkey:
				return s.firstStepBesidePasskey()
			case e.ByOwnFactor():
				return true
			}
			return s.p.allowsContactCode(s.barsContacts())
		}
	}
	return false
}

// firstStepBesidePasskey reports whether a first step other than a passkey counts, so that a passkey can be the second
// step to it.
func (s *evaluation) firstStepBesidePasskey() bool {
	for i := range s.events {
		if s.weights[i].counts && s.events[i].First() && s.events[i].Method != Passkey {
			return true
		}
	}
	return false
}
