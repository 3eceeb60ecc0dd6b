package account

import (
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// disowned is the record that a page of "it was not me" is about: the one of this key among the person's own that the journal
// shows. nil = of none, but of whatever happened until now.
func (v *visit) disowned(r *http.Request, key string) (*storage.Event, error) {
	at, id := afterRecord(key)
	if id == "" {
		return nil, nil
	}
	found, err := v.Store.Journal(r.Context(), storage.JournalPage{
		PersonID: v.cur.Person.ID, Names: journal, At: at.Add(time.Microsecond), Since: v.now.Add(-journalLasts), Most: journalPage,
	})
	for _, ev := range found {
		if ev.ID == id && ev.At.Equal(at) {
			return ev, nil
		}
	}
	return nil, err
}

// showNotMe asks once.
func (p *Pages) showNotMe(w http.ResponseWriter, r *http.Request, v *visit) error {
	q, err := web.Params(r.URL.RawQuery)
	if err != nil {
		return err
	}
	of, err := v.disowned(r, q.Get("entry"))
	if err != nil {
		return err
	}
	page := &templates.AccountNotMe{Page: v.page(r, pathNotMe), Zone: v.zone()}
	if of != nil {
		entry := v.entry(of)
		page.Entry = &entry
	}
	return p.Site.Render(w, r, http.StatusOK, page)
}

// doNotMe does what the link of a security notice does, from inside. It costs the session alone, and so gives nothing: see
// acr.Freeze. The browser lands where that link's does.
func (p *Pages) doNotMe(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	of, err := v.disowned(r, form.Get("entry"))
	if err != nil {
		return err
	}
	act, by, person := v.now, (*storage.Session)(nil), v.cur.Person
	if of != nil {
		act = of.At
		if by, err = v.sessionOf(r, of); err != nil {
			return err
		}
	}
	var shows string
	err = p.Store.Tx(r.Context(), func(db storage.Records) (err error) {
		shows, err = p.Resets.DisownInside(r.Context(), db, person, act, by, v.event(r, audit.SessionEnd, audit.OK, "not_me"))
		return err
	})
	if err != nil {
		return err
	}
	v.signedOut(w, r)
	v.Site.Cookies.SetLink(w, shows, v.cfg.Lifetimes.Reset)
	if person.PasswordHash == "" {
		return onward(w, r, "/not-me?done=social")
	}
	return onward(w, r, "/not-me?done=1")
}

// sessionOf is the session in which something happened; nil = none, or it is forgotten.
func (v *visit) sessionOf(r *http.Request, of *storage.Event) (*storage.Session, error) {
	if of.SessionID == "" {
		return nil, nil
	}
	s, err := v.Store.Session(r.Context(), of.SessionID)
	if errors.Is(err, storage.ErrNotFound) || err == nil && s.PersonID != v.cur.Person.ID {
		return nil, nil
	}
	return s, err
}
