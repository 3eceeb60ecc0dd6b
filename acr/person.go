package acr

import (
	"slices"
	"time"
)

// Factor is an own factor: something the person switched on.
type Factor struct {
	ID         string
	Method     Method    // TOTP, Passkey, SMS, WhatsApp
	Address    string    // SMS, WhatsApp: canonical number
	Channels   []Method  // SMS, WhatsApp: those by which the number was proved; Method always is
	Country    string    // SMS, WhatsApp: of the number (ISO 3166)
	Since      time.Time // when it was switched on
	RestsUntil time.Time // enrolled on a non-independent proof: meets floors only from then on (policy independent: required)
	Disabled   bool      // 100 failures in a row: unusable until recovery
	Hardware   bool      // Passkey: enrolled with attested hardware binding
}

// Contact is an address of the person to which a code can go.
type Contact struct {
	ID         string
	Method     Method    // Email, SMS or WhatsApp: the channel of a code to it
	Address    string    // canonical
	Country    string    // SMS, WhatsApp: of the number (ISO 3166)
	Since      time.Time // when the account got it
	RestsUntil time.Time // a fresh contact opens nothing sensitive before then; zero = settled, or of an account born with it
}

// Identity is a linked social login.
type Identity struct {
	Key      string    // provider + subject
	Provider string    // provider name, as in the YAML
	Proved   bool      // a second step was completed once after linking ("proved at")
	Since    time.Time // when it was linked

	Reported []string // every canonical address the provider ever reported for it, verified or not
}

// Person is what the decision must know about someone. The zero value is nobody.
type Person struct {
	ID                 string
	HasPassword        bool
	EverySignIn        bool     // the person's own choice: a second factor at every sign-in
	Groups             []string // that the person is in, by the account and by the YAML
	BornHere           bool     // account made in this very flow, by this browser: enrolment is free, contacts need not rest
	Factors            []Factor
	RecoveryCodes      int // unused ones
	RecoveryMade       time.Time
	RecoveryRestsUntil time.Time // they were made on a proof that did not count: they open no more than it before then
	Contacts           []Contact
	Identities         []Identity
	PasswordVia        string    // canonical address through which the password was last set without old password or factor
	PasswordViaUntil   time.Time // end of the cooling time of PasswordVia

	// SecondSince is when a factor was last removed, swapped or reset, a login unlinked, or "it was not me" said: levels
	// above the lowest need events from after it. Zero = never.
	SecondSince time.Time

	// Birth: an invitation to this address set the first password of an account that nobody had before, and nothing of the
	// account changed since. Until then a code to it opens an enrolment that counts at once.
	BirthAddress string
	BirthUntil   time.Time

	// RestsUntil: the help desk took a factor away. Before then no code to a contact opens anything.
	RestsUntil time.Time

	// Freeze: somebody said "it was not me".
	Freeze Freeze
}

// nobody reports whether no person is known.
func (p *Person) nobody() bool { return p.ID == "" }

// hasOwnFactor reports whether the person switched a factor on. A disabled or resting one counts too: otherwise a hundred
// wrong codes typed on purpose would put the mailbox in the place of the app.
func (p *Person) hasOwnFactor() bool { return len(p.Factors) > 0 }

// factor finds a usable own factor by id.
func (p *Person) factor(id string) *Factor {
	for i := range p.Factors {
		if f := &p.Factors[i]; f.ID == id && !f.Disabled {
			return f
		}
	}
	return nil
}

// disabled reports whether an own factor is there and unusable.
func (p *Person) disabled(id string) bool {
	return slices.ContainsFunc(p.Factors, func(f Factor) bool { return f.ID == id && f.Disabled })
}

// answeredBy reports whether a step by this method is one by this factor. A number that was proved by one channel is nobody's by the
// other: its former owner may still hold that one.
func (f *Factor) answeredBy(m Method) bool {
	return m == f.Method || m.isCode() && slices.Contains(f.Channels, m)
}

// factorAt finds the own factor whose number this is, in any state.
func (p *Person) factorAt(address string) *Factor {
	for i := range p.Factors {
		if f := &p.Factors[i]; f.Method.isCode() && f.Address == address {
			return f
		}
	}
	return nil
}

// hasFactorBy reports whether the person has a usable or resting own factor of this method, or another one that stands in for
// it: one number is enough.
func (p *Person) hasFactorBy(m Method) bool {
	for i := range p.Factors {
		if m.reaches(p.Factors[i].Method) && !p.Factors[i].Disabled {
			return true
		}
	}
	return false
}

// ownOlderThan reports whether what an own event used is older than t: its factor, or the reserve codes in force. Codes that
// nobody keeps (any more) are of no age.
func (p *Person) ownOlderThan(e *Event, t time.Time) bool {
	if e.Method == Recovery {
		return !p.RecoveryMade.IsZero() && p.RecoveryMade.Before(t)
	}
	f := p.factor(e.Credential)
	return f != nil && f.Since.Before(t)
}

// reserveCodesCount reports whether reserve codes count at t: they were not handed out on a proof that did not count itself, and some
// own factor does not rest (any more). So a weak enrolment does not pay itself out through them.
func (p *Person) reserveCodesCount(t time.Time) bool {
	if t.Before(p.RecoveryRestsUntil) {
		return false
	}
	for i := range p.Factors {
		if f := &p.Factors[i]; !t.Before(f.RestsUntil) && !p.Freeze.doubts(f.Since, t) {
			return true
		}
	}
	return false
}

// contact finds the contact a code went to, by its row: an address removed and added again is another contact, and so is
// a row that got another address.
func (p *Person) contact(e *Event) *Contact {
	for i := range p.Contacts {
		c := &p.Contacts[i]
		if c.ID == e.Credential && e.Method.reaches(c.Method) && (e.Address == "" || e.Address == c.Address) {
			return c
		}
	}
	return nil
}

// identity finds a linked login by its key.
func (p *Person) identity(key string) *Identity {
	for i := range p.Identities {
		if p.Identities[i].Key == key {
			return &p.Identities[i]
		}
	}
	return nil
}

// contactRests reports whether a contact may not open anything at t: it is too fresh, or the help desk took a factor away. An
// account born in this flow has nothing that someone else could be after.
func (p *Person) contactRests(c *Contact, t time.Time) bool {
	return !p.BornHere && (t.Before(c.RestsUntil) || t.Before(p.RestsUntil))
}
