package user

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// The purposes of mailed links. A link is good for its own purpose only.
const (
	LinkReset      = "reset"      // a forgotten password
	LinkPassword   = "password"   // a change that somebody signed in asked for
	LinkInvitation = "invitation" // the first password of an account that somebody else made
)

// ErrNoMailbox: there is no address to which a link could go.
var ErrNoMailbox = errors.New("user: no mailbox")

// Resets are passwords set by a mailed link: asking for one, and using it. Rules only; pages and mails are login's.
//
// Easy to get wrong: what a link gives. It creates no session and restores no more than the first step; whoever follows
// it still meets the second factor, and for a while the mailbox that was enough is no independent one (Q63).
type Resets struct {
	box    *secret.Box
	config func() *config.Config
}

// NewResets makes the one keeper of these rules.
func NewResets(box *secret.Box, config func() *config.Config) *Resets { return &Resets{box, config} }

// Address counts a request from a network address (web's limit key). *Throttled when there were too many; run it by
// itself, so that a refused request is still counted.
func (s *Resets) Address(ctx context.Context, records storage.Limits, ip string, now time.Time) error {
	limits := s.config().Limits
	c, err := records.Bump(ctx, s.key("ip", ip), limits.PerIPWindow, now)
	if err != nil {
		return err
	}
	if c.Count > limits.WrongPasswordsPerIP {
		return &Throttled{c.Since.Add(limits.PerIPWindow), "ip"}
	}
	return nil
}

// Forgotten makes the links for whoever text names, and says to which mailboxes they go. Empty when there is nobody, or
// nobody who may be written to so soon again: the page says the same. Run it in the transaction that queues the mails.
func (s *Resets) Forgotten(ctx context.Context, records storage.Records, text string, now time.Time) ([]Mailbox, error) {
	found, err := Mailboxes(ctx, records, s.config().Identifiers, text, now)
	if err != nil {
		return nil, err
	}
	var out []Mailbox
	for _, m := range found {
		ok, err := s.pace(ctx, records, "mailbox", m.Canonical, now)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		var accounts []Account
		for _, a := range m.Accounts {
			if ok, err = s.pace(ctx, records, "account", a.Person.ID, now); err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			if a.Person.PasswordHash != "" || len(a.Person.Identities) == 0 {
				if a.Link, err = s.put(ctx, records, LinkReset, a.Person, m.Canonical, nil, now); err != nil {
					return nil, err
				}
			}
			accounts = append(accounts, a)
		}
		if m.Accounts = accounts; len(accounts) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// Change makes the link by which somebody signed in changes the password (help promise 9). subject and evidence are those of
// the session: who proved an own factor that counts, or the old password, has more than the mailbox. ErrNoMailbox;
// *Throttled.
func (s *Resets) Change(ctx context.Context, records storage.Records, person *storage.Person, subject acr.Person, evidence acr.Evidence, now time.Time) (Mailbox, error) {
	c := MainMailbox(person, now)
	if c == nil {
		return Mailbox{}, ErrNoMailbox
	}
	// Counted apart from what strangers ask for by Forgotten: they would keep the owner from it, and this answer speaks.
	if ok, err := s.pace(ctx, records, "change", person.ID, now); err != nil {
		return Mailbox{}, err
	} else if !ok {
		return Mailbox{}, &Throttled{now.Add(resetWindow), "account"}
	}
	by := proven{Factor: acr.LiftsTaint(s.config().Policy, subject, evidence, now)}
	by.Password = person.PasswordHash != "" && slices.ContainsFunc(evidence.Events, func(e acr.Event) bool { return e.Method == acr.Password })
	data, err := json.Marshal(by)
	if err != nil {
		return Mailbox{}, err
	}
	link, err := s.put(ctx, records, LinkPassword, person, c.Canonical, data, now)
	return Mailbox{c.Address, c.Canonical, []Account{{person, link}}}, err
}

// proven is what the session that asked for a change had proved besides the mailbox.
type proven struct {
	Factor   bool `json:"factor,omitempty"` // see acr.LiftsTaint
	Password bool `json:"password,omitempty"`
}

// Find returns the live link behind a secret with its person, and burns nothing: mail programs open links before people
// do (docs/security.md G02). storage.ErrNotFound for all that opens nothing (any more).
func (s *Resets) Find(ctx context.Context, records storage.Records, link string, now time.Time) (*storage.Link, *storage.Person, error) {
	for _, purpose := range []string{LinkReset, LinkPassword, LinkInvitation} {
		l, err := records.Link(ctx, secret.Hash(link), purpose, now)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		p, err := records.Person(ctx, l.PersonID)
		if err == nil && opens(l, p) == nil {
			err = storage.ErrNotFound
		}
		return l, p, err
	}
	return nil, nil, storage.ErrNotFound
}

// Set uses the link, once, to set a password (hash of [Hasher.NewPassword]) and ends whatever could act for the person:
// see session.EndAccess, which writes the record. Run it in a transaction with the notice. storage.ErrNotFound when the
// link is used, or gone; storage.ErrConflict when the person moved on: try again.
func (s *Resets) Set(ctx context.Context, records storage.Records, l *storage.Link, hash string, record *storage.Event) (*storage.Person, error) {
	now := record.At
	l, err := records.TakeLink(ctx, l.Hash, l.Purpose, now)
	if err != nil {
		return nil, err
	}
	p, err := records.Person(ctx, l.PersonID)
	if err != nil {
		return nil, err
	}
	box := opens(l, p)
	if box == nil {
		return nil, storage.ErrNotFound
	}
	if box.VerifiedAt.IsZero() && !hearsay(p, box) { // who posts the page behind the link reads that mailbox; a scanner only opens it (Q26)
		if err := records.VerifyContact(ctx, box.ID, now); err != nil {
			return nil, err
		}
	}
	proof := Proof{MailedTo: l.Address, Invited: l.Purpose == LinkInvitation}
	var by proven
	if l.Purpose == LinkPassword && json.Unmarshal(l.Data, &by) == nil && (by.Factor || by.Password) {
		proof = Proof{OwnFactor: by.Factor}
	}
	if err := SetPassword(ctx, records, p, hash, proof, s.config().Policy.Cooling, now); err != nil {
		return nil, err
	}
	record.PersonID = p.ID
	err = session.EndAccess(ctx, records, record)
	return p, err
}

// opens finds the mailbox through which a link may set the person's password; nil = it may not: whoever reads a mailbox that
// the account has left is nobody to it any more (G02), whichever way the address went. An invitation is for the first
// password only.
func opens(l *storage.Link, p *storage.Person) *storage.Contact {
	if p.Disabled || l.Purpose == LinkInvitation && p.PasswordHash != "" {
		return nil
	}
	for _, c := range p.Contacts {
		if c.Channel == "email" && c.Canonical == l.Address {
			return c
		}
	}
	return nil
}

// hearsay reports whether an address is on the account only because the provider told it of whoever came by that login, who
// never gave a code from it. The login stays, whoever sets a password; so the owner of the mailbox, who took one of our mails
// for their own, must not prove it for somebody else. A code proves it, typed where that person is signed in.
func hearsay(p *storage.Person, c *storage.Contact) bool {
	return slices.ContainsFunc(p.Identities, func(i *storage.Identity) bool {
		return slices.Contains(i.Emails, c.Canonical) && !i.Created.After(c.Created)
	})
}

// resetWindow is the hour of limits.resets_per_hour.
const resetWindow = time.Hour

func (s *Resets) pace(ctx context.Context, records storage.Limits, what, whose string, now time.Time) (bool, error) {
	c, err := records.Bump(ctx, s.key(what, whose), resetWindow, now)
	return c.Count <= s.config().Limits.ResetsPerHour, err
}

func (s *Resets) put(ctx context.Context, records storage.Links, purpose string, p *storage.Person, address string, data []byte, now time.Time) (string, error) {
	link, lasts := secret.New(""), s.config().Lifetimes.Reset
	if purpose == LinkInvitation {
		lasts = s.config().Invitation.TTL
	}
	return link, records.PutLink(ctx, &storage.Link{
		Hash: secret.Hash(link), Purpose: purpose, PersonID: p.ID, Address: address, Data: data,
		Created: now, Expires: now.Add(lasts),
	})
}

// key is a counter's name, from which nobody can read what it counts.
func (s *Resets) key(parts ...string) string {
	mac := s.box.MAC(append([]string{"reset limit"}, parts...)...)
	return "reset." + parts[0] + "." + base64.RawURLEncoding.EncodeToString(mac[:16])
}
