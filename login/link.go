package login

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// linkConnect is the purpose of the row that remembers, until the account's second step was given, which social login is
// to be connected to it.
const linkConnect = "connect"

var (
	// errElsewhere: the login belongs to another account meanwhile. Whose is not told.
	errElsewhere = errors.New("login: identity is linked elsewhere")
	// errNoStep: the account has nothing that could be the second step. The help desk is named.
	errNoStep = errors.New("login: no second step to connect by")
)

// showConnect asks for the password of the account that a social login belongs to. That the page exists says nothing:
// everybody whose login no account has can open it.
func (p *Pages) showConnect(w http.ResponseWriter, r *http.Request, f *flow) error {
	if _, ok := f.connection(); !ok {
		return f.onward(w, r)
	}
	return p.Site.Render(w, r, http.StatusOK, f.connectPage(r))
}

// connectPath is the way there; "" for whoever has nothing to connect.
func (f *flow) connectPath() string {
	if !f.Newcomer() {
		return ""
	}
	return f.base() + "/connect"
}

func (f *flow) connectPage(r *http.Request) *templates.Connect {
	page := &templates.Connect{Page: f.page(r), Provider: f.provider(), Closed: f.Current.Quarantine == nil}
	page.Step = "connect"
	return page
}

// doConnect signs in to the existing account by password, under the same limits as everywhere, and connects the social
// login to it: behind a second step of the last minutes, which is asked for where it is missing. Neither an address nor
// the password alone ever does (docs/security.md K02, K06).
func (p *Pages) doConnect(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	c, ok := f.connection()
	if !ok {
		return f.onward(w, r)
	}
	page := f.connectPage(r)
	page.Username = form.Get("username")
	person, err := p.Passwords.Password(r.Context(), user.Attempt{
		Identifier: page.Username, Password: form.Get("password"), IPKey: web.IPKey(web.ClientIP(r)),
		Device: hex.EncodeToString(secret.Hash(p.Site.Cookies.Browser(r))), Now: f.Now,
	})
	if err != nil {
		return f.refuseConnectPassword(w, r, page, person, err)
	}
	var a attached
	var stuck bool
	err = p.tx(r.Context(), func(db storage.Records) error {
		err := user.HoldPassword(r.Context(), db, person)
		if err != nil {
			return err
		}
		if a, err = f.attach(r, db, person, session.NewEvent(acr.Event{Method: acr.Password}, f.Asked.ID, f.Now)); err != nil {
			return err
		}
		rec := f.event(r, audit.AuthnOK, "ok", string(acr.Password))
		rec.PersonID, rec.Actor = person.ID, person.ID
		if err := f.attest(r, db, a, f.count, rec); err != nil {
			return err
		}
		if acr.Connects(f.Config.Policy, f.Asked, a.session.AcrPerson(f.Config), a.session.Evidence(), f.Now) {
			a.proved = true // the quarantine ends here
			if err := f.Proved(r.Context(), db); err != nil {
				return err
			}
			return f.connect(r, db, person, c)
		}
		err = f.connectLater(r, db, a.session, c)
		if stuck = errors.Is(err, errNoStep); stuck { // the sign-in itself is good all the same
			return f.rejected(r.Context(), db, person)
		}
		return err
	})
	switch {
	case errors.Is(err, errElsewhere):
		return f.refuseConnect(r)
	case errors.Is(err, user.ErrWrong):
		return f.refuseConnectPassword(w, r, page, person, err)
	case errors.Is(err, storage.ErrConflict), errors.Is(err, storage.ErrNotFound):
		return f.onward(w, r) // another tab was faster
	case err != nil:
		return err
	}
	f.keep(w, a)
	if stuck {
		return &web.Error{
			Status: http.StatusForbidden, Code: "connect_unproved", Message: "connect_unproved", Args: map[string]any{"Provider": f.titled(c.Provider)},
		}
	}
	return f.onward(w, r)
}

func (f *flow) refuseConnectPassword(w http.ResponseWriter, r *http.Request, page *templates.Connect, tried *storage.Person, cause error) error {
	no, err := f.wrongPassword(w, r, tried, cause)
	if err != nil {
		return err
	}
	page.Error, page.RetryIn = no.form, no.retryIn
	return f.Site.Render(w, r, no.status, page)
}

// connectLater notes the connection, and on the request that it waits, so that nothing is answered before the account's
// second step was given: requests only ever raise. errNoStep when there is none to give.
func (f *flow) connectLater(r *http.Request, db storage.Records, cur *session.Current, c connection) error {
	asked := f.Asked
	asked.Connect = true
	if d := acr.Decide(f.Config.Policy, asked, cur.AcrPerson(f.Config), cur.Evidence(), f.Now); d.Outcome == acr.Refused {
		return errNoStep
	}
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	err = db.PutLink(r.Context(), &storage.Link{
		Hash: f.connectKey(cur.Person.ID), Purpose: linkConnect, PersonID: cur.Person.ID, Data: data,
		Created: f.Now, Expires: c.At.Add(f.limits().Quarantine),
	})
	if err != nil {
		return err
	}
	return f.Save(r.Context(), db, true, func(o *request.Open) { o.Asked.Connect = true })
}

func (f *flow) connectKey(person string) []byte {
	return f.Box.MAC("connect", f.transaction(), person)
}

// connecting is the title of the provider whose login waits for the account's second step; "" when none does. It is for
// words only: where the look-up fails, the page gives its usual reason.
func (f *flow) connecting(r *http.Request) string {
	if f.Current.Session == nil || !f.Asked.Connect {
		return ""
	}
	l, err := f.Store.Link(r.Context(), f.connectKey(f.Current.Person.ID), linkConnect, f.Now)
	if err != nil {
		return ""
	}
	var c connection
	if json.Unmarshal(l.Data, &c) != nil {
		return ""
	}
	return f.titled(c.Provider)
}

// connectProved completes a connection that waited for the account's second step, once ev is one that will do. Only a
// request in which one waits is looked at.
func (f *flow) connectProved(r *http.Request, db storage.Records, ev acr.Event) (bool, error) {
	if f.Current.Session == nil || !f.Asked.Connect {
		return false, nil
	}
	person, err := db.Person(r.Context(), f.Current.Person.ID) // anew: a factor may have been switched on just now
	if err != nil {
		return false, err
	}
	now := *f.Current
	now.Person, now.Events = person, append(slices.Clone(f.Current.Events), ev)
	if !acr.Connects(f.Config.Policy, f.Asked, now.AcrPerson(f.Config), now.Evidence(), f.Now) {
		return false, nil
	}
	l, err := db.TakeLink(r.Context(), f.connectKey(person.ID), linkConnect, f.Now)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var c connection
	if err := json.Unmarshal(l.Data, &c); err != nil {
		return false, err
	}
	err = f.connect(r, db, person, c)
	if errors.Is(err, errElsewhere) { // the sign-in itself is good all the same
		return false, f.rejected(r.Context(), db, person)
	}
	return err == nil, err
}

// connect gives the login to the person, as one that is not proved yet: the second step of this session was the account's, so
// the next sign-in by the login asks for one once. The account that was made for a newcomer is closed.
func (f *flow) connect(r *http.Request, db storage.Records, person *storage.Person, c connection) error {
	ctx := r.Context()
	if c.Quarantine != "" {
		q, err := db.TakeQuarantine(ctx, c.Quarantine)
		if errors.Is(err, storage.ErrNotFound) || err == nil && !q.Expires.After(f.Now) {
			return errElsewhere // proved in another tab, or too long ago
		}
		if err != nil {
			return err
		}
	}
	given := &storage.Identity{Provider: c.Provider, Subject: c.Subject, Emails: c.Emails}
	from, err := db.PersonByIdentity(ctx, c.Provider, c.Subject)
	unfinished := false
	if err == nil {
		unfinished, err = f.NeverIn(ctx, db, from)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound) && c.Quarantine == "":
	case errors.Is(err, storage.ErrNotFound), err == nil && !unfinished:
		return errElsewhere
	case err != nil:
		return err
	default:
		*given = *from.Identities[0]
		if err := f.shut(r, db, from); err != nil {
			return err
		}
	}
	given.PersonID, given.Created = person.ID, f.Now
	if err := db.PutIdentity(ctx, given); err != nil {
		return err
	}
	if err := db.Append(ctx, f.record(r, person, audit.IDPLink, c.Provider)); err != nil {
		return err
	}
	return f.Notice(ctx, db, person, "login_linked", step.Client(r), f.Now)
}

// shut closes the account that was made for a newcomer; nothing was ever done with it.
func (f *flow) shut(r *http.Request, db storage.Records, from *storage.Person) error {
	ctx := r.Context()
	login := from.Identities[0]
	if err := db.RemoveIdentity(ctx, from.ID, login.Provider, login.Subject); err != nil {
		return err
	}
	for _, contact := range from.Contacts { // a second holder would make the address ambiguous
		if err := db.RemoveContact(ctx, from.ID, contact.ID); err != nil {
			return err
		}
	}
	shut := *from
	shut.Disabled, shut.Updated = true, f.Now
	if err := db.UpdatePerson(ctx, &shut); err != nil {
		return err
	}
	return db.Append(ctx, f.record(r, from, audit.PersonDisabled, "connected"))
}

// record is a record of this flow about somebody else than the person it began with.
func (f *flow) record(r *http.Request, person *storage.Person, name, reason string) *storage.Event {
	rec := f.event(r, name, "ok", reason)
	rec.PersonID, rec.Actor = person.ID, person.ID
	return rec
}

func (f *flow) rejected(ctx context.Context, db storage.Records, person *storage.Person) error {
	rec := audit.From(ctx).Event(audit.IDPReject, "fail", "social_no_link")
	rec.At, rec.ClientID = f.Now, f.Client.ID
	if person != nil {
		rec.PersonID, rec.Actor = person.ID, person.ID
	}
	return db.Append(ctx, rec)
}

// refuseConnect says that the login cannot be connected, and not why.
func (f *flow) refuseConnect(r *http.Request) error {
	if err := f.rejected(r.Context(), f.Store, f.Current.Person); err != nil {
		return err
	}
	return &web.Error{
		Status: http.StatusForbidden, Code: "social_no_link", Message: "social_no_link", Args: map[string]any{"Provider": f.provider()},
	}
}
