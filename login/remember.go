package login

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// "Remember me" (YAML sessions.remember_me): a second cookie that opens a new session after the old one is over. What it
// gives is the password of that day and no more: the event keeps the time at which it was typed, so auth_time and
// max_age stay honest, and a second step is asked as after any password.

// remembered opens a session for a browser its owner asked to be remembered in; false leaves the sign-in page to be
// shown. The cookie is good once and answered with a new one; one that comes back forgets all of the person's browsers
// (storage.Remembers), which can also happen to two tabs restored in the same instant: then the password is asked.
func (f *flow) remembered(w http.ResponseWriter, r *http.Request) (bool, error) {
	cookie := f.Site.Cookies.Remember(r)
	if cookie == "" || f.Config.Sessions.RememberMe == 0 || f.Next.Outcome != acr.AskFirst || f.Asked.PromptLogin || f.Asked.Select ||
		f.Held.Session != nil || f.Current.Quarantine != nil {
		return false, nil
	}
	var a attached
	err := f.tx(r.Context(), func(db storage.Records) error {
		a = attached{}
		was, err := db.TakeRemember(r.Context(), secret.Hash(cookie), f.Now)
		if err != nil {
			return err
		}
		person, err := db.Person(r.Context(), was.PersonID)
		if errors.Is(err, storage.ErrNotFound) || err == nil && (person.Disabled || person.PasswordHash == "" || person.PasswordSetAt.After(was.Created)) {
			return nil // it was used up, and opens nothing any more
		}
		if err != nil {
			return err
		}
		ev := session.NewEvent(acr.Event{Method: acr.Password}, "", was.Created)
		secretOf, row, err := session.Start(r.Context(), db, f.limits(), person.ID, []acr.Event{ev}, step.Client(r), f.Now)
		if err != nil {
			return err
		}
		a.cookie, a.expires = secretOf, row.Expires
		// The new cookie ends when the first one would have: using it does not make it last longer.
		if err := f.remember(r, db, &a, storage.Remember{PersonID: person.ID, Created: was.Created, Expires: was.Expires}); err != nil {
			return err
		}
		rec := f.event(r, audit.SessionNew, "ok", "remembered")
		rec.PersonID, rec.Actor, rec.SessionID = person.ID, person.ID, row.ID
		return db.Append(r.Context(), rec)
	})
	switch {
	case errors.Is(err, storage.ErrUsed):
		if err := f.Store.Append(r.Context(), f.event(r, audit.AuthnFail, "fail", "remember_reuse")); err != nil {
			return false, err
		}
	case err != nil && !errors.Is(err, storage.ErrNotFound):
		return false, err
	}
	if a.cookie == "" {
		f.Site.Cookies.ClearRemember(w)
		return false, nil
	}
	f.keep(w, a)
	return true, web.Redirect(w, r, r.URL.RequestURI(), http.StatusFound)
}

// remember stores that this browser is to be remembered, in the transaction of the sign-in.
func (f *flow) remember(r *http.Request, db storage.Records, a *attached, m storage.Remember) error {
	by := step.Client(r)
	cookie := secret.New("")
	m.Hash, m.IP, m.UserAgent = secret.Hash(cookie), by.IP, by.UserAgent
	if err := db.PutRemember(r.Context(), &m); err != nil {
		return err
	}
	a.remember, a.rememberUntil = cookie, m.Expires
	return nil
}

// dropRemembered drops what the browser was remembered by: a new session begins in it, maybe another person's.
func (f *flow) dropRemembered(r *http.Request, db storage.Records) error {
	cookie := f.Site.Cookies.Remember(r)
	if cookie == "" {
		return nil
	}
	return db.DropRemember(r.Context(), secret.Hash(cookie))
}
