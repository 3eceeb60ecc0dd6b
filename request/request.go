// Package request owns the open authorization request: one that needs a page, stored while the person is on the way through
// the sign-in.
//
// It keeps a request, opens it for the browser it is bound to, says what it still lacks (of the session, else of a social
// sign-in that waits in quarantine) and writes what became of it. op and login both come here and differ in nothing of that.
// It leaves the pages to login, the answer and the gate to op, the judgement of evidence to acr, the person's word to
// consent, and single use to storage.
//
// Easy to get wrong: a rule of one road only. A request comes by GET or by POST, and is looked at by the pages and by the way
// back from them. Whoever asks about it asks [Open.Decide], or the person is sent in circles between two answers.
package request

import (
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// Requests are all of an instance. Make one with [New]; it is safe for concurrent use.
type Requests struct {
	store    storage.Store
	box      *secret.Box
	log      *slog.Logger
	crowd    crowd
	refusals audit.Limiter
}

// New returns the requests in a store.
func New(store storage.Store, box *secret.Box, log *slog.Logger) *Requests {
	return &Requests{store: store, box: box, log: log}
}

// Open is one request on its way, with what the browser brought along.
type Open struct {
	Asked   acr.Request      // by the YAML of now
	Consent consent.State    // what the person said to the client's wishes
	Arrived *Arrived         // a social login that no account has, proved in this request; nil = none, or too long ago
	Apart   bool             // a newcomer whose address another account has wants one apart
	Left    bool             // the person went back from the page that stops who lacks what the client requires
	Answer  Answer           // what the client is answered by
	Row     *storage.Request // nil: not stored, as when it can be answered at once
	Client  *config.Client
	Config  *config.Config
	Now     time.Time

	Held    *session.Current // the browser's session, also when the decision was made on a quarantine
	Current *session.Current // what the decision was made on
	Next    acr.Decision
	Stuck   string // name of the provider whose sign-in waits in quarantine and cannot be completed; "" = none
	// StuckPassword: the account behind Stuck has a password, which is another way in.
	StuckPassword bool

	unfinished bool // the account of the browser's quarantine was made by its login, which never got in: see NeverIn
	in         *Requests
}

// Answer is what must be known of a request to answer it: the JSON of storage.Request.Params.
type Answer struct {
	RedirectURI string          `json:"redirect_uri"`
	Mode        string          `json:"response_mode"`
	State       string          `json:"state,omitempty"`
	Nonce       string          `json:"nonce,omitempty"`
	Challenge   string          `json:"code_challenge,omitempty"`
	Claims      json.RawMessage `json:"claims,omitempty"`
	LoginHint   string          `json:"login_hint,omitempty"`
	UILocales   string          `json:"ui_locales,omitempty"`
	// Link is the person to whose account the social login of this request is linked, from inside the account area; "" = it signs in.
	Link string `json:"link,omitempty"`
}

// Arrived is a social login that no account has. It stands on the request of the browser in which it was proved, so that
// its owner can connect it to an account; no account is made for it.
type Arrived struct {
	Provider string    `json:"p"`
	Subject  string    `json:"s"`
	Emails   []string  `json:"r,omitempty"` // canonical addresses the provider reported
	At       time.Time `json:"t"`
}

// asked is the JSON of storage.Request.Asked: the requirement, and beside it what became of the request so far.
type asked struct {
	acr.Request
	Consent consent.State `json:"consent,omitzero"`
	Arrived *Arrived      `json:"arrived,omitempty"`
	Apart   bool          `json:"apart,omitempty"`
	Left    bool          `json:"left,omitempty"`
}

// write makes the JSON of what is stored besides the answer.
func (o *Open) write() ([]byte, error) {
	return json.Marshal(asked{o.Asked, o.Consent, o.Arrived, o.Apart, o.Left})
}

// read fills o from its row, by the YAML of now.
func (o *Open) read() error {
	var was asked
	if err := json.Unmarshal(o.Row.Asked, &was); err != nil {
		return err
	}
	if err := json.Unmarshal(o.Row.Params, &o.Answer); err != nil {
		return err
	}
	if o.Client = o.Config.Client(o.Row.ClientID); o.Client == nil {
		return ErrUnknownClient
	}
	o.Consent, o.Apart, o.Left = was.Consent, was.Apart, was.Left
	o.Asked = Under(o.Config.Terms(o.Client), o.Client, was.Request, was.Consent)
	if l := was.Arrived; l != nil && o.Now.Before(l.At.Add(o.Config.Lifetimes.Quarantine)) {
		o.Arrived = l
	}
	return nil
}

// Under is what was asked by the YAML of now: when it comes in, and again whenever it is looked at.
func Under(terms acr.Terms, c *config.Client, r acr.Request, word consent.State) acr.Request {
	r = r.Under(terms)
	if !c.Offline() || consent.Asks(c) && !word.Prompt {
		r.Scopes = slices.DeleteFunc(r.Scopes, func(s acr.Scope) bool { return s.Name == "offline_access" })
	}
	return r
}
