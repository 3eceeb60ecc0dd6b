package acr

// isBirthContact reports whether the account is newborn and c is the contact it was born by: an invitation to it set the
// first password of an account that nobody had before, and nothing changed since. Whoever reads that mailbox is the owner,
// so a code to it may open an enrolment that counts at once. The code itself stays what it is: dependent.
func (s *evaluation) isBirthContact(c *Contact) bool {
	p := s.person
	return p.BirthAddress != "" && c.Address == p.BirthAddress && s.now.Before(p.BirthUntil) && !p.hasOwnFactor() && !p.contactRests(c, s.now) && !s.now.Before(p.Freeze.Until)
}

// isBirthProof reports whether an event is a code to that contact.
func (s *evaluation) isBirthProof(i int) bool {
	e := &s.events[i]
	if !s.weights[i].active || !s.weights[i].current || !e.Method.isCode() || e.ByOwnFactor() {
		return false
	}
	c := s.person.contact(e)
	return c != nil && s.isBirthContact(c)
}

// hasEnrolmentProof is hasRecentProof for switching a factor on: the code to that contact does as well, and for nothing else.
func (s *evaluation) hasEnrolmentProof(ownFactor bool) bool {
	if s.hasRecentProof(ownFactor, s.p.leastStrength()) {
		return true
	}
	for i := range s.events {
		if !ownFactor && s.recent(i) && s.isBirthProof(i) {
			return true
		}
	}
	return false
}

// birthOptions appends the code that opens the enrolment of a newborn account, unless it is offered already.
func (s *evaluation) birthOptions(to []Option) []Option {
	for _, channel := range s.p.Channels {
		for i := range s.person.Contacts {
			c := &s.person.Contacts[i]
			if channel.reaches(c.Method) && s.isBirthContact(c) && !offered(to, channel, c.Address) {
				to = append(to, Option{Method: channel, Credential: c.ID, Address: c.Address})
			}
		}
	}
	return to
}
