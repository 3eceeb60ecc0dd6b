package login

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
)

// attached is what an act did to the browser's session: the cookie to set once the transaction is committed.
type attached struct {
	cookie  string
	expires time.Time
	proved  bool             // a quarantine ended in a session
	session *session.Current // as it is now; nil when it has to be read again
	begun   *storage.Session // the session, when it began by this act
	owner   *storage.Person  // of begun

	remember      string // new cookie of "remember me"
	rememberUntil time.Time
	unremembered  bool // the browser is not remembered any more
}

// attach gives an authentication event to the session it belongs to, in the transaction of the proof: the quarantine it
// proves, the person's own session, or a new one. Another person's first step signs the former person out.
//
// storage.ErrConflict and ErrNotFound mean that another tab was faster; nothing is kept then, the proof neither.
func (f *flow) attach(r *http.Request, db storage.Records, person *storage.Person, ev acr.Event) (attached, error) {
	var before []acr.Event
	switch {
	case f.Current.Quarantine != nil && !ev.First() && f.Current.Quarantine.PersonID == person.ID:
		before = f.Current.Events
	case f.Held.Session != nil && f.Held.Session.PersonID == person.ID:
		before = f.Held.Events
	}
	a, err := f.attachTo(r, db, person, ev)
	if err != nil {
		return attached{}, err
	}
	thawed := f.event(r, audit.PersonUnfrozen, audit.OK, string(ev.Method))
	thawed.PersonID, thawed.Actor = person.ID, person.ID
	return a, session.Thaw(r.Context(), db, f.Config, person, before, ev, thawed, f.Now)
}

func (f *flow) attachTo(r *http.Request, db storage.Records, person *storage.Person, ev acr.Event) (attached, error) {
	ctx := r.Context()
	by := step.Client(r)
	if q := f.Current.Quarantine; q != nil && !ev.First() && q.PersonID == person.ID {
		person, proved, err := f.proves(ctx, db, ev)
		if err != nil || !proved {
			return attached{}, err
		}
		cookie, row, err := f.Current.Prove(ctx, db, f.limits(), ev, by, f.Now)
		if err != nil {
			return attached{}, err
		}
		if err := f.replace(ctx, db); err != nil {
			return attached{}, err
		}
		if err := f.dropRemembered(r, db); err != nil {
			return attached{}, err
		}
		return attached{
			cookie: cookie, expires: row.Expires, proved: true, unremembered: f.Site.Cookies.Remember(r) != "",
			begun: row, owner: person,
		}, nil
	}
	if s := f.Held.Session; s != nil && s.PersonID == person.ID {
		cookie, err := f.Held.Strengthen(ctx, db, f.limits(), ev, f.Now)
		now := *f.Held
		now.Events = append(slices.Clone(now.Events), ev)
		return attached{cookie: cookie, expires: s.Expires, session: &now}, err
	}
	if err := f.replace(ctx, db); err != nil {
		return attached{}, err
	}
	if err := f.dropRemembered(r, db); err != nil {
		return attached{}, err
	}
	cookie, row, err := session.Start(ctx, db, f.limits(), person.ID, []acr.Event{ev}, by, f.Now)
	if err != nil {
		return attached{}, err
	}
	return attached{
		cookie: cookie, expires: row.Expires, unremembered: f.Site.Cookies.Remember(r) != "",
		session: &session.Current{Session: row, Person: person, Events: []acr.Event{ev}},
		begun:   row, owner: person,
	}, nil
}

// proves reports whether the event completes the first social sign-in of the person, who is read anew: a factor may have
// been switched on just now. One that has to rest proves nothing yet.
func (f *flow) proves(ctx context.Context, db storage.Records, ev acr.Event) (*storage.Person, bool, error) {
	person, err := db.Person(ctx, f.Current.Person.ID)
	if err != nil {
		return nil, false, err
	}
	now := *f.Current
	now.Person, now.Events = person, append(slices.Clone(f.Current.Events), ev)
	return person, acr.Proved(f.Config.Policy, now.AcrPerson(f.Config), now.Evidence(), f.Now), nil
}

// replace ends the session that another one takes the place of.
func (f *flow) replace(ctx context.Context, db storage.Records) error {
	s := f.Held.Session
	if s == nil {
		return nil
	}
	ev := audit.From(ctx).Event(audit.SessionEnd, audit.OK, "replaced")
	ev.At, ev.PersonID, ev.Actor = f.Now, s.PersonID, s.PersonID
	if _, err := session.End(ctx, db, s.ID, ev); err != nil && !errors.Is(err, storage.ErrUsed) {
		return err
	}
	return nil
}

// tally counts hits, and whatever else there is to count, in one statement, and returns the counters of the hits.
type tally func(ctx context.Context, db storage.Records, hits ...storage.Hit) ([]storage.Counter, error)

// count is a tally of nothing but the hits.
func (f *flow) count(ctx context.Context, db storage.Records, hits ...storage.Hit) ([]storage.Counter, error) {
	return db.Tally(ctx, nil, f.Now, hits...)
}

// attest ends the transaction of a proof: what is counted, the message about a new browser when a session began in it,
// and the audit records. It comes last because others who sign in from the same address wait for its counters.
func (f *flow) attest(r *http.Request, db storage.Records, a attached, count tally, records ...*storage.Event) error {
	var hits []storage.Hit
	if a.begun != nil {
		hits = f.sightings(r, a.owner.ID)
		ev := f.event(r, audit.SessionNew, "ok", "")
		ev.PersonID, ev.Actor, ev.SessionID = a.owner.ID, a.owner.ID, a.begun.ID
		records = append([]*storage.Event{ev}, records...)
	}
	counters, err := count(r.Context(), db, hits...)
	if err != nil {
		return err
	}
	if a.begun != nil && newDevice(counters) {
		if err := f.Notice(r.Context(), db, a.owner, "new_device", step.Client(r), f.Now); err != nil {
			return err
		}
	}
	return db.Append(r.Context(), records...)
}

// keep sets the cookie of an act that is committed; there is none when a quarantine stays one.
func (f *flow) keep(w http.ResponseWriter, a attached) {
	if a.cookie == "" {
		return
	}
	f.Site.Cookies.SetSession(w, a.cookie, a.expires)
	switch {
	case a.remember != "":
		f.Site.Cookies.SetRemember(w, a.remember, a.rememberUntil)
	case a.unremembered:
		f.Site.Cookies.ClearRemember(w)
	}
	if a.proved {
		f.Site.Cookies.ClearQuarantine(w)
	}
}
