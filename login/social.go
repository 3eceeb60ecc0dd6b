package login

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// doSocial answers the button by a 303 to our own page: browsers would hold a redirect to the provider against the
// form's CSP. The name is looked up first: the path of a URL can hold what a header cannot.
func (p *Pages) doSocial(w http.ResponseWriter, r *http.Request, f *flow) error {
	name := r.PathValue("provider")
	if !slices.ContainsFunc(f.Config.Providers, func(p config.Provider) bool { return p.Name == name }) {
		return p.refuseSocial(r, f, name, federation.ErrUnknown)
	}
	return web.Redirect(w, r, f.base()+"/social/"+url.PathEscape(name), http.StatusSeeOther)
}

// showSocial begins a sign-in at a provider and leaves for it.
func (p *Pages) showSocial(w http.ResponseWriter, r *http.Request, f *flow) error {
	name := r.PathValue("provider")
	ask := federation.Ask{
		Request: f.id, BrowserHash: f.Row.BrowserHash, Lifetime: f.Row.Expires.Sub(f.Now), Now: f.Now,
		UILocales: web.Lang(r),
	}
	if f.Next.Outcome != acr.AskFirst && f.Answer.Link == "" { // nothing to be gained there
		return f.onward(w, r)
	}
	if f.Held.SignedIn() { // asked again: the provider must ask as well
		ask.Prompt, ask.MaxAge = "login", f.Asked.MaxAge
	}
	to, row, err := p.Providers().Begin(r.Context(), name, ask)
	if err != nil {
		return p.refuseSocial(r, f, name, err)
	}
	if err := p.Store.PutFederation(r.Context(), row); err != nil {
		return err
	}
	page := &templates.Leave{Page: f.page(r), URL: to}
	page.Step = "leave"
	return p.Site.Render(w, r, http.StatusOK, page)
}

// finishSocial takes the provider's answer: a person known by (provider, subject) or a new one. An identity that never
// proved a second step goes into quarantine, whatever else the browser holds.
func (p *Pages) finishSocial(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("provider")
	browser := p.Site.Cookies.Browser(r)
	id, requestID, err := p.Providers().Finish(r.Context(), p.Store, name, federation.Callback{
		Values: r.URL.Query(), BrowserHash: secret.Hash(browser), Now: p.Store.Now(),
	})
	if requestID == "" && err != nil {
		return p.refuseSocial(r, nil, name, err)
	}
	f, failed := p.load(r, requestID)
	if failed != nil {
		return failed
	}
	if errors.Is(err, federation.ErrDenied) { // back to the sign-in page, where other ways are
		return f.onward(w, r)
	}
	if err != nil {
		return p.refuseSocial(r, f, name, err)
	}
	if f.Answer.Link != "" {
		return f.linkInside(w, r, id)
	}
	var a attached
	var quarantine string
	for range 3 { // a newcomer in two tabs at once: the loser finds the winner's account
		a, quarantine, err = f.arrive(r, id)
		if !errors.Is(err, storage.ErrConflict) {
			break
		}
	}
	switch {
	case errors.Is(err, storage.ErrConflict):
		return f.onward(w, r)
	case errors.Is(err, errStranger):
		return f.meet(w, r, id)
	case errors.Is(err, user.ErrWrong):
		return p.refuseSocial(r, f, name, federation.ErrInvalid)
	case err != nil:
		return err
	}
	if quarantine != "" {
		p.Site.Cookies.SetQuarantine(w, quarantine, f.Now.Add(f.limits().Quarantine))
	} else {
		f.keep(w, a)
	}
	if f.Held.SignedIn() { // should the sign-in page come again, it says why
		return web.Redirect(w, r, f.base()+"?tried="+url.QueryEscape(name), http.StatusSeeOther)
	}
	return f.onward(w, r)
}

// arrive finds or makes the person and gives the event to a session, or to a quarantine whose cookie's secret it returns.
func (f *flow) arrive(r *http.Request, id *federation.Identity) (a attached, quarantine string, err error) {
	err = f.tx(r.Context(), func(db storage.Records) error {
		a, quarantine = attached{}, ""
		person, err := f.known(r, db, id)
		if err != nil {
			return err
		}
		if err := f.report(r, db, person, id); err != nil {
			return err
		}
		ev, err := f.socialEvent(r, db, person, id)
		if err != nil {
			return err
		}
		if err := f.Proved(r.Context(), db); err != nil {
			return err
		}
		switch {
		case f.Held.SignedIn() && f.Held.Person.ID == person.ID && !f.offers(acr.Social, id.Provider):
			return nil // signed in already, and asked for something that this provider cannot prove
		case f.needsProof(person, id):
			quarantine, _, err = session.StartQuarantine(r.Context(), db, f.limits(), person.ID, []acr.Event{ev}, step.Client(r), f.Now)
		default:
			a, err = f.attach(r, db, person, ev)
		}
		if err != nil {
			return err
		}
		rec := f.event(r, audit.AuthnOK, "ok", "social "+id.Provider)
		rec.PersonID, rec.Actor = person.ID, person.ID
		return f.attest(r, db, a, f.count, rec)
	})
	return a, quarantine, err
}

// errStranger: no account has the login, and registration makes none.
var errStranger = errors.New("login: nobody has this social login")

// known finds the person by (provider, subject), or makes an account for a newcomer where registration is open.
func (f *flow) known(r *http.Request, db storage.Records, id *federation.Identity) (*storage.Person, error) {
	person, err := db.PersonByIdentity(r.Context(), id.Provider, id.Subject)
	switch {
	case err != nil && !errors.Is(err, storage.ErrNotFound):
		return nil, err
	case err == nil && person.Disabled:
		return nil, user.ErrWrong
	case err == nil:
		if stranger, err := f.NeverIn(r.Context(), db, person); err != nil || !stranger || f.Config.Registration.Open {
			return person, err
		}
		return nil, errStranger
	case !f.Config.Registration.Open:
		return nil, errStranger
	}
	person, err = user.FromIdentity(r.Context(), db, user.Social{
		Provider: id.Provider, Subject: id.Subject, Emails: reported(id),
		Username: id.Name.PreferredUsername, Locale: f.Text.Match("", id.Name.Locale), Now: f.Now,
		Reserved: f.Config.PutsIntoGroups,
		Profile:  user.Profile{Name: id.Name.Name, GivenName: id.Name.GivenName, FamilyName: id.Name.FamilyName},
	})
	if err != nil {
		return nil, err
	}
	rec := f.event(r, audit.IDPLink, "ok", id.Provider)
	rec.PersonID, rec.Actor = person.ID, person.ID
	return person, db.Append(r.Context(), rec)
}

// reported are the addresses a provider told of someone, in user's words.
func reported(id *federation.Identity) []user.SocialEmail {
	out := make([]user.SocialEmail, len(id.Emails))
	for i, e := range id.Emails {
		out[i] = user.SocialEmail{Address: e.Address, Verified: e.Verified, Authoritative: e.Authoritative}
	}
	return out
}

// report keeps what the provider told this time beside all it told before: people untick their address the next time, and a
// code to it would then look independent.
func (f *flow) report(r *http.Request, db storage.Records, person *storage.Person, id *federation.Identity) error {
	for _, i := range person.Identities {
		if i.Provider != id.Provider || i.Subject != id.Subject {
			continue
		}
		fresh := slices.DeleteFunc(user.ReportedAddresses(reported(id)), func(a string) bool { return slices.Contains(i.Emails, a) })
		i.Emails = append(i.Emails, fresh...)
		return db.ReportAddresses(r.Context(), id.Provider, id.Subject, fresh...)
	}
	return nil
}

// needsProof reports whether the identity never completed a second step ("proved at").
func (f *flow) needsProof(p *storage.Person, id *federation.Identity) bool {
	return acr.WaitsForProof(f.Config.Policy, session.AcrPerson(f.Config, p), session.IdentityKey(id.Provider, id.Subject))
}

func (f *flow) socialEvent(r *http.Request, db storage.Records, person *storage.Person, id *federation.Identity) (acr.Event, error) {
	seen, err := db.Counter(r.Context(), f.deviceKey(r, person.ID), f.Now)
	if err != nil {
		return acr.Event{}, err
	}
	ev := session.NewEvent(acr.Event{
		Method: acr.Social, Provider: id.Provider, Credential: session.IdentityKey(id.Provider, id.Subject),
		Reported: user.ReportedAddresses(reported(id)), UpstreamAcr: id.Acr, NewDevice: seen.Count == 0,
	}, f.Asked.ID, f.Now)
	if !f.Config.Policy.Providers[id.Provider].ReauthUpstream {
		return ev, nil
	}
	// The provider's own auth_time is believed where YAML says so: an old one then re-authenticates nobody. Neither does
	// one that was not told: the provider may have asked nothing at all.
	s := f.Held.Session
	switch {
	case id.AuthTime.IsZero() && s != nil && s.PersonID == person.ID:
		ev.At = s.Created
	case !id.AuthTime.IsZero() && id.AuthTime.Before(f.Now):
		ev.At = id.AuthTime
	}
	return ev, nil
}

// deviceKey is the counter that makes a browser known to a person.
func (f *flow) deviceKey(r *http.Request, person string) string {
	return mfa.DeviceKey(f.Box, person, f.Site.Cookies.Browser(r))
}

// knownDevice remembers the browser after a second step.
func (f *flow) knownDevice(r *http.Request) []storage.Hit {
	return []storage.Hit{{Key: f.deviceKey(r, f.Current.Person.ID), Window: user.DeviceWindow}}
}

// refuseSocial is one friendly page for whatever the provider did wrong; the cause goes to log and audit.
func (p *Pages) refuseSocial(r *http.Request, f *flow, name string, cause error) error {
	e := &web.Error{Status: http.StatusBadRequest, Code: "provider_failed", Message: "provider_failed", Cause: cause}
	switch {
	case errors.Is(cause, federation.ErrUnknown):
		e.Status, e.Code, e.Message = http.StatusNotFound, "not_found", "not_found"
	case errors.Is(cause, federation.ErrUnavailable):
		e.Status, e.Code, e.Message = http.StatusBadGateway, "provider_unavailable", "provider_unavailable"
	case errors.Is(cause, federation.ErrInvalid), errors.Is(cause, federation.ErrDenied):
	default:
		return cause
	}
	rec := audit.From(r.Context()).Event(audit.IDPReject, "fail", e.Code)
	if known := p.Config().Provider(name); known != nil {
		e.Args = map[string]any{"Provider": known.Title}
	}
	if f != nil { // the request stays open: the same provider once more, or another way
		rec = f.event(r, audit.IDPReject, "fail", e.Code)
		if !errors.Is(cause, federation.ErrUnknown) {
			e.Retry = f.base() + "/social/" + url.PathEscape(name)
		}
		e.Back = f.base()
	}
	rec.At = p.Store.Now()
	if !errors.Is(cause, federation.ErrUnknown) { // else the name is a stranger's text
		rec.Detail = fmt.Appendf(nil, `{"provider":%q}`, name)
	}
	if err := p.Store.Append(r.Context(), rec); err != nil {
		return err
	}
	return e
}
