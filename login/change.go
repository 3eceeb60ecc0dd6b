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
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// showChange offers somebody signed in the link that changes the password; who is not is led to the forgotten one.
func (p *Pages) showChange(w http.ResponseWriter, r *http.Request) error {
	page := templates.ChangePassword{Page: p.alone(r), Minutes: minutes(p.Config().Lifetimes.Reset)}
	if page.Sent = r.URL.Query().Get("sent") == "1"; page.Sent {
		page.Late = p.Failing(string(acr.Email))
		return p.Site.Render(w, r, http.StatusOK, page)
	}
	cur, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), p.Store.Now())
	if err != nil {
		return err
	}
	if !cur.SignedIn() {
		return web.Redirect(w, r, "/forgot", http.StatusFound)
	}
	page.Page, page.Username = p.linked(r, cur.Person), cur.Person.Username
	page.First = cur.Person.PasswordHash == ""
	return p.Site.Render(w, r, http.StatusOK, page)
}

// doChange mails the link and ends this session (help promise 9).
func (p *Pages) doChange(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	now := p.Store.Now()
	cur, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), now)
	if err != nil {
		return err
	}
	if !cur.SignedIn() {
		return web.Redirect(w, r, "/forgot", http.StatusSeeOther)
	}
	if err := p.shows(w, r, cur.Person, web.ErrOtherAccount); err != nil {
		return err
	}
	err = p.tx(r.Context(), func(db storage.Records) error { return p.RequestPasswordChange(r, db, cur) })
	var slow *user.Throttled
	switch {
	case errors.Is(err, user.ErrNoMailbox):
		return &web.Error{Status: http.StatusConflict, Code: "no_mailbox", Message: "no_mailbox"}
	case errors.As(err, &slow):
		wait := web.Seconds(slow.Until.Sub(now))
		return &web.Error{Status: http.StatusTooManyRequests, Code: "too_many", Message: "too_many", RetryAfter: wait, Args: map[string]any{"Seconds": wait}}
	case errors.Is(err, storage.ErrUsed): // signed out from another tab meanwhile
	case err != nil:
		return err
	}
	p.Site.Cookies.ClearSession(w)
	p.Site.Cookies.ClearRemember(w)
	return web.Redirect(w, r, "/password?sent=1", http.StatusSeeOther)
}

// RequestPasswordChange mails the link by which the person of this session changes the password and ends the session, all
// in the caller's transaction; the caller clears the cookies. user.ErrNoMailbox, *user.Throttled, storage.ErrUsed when the
// session was ended before.
func (p *Pages) RequestPasswordChange(r *http.Request, db storage.Records, cur *session.Current) error {
	ctx, now := r.Context(), p.Store.Now()
	box, err := p.Resets.Change(ctx, db, cur.Person, cur.AcrPerson(p.Config()), cur.Evidence(), now)
	if err != nil {
		return err
	}
	if err := p.SendLink(ctx, db, PasswordLink{Kind: "change", Mailbox: box, By: step.Client(r), Now: now}); err != nil {
		return err
	}
	record := func(name string) *storage.Event {
		ev := p.happened(r, name, audit.OK, "password_change", cur.Person)
		ev.Actor, ev.SessionID = cur.Person.ID, cur.Session.ID
		return ev
	}
	if err := db.Append(ctx, record(audit.ResetRequested)); err != nil {
		return err
	}
	if _, err := session.End(ctx, db, cur.Session.ID, record(audit.SessionEnd)); err != nil {
		return err
	}
	if remembered := p.Site.Cookies.Remember(r); remembered != "" {
		return db.DropRemember(ctx, secret.Hash(remembered))
	}
	return nil
}
