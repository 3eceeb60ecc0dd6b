package login

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// attached is what an act did to the browser's session: the cookie to set once the transaction is committed.
type attached struct {
	cookie  string
	expires time.Time
	proved  bool             // a quarantine ended in a session
	session *session.Current // as it is now; nil when it has to be read again

	remember      string // new cookie of "remember me"
	rememberUntil time.Time
	forget        bool // the browser is not remembered any more
}

// attach gives an authentication event to the session it belongs to, in the transaction of the proof: the quarantine it
// proves, the person's own session, or a new one. Another person's first step signs the former person out.
//
// storage.ErrConflict and ErrNotFound mean that another tab was faster; nothing is kept then, the proof neither.
func (f *flow) attach(r *http.Request, db storage.Records, person *storage.Person, ev acr.Event) (attached, error) {
	ctx := r.Context()
	by := client(r)
	if q := f.cur.Quarantine; q != nil && !ev.First() && q.PersonID == person.ID {
		if proved, err := f.proves(ctx, db, ev); err != nil || !proved {
			return attached{}, err
		}
		cookie, row, err := f.cur.Prove(ctx, db, f.limits(), ev, by, f.now)
		if err != nil {
			return attached{}, err
		}
		if err := f.replace(ctx, db); err != nil {
			return attached{}, err
		}
		if err := f.forget(r, db); err != nil {
			return attached{}, err
		}
		return attached{cookie: cookie, expires: row.Expires, proved: true, forget: f.Site.Cookies.Remember(r) != ""}, f.began(r, db, row)
	}
	if s := f.held.Session; s != nil && s.PersonID == person.ID {
		cookie, err := f.held.Strengthen(ctx, db, f.limits(), ev, f.now)
		now := *f.held
		now.Events = append(slices.Clone(now.Events), ev)
		return attached{cookie: cookie, expires: s.Expires, session: &now}, err
	}
	if err := f.replace(ctx, db); err != nil {
		return attached{}, err
	}
	if err := f.forget(r, db); err != nil {
		return attached{}, err
	}
	cookie, row, err := session.Start(ctx, db, f.limits(), person.ID, []acr.Event{ev}, by, f.now)
	if err != nil {
		return attached{}, err
	}
	return attached{
		cookie: cookie, expires: row.Expires, forget: f.Site.Cookies.Remember(r) != "",
		session: &session.Current{Session: row, Person: person, Events: []acr.Event{ev}},
	}, f.began(r, db, row)
}

// proves reports whether the event completes the first social sign-in. A factor that was switched on just now is read
// anew; one that has to rest proves nothing yet.
func (f *flow) proves(ctx context.Context, db storage.Records, ev acr.Event) (bool, error) {
	person, err := db.Person(ctx, f.cur.Person.ID)
	if err != nil {
		return false, err
	}
	now := *f.cur
	now.Person, now.Events = person, append(slices.Clone(f.cur.Events), ev)
	return acr.Proved(f.cfg.Policy, now.Subject(), now.Evidence(), f.now), nil
}

// replace ends the session that another one takes the place of.
func (f *flow) replace(ctx context.Context, db storage.Records) error {
	s := f.held.Session
	if s == nil {
		return nil
	}
	if err := db.EndSession(ctx, s.ID, "replaced", f.now); err != nil && err != storage.ErrUsed {
		return err
	}
	ev := audit.From(ctx).Event(audit.SessionEnd, "ok", "replaced")
	ev.At, ev.PersonID, ev.Actor, ev.SessionID = f.now, s.PersonID, s.PersonID, s.ID
	return db.Append(ctx, ev)
}

func (f *flow) began(r *http.Request, db storage.Records, row *storage.Session) error {
	if err := f.newDevice(r, db, row.PersonID); err != nil {
		return err
	}
	ev := f.event(r, audit.SessionNew, "ok", "")
	ev.PersonID, ev.Actor, ev.SessionID = row.PersonID, row.PersonID, row.ID
	return db.Append(r.Context(), ev)
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
	case a.forget:
		f.Site.Cookies.ClearRemember(w)
	}
	if a.proved {
		f.Site.Cookies.ClearQuarantine(w)
	}
}

// client is the browser a session belongs to.
func client(r *http.Request) session.Client {
	return session.Client{IP: web.ClientIP(r).String(), UserAgent: audit.Clean(r.UserAgent())}
}
