// Package account owns the pages for someone inside: overview with the previous access, own factors, sessions, connected
// panels. They are reached at /account of the issuer.
//
// It leaves signing in to op and login: without a session there is a door that leads to the home panel, never a sign-in
// of its own. Whether somebody may see a page or change something is acr.Decide's to say here as everywhere, on requests
// that this package makes up (client "account"); the proof of a second step is mfa's.
//
// Easy to get wrong: the session. That there is one says only that a first step was taken; a person whose sign-ins want a
// second one is not inside before it. And a change (a factor added or removed, a session ended) wants that second step
// to be at most five minutes old, whatever the session did before (design: account changes).
package account

import (
	"context"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// Options are what the pages need.
type Options struct {
	Config    func() *config.Config
	Store     storage.Store
	Site      *web.Site
	Text      *templates.Set
	Passwords *user.SignIn
	Factors   *mfa.Factors
	Notice    Notice
}

// Notice tells a person by message, in the transaction of the act, that something happened to the account.
type Notice func(ctx context.Context, db storage.Records, person *storage.Person, kind string, by session.Client, now time.Time) error

// Pages are the account pages.
type Pages struct{ Options }

// New returns the account pages.
func New(o Options) *Pages { return &Pages{o} }

// The paths of the area.
const (
	pathAccount  = "/account"
	pathDoor     = "/account/door"
	pathFactors  = "/account/factors"
	pathSessions = "/account/sessions"
	pathPanels   = "/account/panels"
	pathConfirm  = "/account/confirm/"
)

// Routes are the pages' rows of the server's table.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Methods: []string{http.MethodGet}, Pattern: pathDoor, Audience: web.Page, Handler: p.showDoor},
		p.get(pathAccount, p.inside(p.showOverview)),
		p.get(pathFactors, p.inside(p.showFactors)),
		p.post(pathFactors+"/enrol", p.inside(p.doEnrol)),
		p.post(pathFactors+"/enrol/confirm", p.inside(p.doEnrolConfirm)),
		p.post(pathFactors+"/cancel", p.inside(p.doCancelEnrol)),
		p.post(pathFactors+"/recovery", p.inside(p.doRecovery)),
		p.post(pathFactors+"/recovery/confirm", p.inside(p.doRecoveryConfirm)),
		p.get(pathFactors+"/{factor}/remove", p.inside(p.showRemove)),
		p.post(pathFactors+"/{factor}/remove", p.inside(p.doRemove)),
		p.get(pathSessions, p.inside(p.showSessions)),
		p.post(pathSessions+"/end", p.inside(p.doEnd)),
		p.post(pathSessions+"/others", p.inside(p.doEndOthers)),
		p.post(pathSessions+"/everywhere", p.inside(p.doEverywhere)),
		p.get(pathPanels, p.inside(p.showPanels)),
		p.post(pathPanels+"/revoke", p.inside(p.doRevoke)),
		{Methods: []string{http.MethodGet}, Pattern: pathConfirm + "{action}", Audience: web.Page, Needs: web.SignedIn, Acts: true, Handler: p.confirming(p.showConfirm)},
		p.post(pathConfirm+"{action}/code", p.confirming(p.doCode)),
		p.post(pathConfirm+"{action}/send", p.confirming(p.doSend)),
		p.post(pathConfirm+"{action}/way", p.confirming(p.doWay)),
		p.post(pathConfirm+"{action}/cancel", p.confirming(p.doCancel)),
	}
}

func (p *Pages) get(pattern string, h web.Handler) web.Route {
	return web.Route{Methods: []string{http.MethodGet}, Pattern: pattern, Audience: web.Page, Needs: web.SignedIn, Handler: h}
}

// post is a row about whoever is signed in; inside and confirming compare the tag of its form.
func (p *Pages) post(pattern string, h web.Handler) web.Route {
	return web.Route{Methods: []string{http.MethodPost}, Pattern: pattern, Audience: web.Page, Needs: web.SignedIn, Subject: web.Held, Handler: h}
}
