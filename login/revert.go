package login

import (
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// showRevert is the page behind the link that takes a change of the contacts back. It changes nothing: whoever reads the mail first
// may be a scanner.
func (p *Pages) showRevert(w http.ResponseWriter, r *http.Request) error {
	if done, err := p.stripped(w, r, p.Config().Lifetimes.Reset); done || err != nil {
		return err
	}
	page := templates.Revert{Page: p.alone(r), Hours: int((p.Config().Contacts.Cooling + time.Hour - 1) / time.Hour)}
	switch done := r.URL.Query().Get("done"); done {
	case "password", "social", "support":
		page.Done = done
		return p.Site.Render(w, r, http.StatusOK, &page)
	}
	person, err := p.reverting(r)
	if err != nil {
		return err
	}
	page.Page, page.Username = p.linked(r, person), person.Username
	return p.Site.Render(w, r, http.StatusOK, &page)
}

// reverting is whose change the link of this browser takes back.
func (p *Pages) reverting(r *http.Request) (*storage.Person, error) {
	person, err := contact.FindRevert(r.Context(), p.Store, p.Site.Cookies.Link(r), p.Store.Now())
	if errors.Is(err, storage.ErrNotFound) {
		return nil, linkDead
	}
	return person, err
}

// doRevert takes it back, once.
func (p *Pages) doRevert(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	person, err := p.reverting(r)
	if err != nil {
		return err
	}
	if err := p.shows(w, r, person, otherLink); err != nil {
		return err
	}
	for range 3 { // the person's row moved on meanwhile
		if person, err = p.takeBack(r, person); !errors.Is(err, storage.ErrConflict) {
			break
		}
	}
	if errors.Is(err, storage.ErrNotFound) { // another tab was faster
		return linkDead
	}
	if err != nil {
		return err
	}
	p.Site.Cookies.ClearLink(w)
	done := "password"
	switch {
	case person.PasswordHash == "":
		done = "social"
	case user.MainMailbox(person, p.Store.Now()) == nil:
		done = "support"
	}
	return web.Redirect(w, r, "/contacts/revert?done="+done, http.StatusSeeOther)
}

func (p *Pages) takeBack(r *http.Request, person *storage.Person) (*storage.Person, error) {
	after := person
	err := p.tx(r.Context(), func(db storage.Records) (err error) {
		by := contact.By{
			Record: func(name string) *storage.Event { return p.happened(r, name, audit.OK, "", person) },
			Notice: p.Notice, Client: step.Client(r), Now: p.Store.Now(),
		}
		after, err = contact.TakeBack(r.Context(), db, p.Config(), p.Site.Cookies.Link(r), p.happened(r, audit.SessionEnd, audit.OK, "contact_reverted", person), by)
		return err
	})
	if err != nil {
		return person, err
	}
	return after, nil
}
