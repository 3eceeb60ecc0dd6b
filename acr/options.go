package acr

import "slices"

// ownOptions appends the own factors, in the order they were switched on, and the reserve codes, that reach level; nil
// stands for any level: the person's factor as such.
func (s *evaluation) ownOptions(to []Option, level *Level, cooling *bool) []Option {
	for i := range s.person.Factors {
		f := &s.person.Factors[i]
		switch {
		case f.Disabled:
		case f.Method.isCode():
			// The same number by another channel is still the same factor, once it was proved by that, too.
			to = s.codeOption(to, level, f, f.Method, cooling)
			for _, channel := range s.p.Channels {
				if channel != f.Method && f.answeredBy(channel) {
					to = s.codeOption(to, level, f, channel, cooling)
				}
			}
		case level == nil, f.Method == Passkey && (level.Kind != HardwareBound || f.Hardware), accepts(level, f.Method):
			to = s.factorOption(to, f, f.Method, cooling)
		}
	}
	if s.person.hasOwnFactor() && s.person.RecoveryCodes > 0 && (level == nil || accepts(level, Recovery)) {
		o := Option{Method: Recovery, Own: true, Independent: s.person.reserveCodesCount(s.now)}
		if o.Independent || s.p.IndependentPreferred {
			to = append(to, o)
		}
	}
	return to
}

func (s *evaluation) codeOption(to []Option, level *Level, f *Factor, channel Method, cooling *bool) []Option {
	if !slices.Contains(s.p.Channels, channel) || !s.p.serves(channel, f.Country) || level != nil && !accepts(level, channel) {
		return to
	}
	return s.factorOption(to, f, channel, cooling)
}

func (s *evaluation) factorOption(to []Option, f *Factor, m Method, cooling *bool) []Option {
	st := s.factorStrength(f, f.Address, s.now)
	if st < s.p.leastStrength() {
		*cooling = true
		return to
	}
	return append(to, Option{Method: m, Credential: f.ID, Address: f.Address, Own: true, Independent: st == independent})
}

// accepts reports whether a method is a second step for level.
func accepts(level *Level, m Method) bool {
	return level.Kind == SecondFactor && slices.Contains(level.Second, m)
}

// contactOptions appends the contacts, channel by channel as the operator prefers them, that reach level (nil: that prove
// a hand on the account); those that are not independent come last, or not at all.
func (s *evaluation) contactOptions(to []Option, level *Level, cooling *bool) []Option {
	var last []Option
	for _, channel := range s.p.Channels {
		if level != nil && !accepts(level, channel) {
			continue
		}
		for i := range s.person.Contacts {
			c := &s.person.Contacts[i]
			if own := s.person.factorAt(c.Address); own != nil && !own.answeredBy(channel) {
				continue // it would be a way around the proof that the factor lacks
			}
			if !channel.reaches(c.Method) || !s.p.serves(channel, c.Country) || offered(to, channel, c.Address) || offered(last, channel, c.Address) {
				continue
			}
			o := Option{Method: channel, Credential: c.ID, Address: c.Address}
			switch st := s.contactStrength(c, s.now); {
			case st == independent:
				o.Independent = true
				to = append(to, o)
			case st >= s.p.leastStrength():
				last = append(last, o)
			case st == worthless, sameBox(c.Address, s.person.PasswordVia):
				*cooling = true
			}
		}
	}
	return append(to, last...)
}

func offered(options []Option, m Method, address string) bool {
	for i := range options {
		if options[i].Method == m && options[i].Address == address {
			return true
		}
	}
	return false
}

// repeatFirst lists how a known person can repeat the first step: the password, passkeys, the providers that can
// re-authenticate; and where the session began at one that cannot, the person's own factor in its place. Who only has to be
// chosen (prompt=select_account) can be by every linked login.
func (s *evaluation) repeatFirst() []Option {
	var to []Option
	choosing := s.anew && !s.r.PromptLogin
	if s.person.HasPassword {
		to = append(to, Option{Method: Password, Independent: true})
	}
	var own []Option
	var ignored bool
	for i := range s.events {
		if !choosing && s.weights[i].active && s.cannotReauthenticate(&s.events[i]) {
			own = s.ownOptions(nil, nil, &ignored)
			break
		}
	}
	for i := range s.person.Factors {
		if f := &s.person.Factors[i]; f.Method == Passkey && !f.Disabled {
			to = append(to, Option{Method: Passkey, Credential: f.ID, Own: true, Independent: true})
		}
	}
	for i := range s.person.Identities {
		login := &s.person.Identities[i]
		if choosing || s.p.Providers[login.Provider].ReauthUpstream {
			to = append(to, Option{Method: Social, Credential: login.Key, Provider: login.Provider, Independent: true})
		}
	}
	for _, o := range own {
		if o.Method != Passkey {
			to = append(to, o)
		}
	}
	return to
}
