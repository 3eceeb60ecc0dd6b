// Package session owns the signed-in browser: starting, loading, strengthening and ending a session, and the quarantine
// of an unproved social sign-in.
//
// All ends of sessions and grants, whoever wants them, come through end.go, which knows whom they concern.
//
// It turns storage records into what the decision reads (acr.Evidence, acr.Person). It leaves cookies to web, the
// decision to acr and the proof itself to user, mfa and federation.
//
// Easy to get wrong: one session, one person, for ever. Evidence never crosses from one session to another; another
// person's first step opens a new session and ends the old one. And the secret in the cookie changes at sign-in, at
// step-up and at factor change, while the row (and so sid) stays.
package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Current is what a browser brought with it: a session, or a quarantine, or (both nil) nothing.
type Current struct {
	Session    *storage.Session
	Quarantine *storage.Quarantine
	Person     *storage.Person // nil without either
	Events     []acr.Event
}

// Limits are the limits of a session (YAML sessions:) and of a quarantine (lifetimes.quarantine).
type Limits struct {
	Idle, Absolute, Quarantine time.Duration
}

// LimitsOf are the limits of a configuration.
func LimitsOf(c *config.Config) Limits {
	return Limits{Idle: c.Sessions.Idle, Absolute: c.Sessions.Absolute, Quarantine: c.Lifetimes.Quarantine}
}

// Client is the browser a session belongs to, for the person's own list of sessions and for messages.
type Client struct {
	IP, UserAgent string
	Lang          string // of the page it shows; "" = there is no page, or none was asked for
}

// Load finds the session behind a cookie's secret, with its whole person, in one statement. A secret that leads nowhere
// is the same as none, and so is a disabled person's: an empty Current and no error.
func Load(ctx context.Context, db storage.Sessions, cookie string, now time.Time) (*Current, error) {
	if cookie == "" {
		return &Current{}, nil
	}
	row, person, err := db.SessionByHash(ctx, secret.Hash(cookie), now)
	if err != nil || person.Disabled {
		return none(err)
	}
	return Of(row, person)
}

// Of is the Current of a live session that was read by its id or its person, and not by its cookie.
func Of(row *storage.Session, person *storage.Person) (*Current, error) {
	c := &Current{Session: row, Person: person}
	return c, c.read(row.Events)
}

// LoadInto is Load beside the request that the browser is at, both in one statement. storage.ErrNotFound when the request
// is gone.
func LoadInto(ctx context.Context, db storage.Requests, request []byte, cookie string, now time.Time) (*storage.Request, *Current, error) {
	if cookie == "" {
		asked, err := db.Request(ctx, request, now)
		return asked, &Current{}, err
	}
	asked, row, person, err := db.RequestInSession(ctx, request, secret.Hash(cookie), now)
	if err != nil {
		return nil, nil, err
	}
	if row == nil || person.Disabled {
		return asked, &Current{}, nil
	}
	c := &Current{Session: row, Person: person}
	return asked, c, c.read(row.Events)
}

// LoadQuarantine is Load for the quarantine cookie.
func LoadQuarantine(ctx context.Context, db storage.Sessions, cookie string, now time.Time) (*Current, error) {
	if cookie == "" {
		return &Current{}, nil
	}
	row, person, err := db.QuarantineByHash(ctx, secret.Hash(cookie), now)
	if err != nil || person.Disabled {
		return none(err)
	}
	c := &Current{Quarantine: row, Person: person}
	return c, c.read(row.Events)
}

// none is the answer for a secret that opens nothing; other errors, as of a database that is away, are passed on.
func none(err error) (*Current, error) {
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, err
	}
	return &Current{}, nil
}

func (c *Current) read(events []byte) error {
	if err := json.Unmarshal(events, &c.Events); err != nil {
		return fmt.Errorf("session: events: %w", err)
	}
	return nil
}

// SignedIn reports whether there is a session. A quarantine is none.
func (c *Current) SignedIn() bool { return c != nil && c.Session != nil }

// Evidence is what the decision reads of it.
func (c *Current) Evidence() acr.Evidence {
	switch {
	case c.Session != nil:
		return acr.Evidence{Session: c.Session.ID, Version: c.Session.Version, Events: c.Events}
	case c.Quarantine != nil:
		return acr.Evidence{Session: c.Quarantine.ID, Quarantine: true, Events: c.Events}
	}
	return acr.Evidence{}
}

// Start opens a session on a complete first step and returns the cookie's secret.
func Start(ctx context.Context, db storage.Sessions, l Limits, personID string, events []acr.Event, by Client, now time.Time) (string, *storage.Session, error) {
	raw, err := json.Marshal(events)
	if err != nil {
		return "", nil, err
	}
	cookie := secret.New("")
	s := &storage.Session{
		ID: secret.NewID(), PersonID: personID, Hash: secret.Hash(cookie), Version: 1, Events: raw,
		IP: by.IP, UserAgent: by.UserAgent, Created: now, LastSeen: now,
		IdleUntil: now.Add(l.Idle), Expires: now.Add(l.Absolute),
	}
	return cookie, s, db.CreateSession(ctx, s)
}

// Strengthen adds an event to the session and returns the new secret of its cookie (session fixation: L01).
// storage.ErrConflict means that another tab was faster: load again and decide again.
func (c *Current) Strengthen(ctx context.Context, db storage.Sessions, l Limits, ev acr.Event, now time.Time) (string, error) {
	events := append(append([]acr.Event(nil), c.Events...), ev)
	raw, err := json.Marshal(keepNewest(events))
	if err != nil {
		return "", err
	}
	cookie := secret.New("")
	row := *c.Session
	row.Events, row.IdleUntil = raw, c.idleUntil(l, now)
	if err := db.RotateSession(ctx, &row, secret.Hash(cookie), now); err != nil {
		return "", err
	}
	return cookie, nil
}

// Renew gives the session a new secret, which it returns, and leaves its events: for an act that opens another way to the account.
// A copy of the cookie that somebody took before is worth nothing afterwards. It holds the session, too: who ends it waits, and
// storage.ErrConflict means that it was over before, or moved on.
func (c *Current) Renew(ctx context.Context, db storage.Sessions, l Limits, now time.Time) (string, error) {
	cookie, row := secret.New(""), *c.Session
	row.IdleUntil = c.idleUntil(l, now)
	return cookie, db.RotateSession(ctx, &row, secret.Hash(cookie), now)
}

// Active is the idle limit that activity at now moves the session to; zero when the last was within the limit's grain.
func (c *Current) Active(l Limits, now time.Time) time.Time {
	if !c.SignedIn() || now.Sub(c.Session.LastSeen) < storage.Grain(l.Idle) {
		return time.Time{}
	}
	return c.idleUntil(l, now)
}

// Touch counts a page as activity: it moves the idle limit, at most once in its grain.
func (c *Current) Touch(ctx context.Context, db storage.Sessions, l Limits, now time.Time) error {
	until := c.Active(l, now)
	if until.IsZero() {
		return nil
	}
	return db.TouchSession(ctx, c.Session.ID, now, until)
}

// idleUntil is the idle limit from now on, never beyond the absolute one.
func (c *Current) idleUntil(l Limits, now time.Time) time.Time {
	if until := now.Add(l.Idle); until.Before(c.Session.Expires) {
		return until
	}
	return c.Session.Expires
}

// keepNewest keeps the row small. Of events with the same method, credential and address the newest two stay: the newest
// says how fresh the proof is, and one before it does no harm. Older ones are in the audit log. The event that opened the
// session always stays, because what a provider proves depends on having opened it.
func keepNewest(events []acr.Event) []acr.Event {
	seen := map[string]int{}
	var out []acr.Event
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		k := string(e.Method) + "\x00" + e.Credential + "\x00" + e.Address
		if seen[k]++; seen[k] > 2 && i > 0 {
			continue
		}
		out = append(out, e)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// StartQuarantine holds an unproved social sign-in.
func StartQuarantine(ctx context.Context, db storage.Sessions, l Limits, personID string, events []acr.Event, by Client, now time.Time) (string, *storage.Quarantine, error) {
	raw, err := json.Marshal(events)
	if err != nil {
		return "", nil, err
	}
	cookie := secret.New("")
	q := &storage.Quarantine{
		ID: secret.NewID(), PersonID: personID, Hash: secret.Hash(cookie), Events: raw,
		IP: by.IP, UserAgent: by.UserAgent, Created: now, Expires: now.Add(l.Quarantine),
	}
	return cookie, q, db.CreateQuarantine(ctx, q)
}

// Prove ends a quarantine by the second step ev: the identity gets its "proved at" and a session begins with the events
// of both. It returns the secret of the new session's cookie. storage.ErrNotFound: another tab was faster.
func (c *Current) Prove(ctx context.Context, db storage.Records, l Limits, ev acr.Event, by Client, now time.Time) (string, *storage.Session, error) {
	if _, err := db.TakeQuarantine(ctx, c.Quarantine.ID); err != nil {
		return "", nil, err
	}
	for _, id := range c.Person.Identities {
		for _, e := range c.Events {
			if e.Method == acr.Social && e.Credential == IdentityKey(id.Provider, id.Subject) && id.ProvedAt.IsZero() {
				if err := db.ProveIdentity(ctx, id.Provider, id.Subject, now); err != nil {
					return "", nil, err
				}
			}
		}
	}
	return Start(ctx, db, l, c.Person.ID, append(append([]acr.Event(nil), c.Events...), ev), by, now)
}

// NewEvent stamps an authentication event.
func NewEvent(e acr.Event, request string, now time.Time) acr.Event {
	e.ID, e.Request, e.At = secret.NewID(), request, now
	return e
}
