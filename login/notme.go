package login

import (
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/session"
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
		if err := p.waysBack(r, &page); err != nil {
			return err
		}
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

// waysBack says on the page after it what the person has to get back in, as the account is now. A browser that did not say it, or
// long ago, reads what is true of every account.
func (p *Pages) waysBack(r *http.Request, page *templates.NotMe) error {
	now, cfg := p.Store.Now(), p.Config()
	person, err := p.Resets.Disowned(r.Context(), p.Store, p.Site.Cookies.Link(r), now)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !session.Frozen(person, now) {
		return nil
	}
	if err != nil {
		return err
	}
	page.Password, page.Until, page.Zone = person.PasswordHash != "", person.FrozenUntil, user.Zone(person.Profile, cfg.Locales.Zone)
	for _, o := range acr.WaysBack(cfg.Policy, session.AcrPerson(cfg, person), now) {
		page.Ways = append(page.Ways, templates.Way{Value: o.Way(), Method: string(o.Method), Destination: mfa.Mask(o.Address)})
	}
	return nil
}

// doNotMe ends every session and grant of the person, forgets remembered browsers, kills every other mailed link and freezes what a
// second step gives.
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
	var shows string
	err = p.tx(r.Context(), func(db storage.Records) (err error) {
		shows, err = p.Resets.Disown(r.Context(), db, link, p.happened(r, audit.SessionEnd, audit.OK, "not_me", person))
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return linkDead
	}
	if err != nil {
		return err
	}
	p.Site.Cookies.SetLink(w, shows, p.Config().Lifetimes.Reset)
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
