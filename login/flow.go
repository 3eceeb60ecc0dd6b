package login

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// flow is one authorization request on its way through the pages, with what the browser brought along.
type flow struct {
	*Pages
	id     string // as in the URL
	row    *storage.Request
	asked  acr.Request
	word   consent.State    // what the person said to the panel's wishes
	login  *consent.Arrived // a social login that no account has, proved in this request; nil = none, or too long ago
	hints  hints
	client *config.Client
	cur    *session.Current // what the decision was made on
	held   *session.Current // the session, also when cur is a quarantine
	next   acr.Decision
	apart  bool   // a newcomer wants an account apart from the one that has the address
	stuck  string // title of the provider whose sign-in waits in quarantine and cannot be completed; "" = none
	now    time.Time
	cfg    *config.Config

	unfinished bool // the account of the browser's quarantine was made by its login, which never got in: see neverIn
}

// hints are the two keys of the request's parameters that pages use.
type hints struct {
	Login   string `json:"login_hint"`
	Locales string `json:"ui_locales"`
}

// in loads the flow before a step and refuses requests that are gone, finished or another browser's.
func (p *Pages) in(step stepHandler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := p.load(r, r.PathValue("id"))
		if err != nil {
			return err
		}
		if f.hints.Locales != "" {
			r = web.WithLang(r, f.hints.Locales)
		}
		return step(w, r, f)
	}
}

func (p *Pages) load(r *http.Request, id string) (*flow, error) {
	now := p.Store.Now()
	row, held, err := session.LoadInto(r.Context(), p.Store, secret.Hash(id), p.Site.Cookies.Session(r), now)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, &web.Error{Status: http.StatusGone, Code: "session_expired", Message: "session_expired"}
	}
	if err != nil {
		return nil, err
	}
	// Bound to the browser that started it: another browser, whoever sits there, gets no further (protocol.md §3.1).
	browser := p.Site.Cookies.Browser(r)
	if len(row.BrowserHash) == 0 || browser == "" || !bytes.Equal(row.BrowserHash, secret.Hash(browser)) {
		return nil, &web.Error{Status: http.StatusForbidden, Code: "other_browser", Message: "other_browser"}
	}
	switch err := held.Resume(r.Context(), p.Store, row, p.Config().Limits, now); {
	case errors.Is(err, storage.ErrConflict):
		return nil, &web.Error{Status: http.StatusTooManyRequests, Code: "too_many_requests", Message: "too_many", RetryAfter: 30}
	case err != nil:
		return nil, err
	}
	if !row.FinishedAt.IsZero() {
		return nil, &web.Error{Status: http.StatusGone, Code: "already_finished", Message: "already_finished"}
	}
	f := &flow{Pages: p, id: id, row: row, held: held, now: now, cfg: p.Config()}
	kept, err := consent.Read(row)
	if err != nil {
		return nil, err
	}
	f.word, f.apart = kept.Consent, kept.Apart
	if l := kept.Arrived; l != nil && f.now.Before(l.At.Add(f.limits().Quarantine)) {
		f.login = l
	}
	if err := json.Unmarshal(row.Params, &f.hints); err != nil {
		return nil, err
	}
	if f.client = f.cfg.Client(row.ClientID); f.client == nil {
		return nil, &web.Error{Status: http.StatusBadRequest, Code: "unknown_client", Message: "unknown_client"}
	}
	f.asked = kept.Request.Under(f.cfg.Terms(f.client))
	return f, f.decide(r)
}

// decide asks what is next, on the browser's session or on its quarantine, where the session does not already do.
func (f *flow) decide(r *http.Request) error {
	if web.Navigation(r) { // pages are activity (design: one session)
		if err := f.held.Touch(r.Context(), f.Store, f.limits(), f.now); err != nil {
			return err
		}
	}
	f.judge(f.held)
	if f.next.Outcome != acr.AskFirst {
		return nil
	}
	// A quarantine never stands in for a session that is good enough, and never replaces one.
	waiting, err := session.LoadQuarantine(r.Context(), f.Store, f.Site.Cookies.Quarantine(r), f.now)
	if err != nil {
		return err
	}
	if waiting.Quarantine == nil || !f.concerns(waiting) {
		return nil
	}
	if f.unfinished, err = f.neverIn(r.Context(), f.Store, waiting.Person); err != nil {
		return err
	}
	if f.unfinished && !f.cfg.Registration.Open {
		return nil
	}
	f.judge(waiting)
	if f.next.Outcome == acr.Refused && f.next.Error == acr.ErrUnmet && !f.asksContact() {
		// A login that nothing here can complete must not bar the other ways for as long as its quarantine lasts.
		f.stuck = f.provider()
		f.judge(f.held)
	}
	return nil
}

// neverIn reports whether a social login made this account for itself and never got in by it: then nothing is on it that
// anybody could be after, however old it is, and where accounts come from the operator it is nobody's. Who was in before
// is a customer, also when nothing but the login is left (the app switched off, or no second step was asked in those days).
func (f *flow) neverIn(ctx context.Context, db storage.Limits, p *storage.Person) (bool, error) {
	if !user.SelfMade(p) {
		return false, nil
	}
	ever, err := db.Counter(ctx, mfa.SeenKey(f.Box, p.ID), f.now)
	return ever.Count == 0, err
}

// concerns reports whether a quarantine is about this flow: in a browser where someone else is signed in, only if it began
// in this very request. Forgotten by another person, it must not stand before what is asked of this one.
func (f *flow) concerns(q *session.Current) bool {
	if !f.held.SignedIn() || f.held.Person.ID == q.Person.ID {
		return true
	}
	return slices.ContainsFunc(q.Events, func(e acr.Event) bool { return e.Request == f.asked.ID })
}

func (f *flow) judge(cur *session.Current) {
	f.cur = cur
	f.next = acr.Decide(f.cfg.Policy, f.asked, cur.Subject(), cur.Evidence(), f.now)
}

// transaction names this request in the rows of codes.
func (f *flow) transaction() string { return hex.EncodeToString(f.row.Hash) }

// shown is whom the request's pages show, for the tag of their forms.
func (f *flow) shown() []string {
	about := []string{"nobody"}
	if f.cur.Person != nil {
		about = []string{"account", f.cur.Person.ID}
	}
	if f.login != nil { // the page that connects shows a login, too
		about = append(about, "login", f.login.Provider, f.login.Subject)
	}
	return about
}

// base is the path under which the request's pages live.
func (f *flow) base() string { return "/login/" + f.id }

// onward answers a POST that did its work: one 303 to where the evidence now leads.
func (f *flow) onward(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, f.base(), http.StatusSeeOther)
}

// forward is onward after a proof, without the stop in between when the panel can be answered: op judges again, on what is
// stored, so a mistake here would cost a redirect and nothing else.
func (f *flow) forward(w http.ResponseWriter, r *http.Request, a attached) error {
	if a.session == nil || consent.Asks(f.client) {
		return f.onward(w, r)
	}
	f.held = a.session
	f.judge(a.session)
	if f.next.Outcome != acr.Satisfied || f.lacksCodes() {
		return f.onward(w, r)
	}
	return f.back(w, r)
}

// back sends the person to op, which answers the panel.
func (f *flow) back(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, "/authorize/"+f.id, http.StatusSeeOther)
}

// ask keeps what became of the request: what it asks, the person's word, the login that waits. storage.ErrConflict when
// another tab was faster.
func (f *flow) ask(r *http.Request, db storage.Records, asked acr.Request, word consent.State, login *consent.Arrived, posted bool) error {
	row := *f.row // not f.row: the transaction may be run again
	row.Interacted = row.Interacted || posted
	if login != nil { // a provider's word is a step that succeeded
		row.Standing = storage.Proved
	}
	var err error
	if row.Asked, err = json.Marshal(consent.Asked{Request: asked, Consent: word, Arrived: login, Apart: f.apart}); err != nil {
		return err
	}
	return db.UpdateRequest(r.Context(), &row)
}

// interacted notes in the transaction of an act that a form was posted, so that the last hop is no redirect: browsers
// apply the CSP's form-action to the whole chain behind a form. And that something was proved, so that the request makes
// room for no other.
func (f *flow) interacted(r *http.Request, db storage.Records) error {
	if f.row.Interacted && f.row.Standing == storage.Proved {
		return nil
	}
	row := *f.row // not f.row: the transaction may be run again
	row.Interacted, row.Standing = true, storage.Proved
	err := db.UpdateRequest(r.Context(), &row)
	if errors.Is(err, storage.ErrConflict) { // the other tab wrote the same
		return nil
	}
	return err
}
