package acr

import (
	"slices"
	"time"
)

// aside is what a search for options leaves out.
type aside struct {
	cooling bool       // something of it would serve, but still rests
	told    bool       // somebody wants to hear of each: left
	left    []Withheld // what the person has and cannot use, with why
}

// leave notes an option that is not offered, until then; zero = for no set time.
func (a *aside) leave(o Option, why Flaw, until time.Time) {
	if !a.told || slices.ContainsFunc(a.left, func(w Withheld) bool { return w.Way() == o.Way() }) {
		return
	}
	a.left = append(a.left, Withheld{o, why, until})
}

// shut says why no code of a channel that goes to a country can serve for level (nil: for any); "" = one can.
func (s *evaluation) shut(channel Method, country string, level *Level) Flaw {
	switch {
	case !slices.Contains(s.p.Channels, channel):
		return FlawChannel
	case !s.p.serves(channel, country):
		return FlawCountry
	case level != nil && !accepts(level, channel):
		return FlawLevel
	}
	return ""
}

// ends is when a flaw of something that rests until then goes by itself; zero = not by time.
func (s *evaluation) ends(why Flaw, rests time.Time) time.Time {
	switch why {
	case FlawResting:
		return rests
	case FlawFrozen:
		return s.person.Freeze.Until
	case FlawTainted:
		return s.person.PasswordViaUntil
	}
	return time.Time{}
}

// leaveContacts notes that no contact is looked at for level.
func (s *evaluation) leaveContacts(left *aside, level *Level) {
	why := FlawLevel
	switch {
	case level.Kind != SecondFactor:
	case s.p.ContactCodes == Never:
		why = FlawContactCodes
	default:
		why = FlawBesideFactor
	}
	for i := range s.person.Contacts {
		c := &s.person.Contacts[i]
		left.leave(Option{Method: c.Method, Credential: c.ID, Address: c.Address}, why, time.Time{})
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// leaveUnreached notes the contacts to which no channel goes.
func (s *evaluation) leaveUnreached(left *aside) {
	for i := range s.person.Contacts {
		c := &s.person.Contacts[i]
		if left.told && !slices.ContainsFunc(s.p.Channels, c.Method.reaches) {
			left.leave(Option{Method: c.Method, Credential: c.ID, Address: c.Address}, FlawChannel, time.Time{})
		}
	}
}
