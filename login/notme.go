package login

import (
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// showNotMe is the page behind the link of a security notice. It changes nothing: whoever reads the mail first may be a
// scanner.
func (p *Pages) showNotMe(w http.ResponseWriter, r *http.Request) error {
	if done, err := p.stripped(w, r, p.Config().Lifetimes.Reset); done || err != nil {
		return err
	}
	page := templates.NotMe{Page: p.alone(r)}
	switch r.URL.Query().Get("done") {
	case "1":
		page.Done, page.Password = true, true
	case "social":
		page.Done = true
	}
	if page.Done {
		return p.Site.Render(w, r, http.StatusOK, page)
	}
	person, err := p.Resets.FindNotMe(r.Context(), p.Store, p.Site.Cookies.Link(r), p.Store.Now())
	if errors.Is(err, storage.ErrNotFound) {
		return linkDead
	}
	if err != nil {
		return err
	}
	page.Page, page.Username = p.linked(r, person), person.Username
	return p.Site.Render(w, r, http.StatusOK, page)
}

// doNotMe ends every session and grant of the person, forgets remembered browsers and kills every other mailed link.
func (p *Pages) doNotMe(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	link := p.Site.Cookies.Link(r)
	person, err := p.Resets.FindNotMe(r.Context(), p.Store, link, p.Store.Now())
	if errors.Is(err, storage.ErrNotFound) {
		return linkDead
	}
	if err != nil {
		return err
	}
	if err := p.shows(w, r, person, otherLink); err != nil {
		return err
	}
	err = p.tx(r.Context(), func(db storage.Records) error {
		return p.Resets.Disown(r.Context(), db, link, p.happened(r, audit.SessionEnd, audit.OK, "not_me", person))
	})
	if errors.Is(err, storage.ErrNotFound) {
		return linkDead
	}
	if err != nil {
		return err
	}
	p.Site.Cookies.ClearLink(w)
	if person.PasswordHash == "" {
		return web.Redirect(w, r, "/not-me?done=social", http.StatusSeeOther)
	}
	return web.Redirect(w, r, "/not-me?done=1", http.StatusSeeOther)
}

// firstWindow is how long it is remembered that a person has signed in before: longer than any account rests.
const firstWindow = 20 * 365 * 24 * time.Hour

// sightings are the hits of a session that begins: the person was seen in this browser, and at all.
func (f *flow) sightings(r *http.Request, personID string) []storage.Hit {
	return []storage.Hit{
		{Key: mfa.SeenKey(f.Box, personID, f.Site.Cookies.Browser(r)), Window: user.DeviceWindow},
		{Key: mfa.SeenKey(f.Box, personID), Window: firstWindow},
	}
}

// newDevice reports whether sightings make a message due: a session began in a browser where nobody of this account was
// seen before. At the very first sign-in every browser is new and the message would be noise; the journal has it all the
// same.
func newDevice(sightings []storage.Counter) bool {
	browser, ever := sightings[0], sightings[1]
	return browser.Count == 1 && ever.Count > 1
}
