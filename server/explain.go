package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/login"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
)

// Question is an authorization request that nobody made: what a person would be asked at a panel now.
type Question struct {
	Person    *storage.Person
	Client    *config.Client
	Scopes    []string // as in the request, each one that the client may have
	AcrValues []string
	MaxAge    *time.Duration
	Prompt    []string
	Session   *storage.Session // a live one of the person; nil = the browser has none
}

// Explained is the answer to a [Question].
type Explained struct {
	acr.Explanation
	Asked acr.Request // with the floors of the configuration
	Page  string      // data-step of the page that comes next; "" = none, the panel is answered
}

// Explain says what the server would do with a request, by the functions that it does it with, and why. ahead is the same after
// each first step that the person could take, where the browser has no session. Nothing is written.
func Explain(ctx context.Context, c *config.Config, db storage.Store, q Question) (now Explained, ahead []Explained, err error) {
	cur := &session.Current{}
	if q.Session != nil && !q.Person.Disabled {
		if cur, err = session.Of(q.Session, q.Person); err != nil {
			return Explained{}, nil, err
		}
	}
	open := &request.Open{Config: c, Client: q.Client, Now: db.Now()}
	open.Consent.Prompt = slices.Contains(q.Prompt, "consent")
	open.Asked = q.request(c, open.Now, open.Consent)
	if now, err = explained(ctx, db, open, q.Person, open.Explain(cur)); err != nil || cur.SignedIn() || q.Person.Disabled {
		return now, nil, err
	}
	person := session.AcrPerson(c, q.Person)
	for _, supposed := range acr.FirstSteps(c.Policy, person, open.Asked.ID, open.Now) {
		if now.Decision.Outcome != acr.AskFirst {
			break
		}
		next, err := explained(ctx, db, open, q.Person, acr.Explain(c.Policy, open.Asked, person, supposed, open.Now))
		if err != nil {
			return now, nil, err
		}
		ahead = append(ahead, next)
	}
	return now, ahead, nil
}

// request is what op makes of such a request (op/requirement.go).
func (q *Question) request(c *config.Config, now time.Time, word consent.State) acr.Request {
	r := acr.Request{
		ID: secret.NewID(), Received: now, Client: q.Client.ID, AcrValues: q.AcrValues, Defaulted: len(q.AcrValues) == 0, MaxAge: q.MaxAge,
		PromptNone:  slices.Contains(q.Prompt, "none"),
		PromptLogin: slices.Contains(q.Prompt, "login"),
		Select:      slices.Contains(q.Prompt, "select_account"),
	}
	for _, name := range q.Scopes {
		r.Scopes = append(r.Scopes, acr.Scope{Name: name})
	}
	return request.Under(c.Terms(q.Client), q.Client, r, word)
}

// explained finds the page, and puts the ways into the order in which it asks.
func explained(ctx context.Context, db storage.Store, open *request.Open, person *storage.Person, x acr.Explanation) (Explained, error) {
	box, err := secret.NewBox(open.Config.MasterKey)
	if err != nil {
		return Explained{}, err
	}
	x.Ways = step.InOrder(person, x.Ways)
	asks := mfa.New(box, func() *config.Config { return open.Config }, nil).Asks // nothing is asked or sent here
	e := Explained{Explanation: x, Asked: open.Asked, Page: login.Next(&x.Decision, asks)}
	if x.Decision.Outcome != acr.Satisfied {
		if open.Next = x.Decision; open.Stopped() {
			e.Page = login.PageStopped
		}
		return e, nil
	}
	_, missing, err := consent.Ask(ctx, db, open.Client, open.Consent, x.Decision.Granted)
	if err != nil && !errors.Is(err, consent.ErrDenied) {
		return e, err
	}
	if len(missing) > 0 && !open.Asked.PromptNone {
		e.Page = login.PageConsent
	}
	return e, nil
}
