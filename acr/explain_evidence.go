package acr

import "time"

// Worth is what one event is worth for the request.
type Worth struct {
	Event Event
	Level string    // the highest level it proves, by itself or beside a first step; "" = none
	Until time.Time // when it does so no longer, by the level's own limit; zero = with the session
	Flaw  Flaw      // why it is worth nothing, or less than its method can be; "" = it is worth what it can be
}

// Flaw is why an event, or something the person has, does not count, or not fully. Its sentence is [Flaw.Words].
type Flaw string

// The flaws.
const (
	FlawGone         Flaw = "gone"            // what it proved was taken off the account
	FlawDisabled     Flaw = "disabled"        // the factor is out of use after too many wrong codes
	FlawNoRepeat     Flaw = "no_repeat"       // the provider asks nobody again
	FlawEarlier      Flaw = "earlier"         // before this request, which wants a new sign-in
	FlawVoided       Flaw = "voided"          // Person.SecondSince: before something of the second steps was taken away
	FlawTooOld       Flaw = "too_old"         // older than the request's max_age
	FlawLapsed       Flaw = "lapsed"          // Level.Lasts is over
	FlawResting      Flaw = "resting"         // it rests, or did when it was used
	FlawTainted      Flaw = "tainted"         // the password was set through this mailbox
	FlawReported     Flaw = "reported"        // the address is that of the login that began the session
	FlawAlone        Flaw = "alone"           // no first step stands beside it
	FlawBesideFactor Flaw = "beside_factor"   // a code to a contact of somebody who has a factor
	FlawContactCodes Flaw = "no_contact_code" // second_factor.contact_codes: never
	FlawOtherChannel Flaw = "other_channel"   // the number is a factor, and was not proved by this channel
	FlawLevel        Flaw = "level"           // no level (or not the one asked for) takes this method
	FlawChannel      Flaw = "channel"         // no code goes by this channel here
	FlawCountry      Flaw = "country"         // no code goes to this country
	FlawFrozen       Flaw = "frozen"          // Person.Freeze: it came with or after an act that was disowned, or is where the link was read
)

// noteEvidence says what the events are worth.
func (x *Explanation) noteEvidence(s *evaluation) {
	if x == nil {
		return
	}
	for i := range s.events {
		x.Events = append(x.Events, s.worth(i))
	}
	for l := range s.levels {
		if g := &s.levels[l]; g.proved {
			x.Levels = append(x.Levels, Held{s.p.name(l), g.at, s.lapses(l, g.at), g.good})
		}
	}
}

// worth says what event i is worth: the highest level that it keeps good for this request.
func (s *evaluation) worth(i int) Worth {
	w := Worth{Event: s.events[i], Flaw: s.flaw(i)}
	if !s.hasFirst {
		return w
	}
	for l := range s.p.Levels {
		if s.supports(i, l) {
			w.Level, w.Until = s.p.name(l), s.lapses(l, s.events[i].At)
		}
	}
	return w
}

// lapses is when level l, proved at t, ends by its own limit.
func (s *evaluation) lapses(l int, t time.Time) time.Time {
	if lasts := s.p.Levels[l].Lasts; lasts > 0 {
		return t.Add(lasts)
	}
	return time.Time{}
}

// flaw says why event i is worth less than its method can be: the first reason that holds, of those for which nothing is left of
// it before those that only take a level away.
func (s *evaluation) flaw(i int) Flaw {
	e, w := &s.events[i], &s.weights[i]
	if why := s.gone(i); why != "" {
		return why
	}
	switch {
	case !w.counts:
		return FlawEarlier
	case !w.current && (e.Method.facts().Second || e.UpstreamAcr != ""): // else it is a first step as before
		return FlawVoided
	case e.Method == Social && e.UpstreamAcr != "" && s.person.Freeze.Holds(e.At):
		return FlawFrozen
	}
	if st, why := s.secondStrength(e); st < independent && why != "" {
		return why
	}
	top := -1
	for l := range s.p.Levels {
		if s.proves(i, l) {
			top = l
		}
	}
	switch {
	case !w.fresh:
		return FlawTooOld
	case top <= 0 && e.Method.isCode() && !e.ByOwnFactor() && !s.p.allowsContactCode(s.barsContacts()):
		return FlawContactCodes
	case top < 0 || top == 0 && !e.First():
		return FlawLevel
	case !s.p.Levels[top].lasts(e.At, s.now):
		return FlawLapsed
	}
	return ""
}

// leaveFirst notes the linked logins by which a first step cannot be repeated, because their provider asks nobody again.
func (s *evaluation) leaveFirst(left *aside) {
	for i := range s.person.Identities {
		login := &s.person.Identities[i]
		left.leave(Option{Method: Social, Credential: login.Key, Provider: login.Provider, Independent: true}, FlawNoRepeat, time.Time{})
	}
}
