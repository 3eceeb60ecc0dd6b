package acr

import (
	"slices"
	"time"
)

// Freeze is what "it was not me" leaves on an account. While it holds, no second step counts at any floor but one that lifts it:
// an own factor older than the disowned act, or a code to another settled contact. Lifted, or over by time, it still keeps apart
// what came to the account between the act and its end: until Until none of that counts, so that the thief's app does not
// come back to life by the owner's proof.
//
// Easy to get wrong: a freeze must give nothing to whoever says it. Said in a session, which costs a password, it only takes
// away. Behind a mailed link it also lets codes to contacts stand again beside a factor that was switched on since the act, since
// the owner would be shut out by the thief's app; but never a code to the mailbox of the link.
type Freeze struct {
	Since  time.Time // the disowned act; of several the earliest
	Mailed time.Time // the earliest one that was disowned behind a mailed link; zero = none was
	Until  time.Time // end of the cooling time; zero = nobody ever said so
	Lifted time.Time // when a proof or the help desk lifted it; zero = neither did
	Via    []string  // canonical addresses that do not lift it: where the link was read, and what codes went to with the act
}

// Holds reports whether the account is frozen at t.
func (z *Freeze) Holds(t time.Time) bool { return t.Before(z.end()) }

func (z *Freeze) end() time.Time {
	if !z.Lifted.IsZero() && z.Lifted.Before(z.Until) {
		return z.Lifted
	}
	return z.Until
}

// doubts reports whether what the account has since then counts for nothing at t: it is no older than the disowned act, and came
// before the freeze ended.
func (z *Freeze) doubts(since, t time.Time) bool {
	return t.Before(z.Until) && !since.Before(z.Since) && since.Before(z.end())
}

// bars reports whether a factor of that age keeps codes to contacts from counting (see [Person.hasOwnFactor]).
func (z *Freeze) bars(since, t time.Time) bool {
	return z.Mailed.IsZero() || since.Before(z.Mailed) || !z.doubts(since, t)
}

// keepsOut reports whether a code to a contact at t counts for nothing because of the freeze.
func (z *Freeze) keepsOut(c *Contact, t time.Time) bool {
	return z.doubts(c.Since, t) ||
		z.Holds(t) && slices.ContainsFunc(z.Via, func(address string) bool { return sameBox(address, c.Address) })
}

// Doubts reports whether a factor of the person counts for nothing because of a freeze, held or lifted.
func (p *Person) Doubts(factor string, now time.Time) bool {
	return slices.ContainsFunc(p.Factors, func(f Factor) bool { return f.ID == factor && p.Freeze.doubts(f.Since, now) })
}

// doubtsReserveCodes is doubts for the reserve codes. Codes that nobody keeps any more are of no age.
func (p *Person) doubtsReserveCodes(t time.Time) bool {
	return p.Freeze.doubts(p.RecoveryMade, t) || p.RecoveryMade.IsZero() && p.Freeze.Holds(t)
}

// barsContacts reports whether an own factor keeps codes to contacts from counting.
func (s *evaluation) barsContacts() bool {
	return slices.ContainsFunc(s.person.Factors, func(f Factor) bool { return s.person.Freeze.bars(f.Since, s.now) })
}

// bornHere reports whether the account was made in this flow and has nothing yet that somebody could be after.
func (s *evaluation) bornHere() bool { return s.person.BornHere && !s.person.Freeze.Holds(s.now) }

// leastNow is the least strength of a step that is asked for now: during a freeze only what lifts it.
func (s *evaluation) leastNow() strength {
	if s.person.Freeze.Holds(s.now) {
		return independent
	}
	return s.p.leastStrength()
}

// unmet is why nothing the person has reaches a level.
func (s *evaluation) unmet(cooling bool) Reason {
	switch {
	case !cooling:
		return ReasonUnreachable
	case s.person.Freeze.Holds(s.now):
		return ReasonFrozen
	}
	return ReasonCooling
}

// LiftsFreeze reports whether the evidence holds a proof that lifts the person's freeze (see [Freeze]).
func LiftsFreeze(p *Policy, person Person, evidence Evidence, now time.Time) bool {
	if person.nobody() || !person.Freeze.Holds(now) {
		return false
	}
	s := weigh(p, &Request{}, &person, evidence.Events, now, false)
	for i := range s.events {
		if s.weights[i].asSecond == independent && s.supportsHigher(i) {
			return true
		}
	}
	return false
}

// WaysBack lists what the person has that lifts the freeze, behind a first step.
func WaysBack(p *Policy, person Person, now time.Time) []Option {
	first := Event{Method: Password, At: now}
	if !person.HasPassword {
		if len(person.Identities) == 0 {
			return nil
		}
		login := &person.Identities[0]
		first = Event{Method: Social, Credential: login.Key, Provider: login.Provider, At: now}
	}
	second := p.secondFactorLevel()
	if !p.exists(second) {
		return nil
	}
	s := weigh(p, &Request{}, &person, []Event{first}, now, false)
	w := s.way(second)
	if w.reach != reachable {
		return nil
	}
	return slices.DeleteFunc(w.options, func(o Option) bool { return !o.Independent })
}
