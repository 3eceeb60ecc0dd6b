package login

import (
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// linkDead is the one answer to a link that opens nothing (any more): unknown, used, expired, replaced, another's.
var linkDead = &web.Error{Status: http.StatusGone, Code: "link_dead", Message: "link_dead"}

// otherLink is the answer to a form of one link's page, posted after another link was opened in this browser.
var otherLink = &web.Error{Status: http.StatusConflict, Code: "other_link", Message: "other_link"}

// stripped takes the secret of a mailed link out of the URL and goes on to the clean one: it would stand in the history,
// in proxies' logs and in the Referer of whatever is opened next (W08). It reads and writes nothing in the database: a
// mail scanner's GET burns no link (G02). ok is false when there is nothing to take out.
func (p *Pages) stripped(w http.ResponseWriter, r *http.Request, lasts time.Duration) (ok bool, err error) {
	link := r.URL.Query().Get("t")
	if link == "" {
		return false, nil
	}
	p.Site.Cookies.SetLink(w, link, lasts)
	w.Header().Set("Referrer-Policy", "no-referrer")
	return true, web.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

// opened finds the link that this browser came with.
func (p *Pages) opened(r *http.Request) (*storage.Link, *storage.Person, error) {
	link, person, err := p.Resets.Find(r.Context(), p.Store, p.Site.Cookies.Link(r), p.Store.Now())
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil, linkDead
	}
	return link, person, err
}

// showReset is the page behind a mailed link.
func (p *Pages) showReset(w http.ResponseWriter, r *http.Request) error {
	if done, err := p.stripped(w, r, p.Config().Lifetimes.Reset); done || err != nil {
		return err
	}
	_, person, err := p.opened(r)
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, p.setPage(r, person))
}

func (p *Pages) setPage(r *http.Request, person *storage.Person) *templates.SetPassword {
	page := &templates.SetPassword{Page: p.linked(r, person), Username: person.Username, Min: p.Config().Password.Min, First: person.PasswordHash == ""}
	page.Request = "" // no way back into a sign-in from here
	return page
}

// doReset sets the password, once, and signs nobody in: the new password opens what it opens, the second factor is
// still asked, and everything that was open is ended (G05).
func (p *Pages) doReset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	link, person, err := p.opened(r)
	if err != nil {
		if errors.Is(err, linkDead) {
			if err := p.Store.Append(r.Context(), p.happened(r, audit.ResetRejected, "fail", "link", nil)); err != nil {
				return err
			}
		}
		return err
	}
	if err := p.shows(w, r, person, otherLink); err != nil {
		return err
	}
	for range 3 { // the person's row moved on meanwhile: a factor, an address
		err = p.set(r, link, person, form.Get("password"))
		if !errors.Is(err, storage.ErrConflict) {
			break
		}
	}
	var refused *user.Refused
	switch {
	case errors.As(err, &refused):
		if _, _, err := p.opened(r); err != nil { // another tab was faster, and set this very password
			return err
		}
		return p.refuseNew(w, r, person, refused)
	case errors.Is(err, user.ErrBusy):
		return &web.Error{Status: http.StatusServiceUnavailable, Code: "busy", Message: "unavailable", RetryAfter: 2, Cause: err}
	case errors.Is(err, storage.ErrNotFound): // another tab was faster
		if err := p.Store.Append(r.Context(), p.happened(r, audit.ResetRejected, "fail", "link", person)); err != nil {
			return err
		}
		return linkDead
	case err != nil:
		return err
	}
	p.Site.Cookies.ClearLink(w)
	// Somebody else who is signed in here stays so: a session without its cookie would go on where nobody can end it.
	held, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), p.Store.Now())
	if err != nil {
		return err
	}
	if !held.SignedIn() {
		p.Site.Cookies.ClearSession(w)
		p.Site.Cookies.ClearRemember(w)
	}
	done := "/password/done"
	if person.PasswordHash == "" {
		done += "?first=1"
	}
	return web.Redirect(w, r, done, http.StatusSeeOther)
}

// set hashes outside of the transaction and keeps the password in it, with the notice and the record.
func (p *Pages) set(r *http.Request, link *storage.Link, person *storage.Person, password string) error {
	c := p.Config()
	about := user.About{Min: c.Password.Min, Brand: c.Branding.Name, Username: person.Username, Current: person.PasswordHash}
	for _, contact := range person.Contacts {
		if contact.Channel == "email" {
			about.Addresses = append(about.Addresses, contact.Canonical)
		}
	}
	hash, err := p.Hasher.NewPassword(r.Context(), password, about)
	if err != nil {
		return err
	}
	return p.tx(r.Context(), func(db storage.Records) error {
		ended := p.happened(r, audit.SessionEnd, audit.OK, "password_set", person)
		changed, err := p.Resets.Set(r.Context(), db, link, hash, ended)
		if err != nil {
			return err
		}
		happened := "password_changed"
		if person.PasswordHash == "" {
			happened = "password_first"
		}
		if err := p.Notice(r.Context(), db, changed, happened, step.Client(r), ended.At); err != nil {
			return err
		}
		return db.Append(r.Context(), p.happened(r, audit.ResetUsed, "ok", link.Purpose, changed))
	})
}

// refuseNew says why a password is not accepted (L13). The link is not used up by it.
func (p *Pages) refuseNew(w http.ResponseWriter, r *http.Request, person *storage.Person, refused *user.Refused) error {
	status := http.StatusUnprocessableEntity
	if refused.Why == user.WhyLong {
		status = http.StatusBadRequest // L09
	}
	page := p.setPage(r, person)
	page.Error = &templates.FormError{Field: "password", Text: "password.refused." + string(refused.Why)}
	return p.Site.Render(w, r, status, page)
}

func (p *Pages) showResetDone(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, templates.PasswordSet{Page: p.alone(r), First: r.URL.Query().Get("first") == "1"})
}

// minutes rounds up.
func minutes(d time.Duration) int { return (web.Seconds(d) + 59) / 60 }
