package acr

import (
	"slices"
	"time"
)

// ownOptions appends the own factors, in the order they were switched on, and the reserve codes, that reach level; nil
// stands for any level: the person's factor as such.
func (s *evaluation) ownOptions(to []Option, level *Level, left *aside) []Option {
	for i := range s.person.Factors {
		f := &s.person.Factors[i]
		switch {
		case f.Disabled:
			left.leave(f.option(f.Method), FlawDisabled, time.Time{})
		case f.Method.isCode():
			// The same number by another channel is still the same factor, once it was proved by that, too.
			to = s.codeOption(to, level, f, f.Method, left)
			for _, channel := range s.p.Channels {
				if channel != f.Method && f.answeredBy(channel) {
					to = s.codeOption(to, level, f, channel, left)
				}
			}
		case level == nil, f.Method == Passkey && (level.Kind != HardwareBound || f.Hardware), accepts(level, f.Method):
			to = s.factorOption(to, f, f.Method, left)
		default:
			left.leave(f.option(f.Method), FlawLevel, time.Time{})
		}
	}
	return s.reserveOption(to, level, left)
}

// reserveOption appends the reserve codes.
func (s *evaluation) reserveOption(to []Option, level *Level, left *aside) []Option {
	if !s.person.hasOwnFactor() || s.person.RecoveryCodes == 0 {
		return to
	}
	o := Option{Method: Recovery, Own: true, Independent: s.person.reserveCodesCount(s.now)}
	switch {
	case level != nil && !accepts(level, Recovery):
		left.leave(o, FlawLevel, time.Time{})
	case s.person.doubtsReserveCodes(s.now):
		left.cooling = true
		left.leave(o, FlawFrozen, s.person.Freeze.Until)
	case o.Independent || s.leastNow() < independent:
		to = append(to, o)
	default:
		left.leave(o, FlawResting, s.person.RecoveryRestsUntil)
	}
	return to
}

// codeOption appends a number that is an own factor, by one channel.
func (s *evaluation) codeOption(to []Option, level *Level, f *Factor, channel Method, left *aside) []Option {
	if why := s.shut(channel, f.Country, level); why != "" {
		left.leave(f.option(channel), why, time.Time{})
		return to
	}
	return s.factorOption(to, f, channel, left)
}

func (s *evaluation) factorOption(to []Option, f *Factor, m Method, left *aside) []Option {
	o := f.option(m)
	st, why := s.factorStrength(f, f.Address, s.now)
	if st < s.leastNow() {
		left.cooling = true
		left.leave(o, why, s.ends(why, f.RestsUntil))
		return to
	}
	o.Independent = st == independent
	return append(to, o)
}

// option is the factor as a way to complete a step by one method.
func (f *Factor) option(m Method) Option {
	return Option{Method: m, Credential: f.ID, Address: f.Address, Own: true}
}

// accepts reports whether a method is a second step for level.
func accepts(level *Level, m Method) bool {
	return level.Kind == SecondFactor && slices.Contains(level.Second, m)
}

// contactOptions appends the contacts, channel by channel as the operator prefers them, that reach level (nil: that prove
// a hand on the account); those that are not independent come last, or not at all.
func (s *evaluation) contactOptions(to []Option, level *Level, left *aside) []Option {
	var last []Option
	for _, channel := range s.p.Channels {
		for i := range s.person.Contacts {
			c := &s.person.Contacts[i]
			if !channel.reaches(c.Method) || offered(to, channel, c.Address) || offered(last, channel, c.Address) {
				continue
			}
			o := Option{Method: channel, Credential: c.ID, Address: c.Address}
			if why := s.shut(channel, c.Country, level); why != "" {
				left.leave(o, why, time.Time{})
				continue
			}
			if own := s.person.factorAt(c.Address); own != nil && !own.answeredBy(channel) {
				left.leave(o, FlawOtherChannel, time.Time{}) // it would be a way around the proof that the factor lacks
				continue
			}
			st, why := s.contactStrength(c, s.now)
			switch {
			case st == independent:
				o.Independent = true
				to = append(to, o)
				continue
			case st >= s.leastNow():
				last = append(last, o)
				continue
			case st == worthless, sameBox(c.Address, s.person.PasswordVia):
				left.cooling = true
			}
			left.leave(o, why, s.ends(why, later(c.RestsUntil, s.person.RestsUntil)))
		}
	}
	s.leaveUnreached(left)
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
	var ignored aside
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
