package acr

import (
	"slices"
	"time"
)

// secondStrength says what an active event is worth as a second step, and why no more. What was true when it happened
// decides, so that a code taken while its address rested does not ripen by itself.
func (s *evaluation) secondStrength(e *Event) (strength, Flaw) {
	st, why := s.plainStrength(e)
	if st < independent && s.person.Freeze.Holds(e.At) {
		st = worthless
	}
	return st, why
}

// plainStrength is secondStrength, where no freeze asks for more.
func (s *evaluation) plainStrength(e *Event) (strength, Flaw) {
	switch {
	case !e.Method.facts().Second:
		return worthless, ""
	case e.Method == Recovery && s.person.doubtsReserveCodes(e.At):
		return worthless, FlawFrozen
	case e.Method == Recovery:
		if !e.Resting && s.person.reserveCodesCount(e.At) {
			return independent, ""
		}
		return dependent, FlawResting
	case e.ByOwnFactor():
		return s.factorStrength(s.person.factor(e.Credential), e.Address, e.At)
	}
	if s.barsContacts() && s.p.ContactCodes != Always {
		return worthless, FlawBesideFactor // the mailbox alone would open what the app protects
	}
	c := s.person.contact(e)
	if own := s.person.factorAt(c.Address); own != nil && !own.answeredBy(e.Method) {
		return worthless, FlawOtherChannel
	}
	return s.contactStrength(c, e.At)
}

// factorStrength says what an own factor used at t is worth.
func (s *evaluation) factorStrength(f *Factor, address string, t time.Time) (strength, Flaw) {
	if s.person.Freeze.doubts(f.Since, t) {
		return worthless, FlawFrozen
	}
	if t.Before(f.RestsUntil) {
		return dependent, FlawResting
	}
	if f.Method.isCode() {
		if address == "" {
			address = f.Address
		}
		return s.addressStrength(address, t)
	}
	return independent, ""
}

// contactStrength says what a code to a contact at t is worth.
func (s *evaluation) contactStrength(c *Contact, t time.Time) (strength, Flaw) {
	if s.person.Freeze.keepsOut(c, t) {
		return worthless, FlawFrozen
	}
	if s.person.contactRests(c, t) {
		return worthless, FlawResting
	}
	return s.addressStrength(c.Address, t)
}

// addressStrength says whether a code to an address is independent of the first step: not where the password was last
// set through it (whatever the first step is now, for the cooling time), nor where every first step is a provider that
// ever reported it. Addresses are compared as mailboxes ([sameBox]).
func (s *evaluation) addressStrength(address string, t time.Time) (strength, Flaw) {
	if t.Before(s.person.PasswordViaUntil) && sameBox(address, s.person.PasswordVia) {
		return dependent, FlawTainted
	}
	why := FlawAlone
	for i := range s.events {
		e, w := &s.events[i], &s.weights[i]
		// Before the first step is repeated (prompt=login) the old one tells what will be possible.
		if !e.First() || !w.active || s.hasFirst && !w.counts {
			continue
		}
		if e.Method != Social || !s.reported(e, address) {
			return independent, ""
		}
		why = FlawReported
	}
	return dependent, why
}

// reported reports whether the provider ever told the address of this login, then or at any other time: people untick it
// the next time.
func (s *evaluation) reported(e *Event, address string) bool {
	same := func(told string) bool { return sameBox(told, address) }
	login := s.person.identity(e.Credential)
	return slices.ContainsFunc(e.Reported, same) || login != nil && slices.ContainsFunc(login.Reported, same)
}
