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
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// linkConnect is the purpose of the row that remembers, until the account's own factor was given, which social login is
// to be connected to it.
const linkConnect = "connect"

// connection is a social login on its way from the account made for it to the one its owner already had.
type connection struct {
	Provider   string `json:"provider"`
	Subject    string `json:"subject"`
	From       string `json:"from"`       // the newcomer's account
	Quarantine string `json:"quarantine"` // proof of the login, in this browser, not longer than it lasts
}

// errElsewhere: the login belongs to another account meanwhile. Whose is not told.
var errElsewhere = errors.New("login: identity is linked elsewhere")

// showConnect asks a newcomer for the password of the account that may be there already. That the page exists says
// nothing: every newcomer can open it.
func (p *Pages) showConnect(w http.ResponseWriter, r *http.Request, f *flow) error {
	if !f.newcomer() {
		return f.onward(w, r)
	}
	return p.Site.Render(w, r, http.StatusOK, f.connectPage(r))
}

// connectPath is the way there; "" for whoever is no newcomer.
func (f *flow) connectPath() string {
	if !f.newcomer() {
		return ""
	}
	return f.base() + "/connect"
}

func (f *flow) connectPage(r *http.Request) *templates.Connect {
	page := &templates.Connect{Page: f.page(r), Provider: f.provider()}
	page.Step = "connect"
	return page
}

// doConnect signs in to the existing account by password, under the same limits as everywhere, and connects the social
// login to it: at once, or after its own factor where it has one. An address alone never does (security.md K02).
func (p *Pages) doConnect(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if !f.newcomer() {
		return f.onward(w, r)
	}
	page := f.connectPage(r)
	page.Username = form.Get("username")
	person, err := p.Passwords.Password(r.Context(), user.Attempt{
		Identifier: page.Username, Password: form.Get("password"), IPKey: web.IPKey(web.ClientIP(r)),
		Device: hex.EncodeToString(secret.Hash(p.Site.Cookies.Browser(r))), Now: f.now,
	})
	if err != nil {
		return f.refuseConnectPassword(w, r, page, person, err)
	}
	id := f.cur.Person.Identities[0]
	c := connection{Provider: id.Provider, Subject: id.Subject, From: f.cur.Person.ID, Quarantine: f.cur.Quarantine.ID}
	var a attached
	err = p.tx(r.Context(), func(db storage.Records) error {
		err := user.Still(r.Context(), db, person)
		if err != nil {
			return err
		}
		if a, err = f.attach(r, db, person, session.NewEvent(acr.Event{Method: acr.Password}, f.asked.ID, f.now)); err != nil {
			return err
		}
		rec := f.event(r, audit.AuthnOK, "ok", string(acr.Password))
		rec.PersonID, rec.Actor = person.ID, person.ID
		if err := f.attest(r, db, a, f.count, rec); err != nil {
			return err
		}
		if len(person.Factors) > 0 {
			return f.connectLater(r, db, person, c)
		}
		a.proved = true // the quarantine ends here
		if err := f.interacted(r, db); err != nil {
			return err
		}
		return f.connect(r, db, person, c)
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

// connectLater notes the connection and raises the request's floor, so that nothing is answered before the account's own
// factor was given: requests only ever raise.
func (f *flow) connectLater(r *http.Request, db storage.Records, person *storage.Person, c connection) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	err = db.PutLink(r.Context(), &storage.Link{
		Hash: f.connectKey(person.ID), Purpose: linkConnect, PersonID: person.ID, Data: data,
		Created: f.now, Expires: f.cur.Quarantine.Expires,
	})
	if err != nil {
		return err
	}
	asked := f.asked
	asked.Raised = f.second(asked.Raised)
	row := *f.row
	row.Interacted = true
	if row.Asked, err = json.Marshal(consent.Asked{Request: asked, Consent: f.word}); err != nil {
		return err
	}
	return db.UpdateRequest(r.Context(), &row)
}

// second is the lowest level above the first step, or floor where that is higher.
func (f *flow) second(floor string) string {
	levels := f.cfg.Policy.Levels
	above := slices.IndexFunc(levels, func(l acr.Level) bool { return l.Kind != acr.FirstStep })
	if at := slices.IndexFunc(levels, func(l acr.Level) bool { return l.Name == floor }); above < 0 || at >= above {
		return floor
	}
	return levels[above].Name
}

func (f *flow) connectKey(person string) []byte {
	return f.Box.MAC("connect", f.transaction(), person)
}

// connecting is the title of the provider whose login waits for the account's own factor; "" when none does. It is for
// words only: where the look fails, the page gives the reason it has without it.
func (f *flow) connecting(r *http.Request) string {
	if f.cur.Session == nil || f.Site.Cookies.Quarantine(r) == "" {
		return ""
	}
	l, err := f.Store.Link(r.Context(), f.connectKey(f.cur.Person.ID), linkConnect, f.now)
	if err != nil {
		return ""
	}
	var c connection
	if json.Unmarshal(l.Data, &c) != nil {
		return ""
	}
	for _, p := range f.cfg.Providers {
		if p.Name == c.Provider {
			return p.Title
		}
	}
	return ""
}

// connectProved completes a connection that waited for the account's own factor. Only a browser that holds a quarantine
// can have one; the others are spared the look.
func (f *flow) connectProved(r *http.Request, db storage.Records, ev acr.Event) (bool, error) {
	person := f.cur.Person
	own := ev.Method == acr.Recovery || slices.ContainsFunc(person.Factors, func(x *storage.Factor) bool { return x.ID == ev.Credential })
	if f.cur.Session == nil || !own || f.Site.Cookies.Quarantine(r) == "" {
		return false, nil
	}
	l, err := db.TakeLink(r.Context(), f.connectKey(person.ID), linkConnect, f.now)
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

// connect moves the login to the person. It starts unproved there: the next sign-in by it asks for a second step once.
// What was made for the newcomer is shut; nothing was ever done with it.
func (f *flow) connect(r *http.Request, db storage.Records, person *storage.Person, c connection) error {
	ctx := r.Context()
	q, err := db.TakeQuarantine(ctx, c.Quarantine)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !q.Expires.After(f.now) {
		return errElsewhere // proved in another tab, or too long ago
	}
	if err != nil {
		return err
	}
	from, err := db.PersonByIdentity(ctx, c.Provider, c.Subject)
	if errors.Is(err, storage.ErrNotFound) || err == nil && from.ID != c.From {
		return errElsewhere
	}
	if err != nil {
		return err
	}
	moved := *from.Identities[slices.IndexFunc(from.Identities, func(i *storage.Identity) bool {
		return i.Provider == c.Provider && i.Subject == c.Subject
	})]
	if len(from.Identities) != 1 || !moved.ProvedAt.IsZero() {
		return errElsewhere
	}
	if err := db.RemoveIdentity(ctx, from.ID, c.Provider, c.Subject); err != nil {
		return err
	}
	for _, contact := range from.Contacts { // a second holder would make the address ambiguous
		if err := db.RemoveContact(ctx, from.ID, contact.ID); err != nil {
			return err
		}
	}
	shut := *from
	shut.Disabled, shut.Updated = true, f.now
	if err := db.UpdatePerson(ctx, &shut); err != nil {
		return err
	}
	moved.PersonID, moved.Created = person.ID, f.now
	if err := db.PutIdentity(ctx, &moved); err != nil {
		return err
	}
	for _, rec := range []*storage.Event{f.about(r, from, audit.PersonDisabled, "connected"), f.about(r, person, audit.IDPLink, c.Provider)} {
		if err := db.Append(ctx, rec); err != nil {
			return err
		}
	}
	return f.Notice(ctx, db, person, "login_linked", client(r), f.now)
}

// about is a record of this flow about somebody else than the person it began with.
func (f *flow) about(r *http.Request, person *storage.Person, name, reason string) *storage.Event {
	rec := f.event(r, name, "ok", reason)
	rec.PersonID, rec.Actor = person.ID, person.ID
	return rec
}

func (f *flow) rejected(ctx context.Context, db storage.Records, person *storage.Person) error {
	rec := audit.From(ctx).Event(audit.IDPReject, "fail", "social_no_link")
	rec.At, rec.ClientID = f.now, f.client.ID
	if person != nil {
		rec.PersonID, rec.Actor = person.ID, person.ID
	}
	return db.Append(ctx, rec)
}

// refuseConnect says that the login cannot be connected, and not why.
func (f *flow) refuseConnect(r *http.Request) error {
	if err := f.rejected(r.Context(), f.Store, f.cur.Person); err != nil {
		return err
	}
	return &web.Error{
		Status: http.StatusForbidden, Code: "social_no_link", Message: "social_no_link", Args: map[string]any{"Provider": f.provider()},
	}
}
