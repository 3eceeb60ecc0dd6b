package contact

import (
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// Rested is the origin of a change that stands on nothing that had settled: a factor that was young or rested, a contact
// that rested. It is no address.
const Rested = "-"

// recent is how old a proof may be on which a change stands: as long as a change that was begun may take (account's finishing).
const recent = 15 * time.Minute

// Origin says what a change of a person's contacts stands on that is made with these events: the canonical address whose codes
// were all that proved it, [Rested], or "" where more than that did: codes to two mailboxes, or an own factor that does not rest
// and was there for as long as anything rests. A contact that was added a short while ago on the word of another one's code says
// no more than that one did: whoever holds a mailbox cannot make a second witness of it.
func Origin(cfg *config.Config, p *storage.Person, events []acr.Event, now time.Time) string {
	origin := ""
	for _, e := range events {
		if e.First() || e.At.Before(now.Add(-recent)) || !e.At.After(p.SecondSince) {
			continue
		}
		from := originOf(cfg, p, e, now)
		switch {
		case from == "":
			return ""
		case origin == "", origin == Rested:
			origin = from
		case from != Rested && !acr.SameBox(from, origin):
			return ""
		}
	}
	if origin == "" { // nothing but a first step: an account that is made just now
		return Rested
	}
	return origin
}

// originOf is that of one second step.
func originOf(cfg *config.Config, p *storage.Person, e acr.Event, now time.Time) string {
	old := now.Add(-cfg.Policy.Cooling)
	switch {
	case e.Method == acr.Recovery:
		if !e.Resting && !p.RecoveryMade.IsZero() && p.RecoveryMade.Before(old) && !p.RecoveryRestsUntil.After(now) {
			return ""
		}
		return Rested
	case e.ByOwnFactor():
		settled := func(f *storage.Factor) bool {
			return f.ID == e.Credential && !f.Disabled && f.Created.Before(old) && !f.RestsUntil.After(now)
		}
		if slices.ContainsFunc(p.Factors, settled) {
			return ""
		}
		return Rested
	}
	for _, c := range p.Contacts {
		if c.ID == e.Credential && c.Canonical == e.Address && !c.RestsUntil.After(now) && !p.RestsUntil.After(now) {
			return OriginOf(cfg, c, now)
		}
	}
	return Rested
}

// OriginOf is what a code to a contact says: that somebody reads there, or at the address on whose word alone it came a short
// while ago.
func OriginOf(cfg *config.Config, c *storage.Contact, now time.Time) string {
	if c.ProvedBy != "" && c.Created.Add(cfg.Contacts.Revert).After(now) {
		return c.ProvedBy
	}
	return c.Canonical
}

// Settles reports whether a code to a contact lets another one of the person's settle before its time: it is older, has settled
// itself, and is neither the same mailbox nor the one on whose word the other came.
func Settles(cfg *config.Config, by, fresh *storage.Contact, now time.Time) bool {
	if by.RestsUntil.After(now) || !by.Created.Before(fresh.Created) || acr.SameBox(by.Canonical, fresh.Canonical) {
		return false
	}
	from := OriginOf(cfg, by, now)
	return from != Rested && (fresh.ProvedBy == "" || !acr.SameBox(from, fresh.ProvedBy) && !acr.SameBox(by.Canonical, fresh.ProvedBy))
}
