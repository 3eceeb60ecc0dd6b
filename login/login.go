// Package login owns the pages on which a person signs in: first step, a newcomer's address, consent, leaving. The second
// step and switching a factor on are package step's, of which a sign-in is a host (second.go).
//
// It obtains proofs (user, step, federation), appends them to the session and asks acr.Decide what is next; it never
// decides by itself and never makes a code for a panel. It meets op in a stored request and two URLs: op sends people
// to /login/{id}, login sends them back to /authorize/{id}. It meets account in the same way.
//
// Easy to get wrong: a step that names the next one. A step does one thing and calls next; where the person lands is
// always worked out anew from the evidence, so the back button, a bookmark and a second tab all end well.
package login

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// Options are what the pages need.
type Options struct {
	step.Options
	Box       *secret.Box
	Passwords *user.SignIn
	Providers func() *federation.Providers
	Hasher    *user.Hasher
	Resets    *user.Resets
	SendLink  SendLink
	Log       *slog.Logger
}

// Pages are the sign-in pages.
type Pages struct {
	Options
	second   *step.Pages
	requests *request.Requests
}

// New returns the sign-in pages.
func New(o Options) *Pages { return &Pages{o, step.New(o.Options), request.New(o.Store, o.Box, o.Log)} }

// Routes are the pages' rows of the server's table.
func (p *Pages) Routes() []web.Route {
	get := []string{http.MethodGet}
	return append(p.recoverRoutes(), []web.Route{
		{Methods: get, Pattern: "/{$}", Audience: web.Page, Handler: p.showHome},
		{Methods: get, Pattern: "/login", Audience: web.Page, Handler: p.showHome},
		{Methods: get, Pattern: "/support", Audience: web.Page, Handler: p.showSupport},
		{Methods: get, Pattern: "/help", Audience: web.Page, Handler: p.showHelp},
		{Methods: get, Pattern: "/login/{id}", Audience: web.Page, Needs: web.Browser, Acts: true, Handler: p.in(p.showStep)},
		{Methods: get, Pattern: "/login/{id}/delivery/{code}", Audience: web.Page, Needs: web.Browser, Handler: p.showDelivery},
		{Methods: get, Pattern: "/callback/{provider}", Audience: web.Entry, Needs: web.Browser, Acts: true, Handler: p.finishSocial},
		p.typed("social/{provider}", p.showSocial, p.doSocial),
		p.typed("password", reopened, p.doPassword),
		p.step("code", web.Quarantined, reopened, asks(p.second.Answer)),
		p.step("send", web.Quarantined, reopened, asks(p.second.Send)),
		p.step("way", web.Quarantined, reopened, asks(p.second.Choose)),
		p.step("enrol", web.Quarantined, enrols(p.second.ShowEnrolment), p.doEnrol),
		p.step("enrol/confirm", web.Quarantined, reopened, enrols(p.second.ConfirmEnrolment)),
		p.step("enrol/code", web.Quarantined, reopened, enrols(p.second.ConfirmEnrolment)),
		p.step("enrol/send", web.Quarantined, reopened, enrols(p.second.SendEnrolment)),
		p.step("enrol/way", web.Quarantined, reopened, enrols(p.second.ChooseEnrolment)),
		p.step("enrol/cancel", web.Browser, reopened, p.doDecline),
		p.step("recovery", web.Quarantined, reopened, codes(p.second.HandOutRecoveryCodes)),
		p.step("recovery/confirm", web.Quarantined, reopened, codes(p.second.ConfirmRecoveryCodes)),
		p.step("contact", web.Quarantined, p.showContact, p.doContact),
		p.step("contact/code", web.Quarantined, reopened, claimedBy(p.second.Answer)),
		p.step("contact/send", web.Quarantined, reopened, claimedBy(p.second.Send)),
		p.step("contact/way", web.Quarantined, reopened, p.doContactOther),
		p.step("contact/cancel", web.Browser, reopened, p.doDecline),
		p.step("connect", web.Browser, p.showConnect, p.doConnect),
		p.step("connect/apart", web.Quarantined, reopened, p.doApart),
		p.step("skip", web.Quarantined, reopened, p.doDecline),
		p.step("cancel", web.Browser, reopened, p.doDecline),
		p.step("consent", web.Browser, reopened, p.doConsent),
		p.step("again", web.Browser, reopened, p.doAgain),
		p.step("leave", web.Browser, reopened, p.doLeave),
	}...)
}

// typed is a row whose form says by itself whom it is about, or is about nobody: GET shows, POST does.
func (p *Pages) typed(path string, show, do stepHandler) web.Route {
	return web.Route{
		Methods: []string{http.MethodGet, http.MethodPost}, Pattern: "/login/{id}/" + path,
		Audience: web.Page, Needs: web.Browser, Acts: true, Subject: web.FromForm, Handler: either(p.in(show), p.in(do)),
	}
}

// step is a row about whoever sits in this request. A form whose page showed somebody else, because another tab signed
// in since, does nothing: the person lands where this one is.
func (p *Pages) step(path string, needs web.Needs, show, do stepHandler) web.Route {
	row := p.typed(path, show, func(w http.ResponseWriter, r *http.Request, f *flow) error {
		same, err := p.Site.Shows(w, r, f.shown()...)
		if err != nil {
			return err
		}
		if !same {
			return f.onward(w, r)
		}
		err = do(w, r, f)
		if errors.Is(err, mfa.ErrNoFactor) { // it was removed elsewhere while its code arrived
			return f.onward(w, r)
		}
		return err
	})
	row.Needs, row.Subject = needs, web.FromCookie
	return row
}

// stepHandler answers within a flow.
type stepHandler func(w http.ResponseWriter, r *http.Request, f *flow) error

// reopened answers a bookmarked or reloaded step: the person lands where the evidence says.
func reopened(w http.ResponseWriter, r *http.Request, f *flow) error { return f.onward(w, r) }

// tx runs f in a transaction.
func (p *Pages) tx(ctx context.Context, f func(storage.Records) error) error {
	return p.Store.Tx(ctx, f)
}
