package mfa

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// sentCode is a one-time code by one channel: to a contact, or to the number that is an own factor.
type sentCode struct {
	channel acr.Method
	box     *secret.Box
	config  func() *config.Config
	send    Send
	alarm   Alarm
}

func (s sentCode) read(form url.Values) string { return Normalise(typed(form)) }

func (s sentCode) prompt(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	to, err := s.to(q)
	if err != nil {
		return Prompt{}, err
	}
	p := Prompt{Method: s.channel, Credential: to.id, Destination: Mask(to.canonical)}
	last, next, err := s.last(ctx, r, s.sentTo(q.Person, to), q.Now)
	if err != nil {
		return Prompt{}, err
	}
	if last.Over && next.After(q.Now) {
		early, err := r.Counter(ctx, s.key("early", s.sentTo(q.Person, to)), q.Now)
		if err != nil {
			return Prompt{}, err
		}
		if early.Count < earlyCodes {
			next = time.Time{}
		}
	}
	p.ResendAt = next
	code, err := r.LatestCode(ctx, q.Transaction, q.Purpose)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		p.Gone = Elsewhere
	case err != nil:
		return Prompt{}, err
	case !s.mine(code, q):
		p.Gone = Moved
	case !code.UsedAt.IsZero(), !code.ReplacedAt.IsZero(): // the latest is replaced by none: it was dropped
		p.Gone = Over
	case code.Tries >= code.MaxTries:
		p.Gone = Tried
	case !code.Expires.After(q.Now):
		p.Gone = Expired
	default:
		p.Waiting, p.Code, p.SentAt, p.Message, p.Expires = true, code.ID, code.Created, code.Message, code.Expires
	}
	return p, nil
}

// challenge writes a code and hands it to send, in one transaction: no code without its message, no message without its
// code. The recipient is the stored contact or factor; nothing in a request can name it (docs/security.md, principle 4).
func (s sentCode) challenge(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	to, err := s.to(q)
	if err != nil {
		return Prompt{}, err
	}
	rules := s.config().Factors.Codes
	if err := s.pace(ctx, r, s.sentTo(q.Person, to), q, rules); err != nil {
		return Prompt{}, err
	}
	prefix, err := s.toll(ctx, r, to.canonical, q)
	if err != nil {
		return Prompt{}, err
	}
	digits := secret.Digits(rules.Digits)
	code := &storage.Code{
		ID:          secret.NewID(),
		Transaction: q.Transaction,
		Purpose:     q.Purpose,
		PersonID:    q.Person.ID,
		ContactID:   to.id,
		SentTo:      s.sentTo(q.Person, to),
		Channel:     string(s.channel),
		Prefix:      prefix,
		MaxTries:    rules.Tries,
		Created:     q.Now,
		Expires:     q.Now.Add(rules.TTL),
		RequestHash: q.Request,
		SessionID:   q.Session,
	}
	code.MAC = s.mac(code, digits)
	if err := r.PutCode(ctx, code); err != nil {
		return Prompt{}, err
	}
	err = s.send(ctx, r, Delivery{
		ID:       code.ID,
		Person:   q.Person,
		Channel:  s.channel,
		Address:  to.written,
		Code:     digits,
		Purpose:  q.Purpose,
		Created:  q.Now,
		NotAfter: code.Expires,
		Why:      q.Why,
	})
	if err != nil {
		return Prompt{}, err
	}
	return Prompt{
		Method:      s.channel,
		Credential:  to.id,
		Destination: Mask(to.canonical),
		Waiting:     true,
		Code:        code.ID,
		SentAt:      code.Created,
		Expires:     code.Expires,
		ResendAt:    q.Now.Add(rules.ResendAfter),
	}, nil
}

// What need not wait for a code before it: the first code of a request, when the one before belonged to a request that is
// over. So many in so long a time; then the wait holds, or trying again and again would be a way around it.
const (
	earlyCodes  = 2
	earlyWindow = 10 * time.Minute
)

// pace holds the pace of messages to one address by one channel, over all transactions. The hour is counted first, because Bump holds its
// row until the commit: of ten sessions that ask at once, nine see the first one's message (docs/security.md F07).
//
// Half of a day's messages are kept for known devices: who knows the password and nothing else cannot spend them all and
// so keep the owner from the second step.
func (s sentCode) pace(ctx context.Context, r storage.Records, to string, q Question, rules config.Codes) error {
	hour, err := r.Bump(ctx, s.key("hour", to), time.Hour, q.Now)
	if err != nil {
		return err
	}
	if most := rules.PerHour[string(s.channel)]; most > 0 && hour.Count > most {
		return &Wait{hour.Since.Add(time.Hour), "hour"}
	}
	today, err := r.Bump(ctx, s.key("day", to), day, q.Now)
	if err != nil {
		return err
	}
	if most := rules.PerDay[string(s.channel)]; most > 0 && today.Count > most-most/2 {
		known := false
		if today.Count <= most {
			if known, err = s.known(ctx, r, q); err != nil {
				return err
			}
		}
		if !known {
			return &Wait{today.Since.Add(day), "day"}
		}
	}
	last, next, err := s.last(ctx, r, to, q.Now)
	if err != nil || !next.After(q.Now) {
		return err
	}
	if !last.Over {
		return &Wait{next, "resend"}
	}
	early, err := r.Bump(ctx, s.key("early", to), earlyWindow, q.Now)
	if err == nil && early.Count > earlyCodes {
		return &Wait{next, "resend"}
	}
	return err
}

// last is the latest code to an address by this channel, and when another one may follow it; zero = at once.
func (s sentCode) last(ctx context.Context, r storage.Records, to string, now time.Time) (storage.Sent, time.Time, error) {
	last, err := r.LastSent(ctx, to, now)
	if err != nil || last.At.IsZero() {
		return last, time.Time{}, err
	}
	return last, last.At.Add(s.config().Factors.Codes.ResendAfter), nil
}

// sentTo names an address of a person by this channel: as a contact, as a factor and before it is either, it is one, and has one pace.
// Nobody can read from it whose it is.
func (s sentCode) sentTo(p *storage.Person, to recipient) string {
	mac := s.box.MAC("sent to", string(s.channel), p.ID, to.canonical)
	return base64.RawURLEncoding.EncodeToString(mac[:16])
}

// key is the name of a counter of messages to an address.
func (s sentCode) key(limit, to string) string { return "code." + limit + "." + to }

func (s sentCode) check(ctx context.Context, r storage.Records, t Try) (check, error) {
	to, err := s.to(t.Question)
	if err != nil {
		return check{}, err
	}
	gone := check{cause: ErrExpired}
	code, err := r.LatestCode(ctx, t.Transaction, t.Purpose)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !s.mine(code, t.Question) {
		return gone, nil
	}
	if err != nil {
		return check{}, err
	}
	mac := s.mac(code, t.answer)
	if !code.UsedAt.IsZero() { // reads as expired, right or not; the counter's row is held, so nobody is using it meanwhile
		gone.replay = hmac.Equal(code.MAC, mac)
		return gone, nil
	}
	ok, left, err := r.TryCode(ctx, &storage.CodeTry{
		ID:          code.ID,
		Transaction: t.Transaction,
		Purpose:     t.Purpose,
		PersonID:    t.Person.ID,
		MAC:         mac,
		Now:         t.Now,
	})
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrUsed):
		return gone, nil
	case err != nil:
		return check{}, err
	case !ok:
		return check{cause: ErrWrong, left: left}, nil
	}
	if c := to.contact; c != nil && c.VerifiedAt.IsZero() { // help: the first correct code verifies an imported address
		if err := r.VerifyContact(ctx, c.ID, t.Now); err != nil {
			return check{}, err
		}
	}
	return check{left: left, event: acr.Event{
		ID:         secret.NewID(),
		Method:     s.channel,
		Credential: to.id,
		Own:        to.own,
		Address:    to.canonical,
		At:         t.Now,
		Request:    t.Request,
	}}, nil
}

// recipient is where a code goes.
type recipient struct {
	id        string           // of the contact, or of the own factor
	own       bool             // it is an own factor
	written   string           // the address as messages go to it: a mailbox as its owner wrote it
	canonical string           // the one form of it
	contact   *storage.Contact // with this address; nil = none
}

// provedBy reports whether a code through a channel was entered once for a number.
func provedBy(own *storage.Factor, channel acr.Method) bool {
	return own.Method == string(channel) || slices.Contains(own.Channels, string(channel))
}

// to finds the recipient among the person's own factors and contacts: a number that is a factor by those channels only by which it
// was proved.
func (s sentCode) to(q Question) (recipient, error) {
	to, err := s.of(q)
	if err == nil && s.channel.ByPhone() && !s.config().TakesCodes(to.canonical) {
		return recipient{}, ErrNoFactor // whatever was decided, no money goes there
	}
	return to, err
}

func (s sentCode) of(q Question) (recipient, error) {
	if own := ownFactor(q.Person, q.Credential); own != nil {
		if s.channel.Facts().Contact != "phone" || own.Address == "" || !provedBy(own, s.channel) {
			return recipient{}, ErrNoFactor
		}
		at := slices.IndexFunc(q.Person.Contacts, func(c *storage.Contact) bool { return c.Channel == "phone" && c.Canonical == own.Address })
		to := recipient{id: own.ID, own: true, written: own.Address, canonical: own.Address}
		if at >= 0 {
			to.contact = q.Person.Contacts[at]
		}
		return to, nil
	}
	for _, c := range q.Person.Contacts {
		if c.ID == q.Credential && c.Channel == s.channel.Facts().Contact {
			to := recipient{id: c.ID, written: c.Address, canonical: c.Canonical, contact: c}
			if c.Channel == "phone" { // gateways take numbers in this form
				to.written = c.Canonical
			}
			return to, nil
		}
	}
	return recipient{}, ErrNoFactor
}

// mine: a code is good for the person, recipient and channel it was sent to.
func (s sentCode) mine(c *storage.Code, q Question) bool {
	return c.PersonID == q.Person.ID && c.ContactID == q.Credential && c.Channel == string(s.channel)
}

// mac binds six digits to everything the code is for. A million of them are tried in no time, hence the key.
func (s sentCode) mac(c *storage.Code, digits string) []byte {
	return s.box.MAC("code", c.ID, c.Transaction, c.Purpose, c.PersonID, c.ContactID, c.Channel, digits)
}
