// Package account owns the pages for someone inside: overview with the previous access, own factors and the switch from one to
// another, contacts, sessions, connected panels. They are reached at /account of the issuer.
//
// It leaves signing in to login: without a session it sends people there with a request of its own, and takes them to the
// page they wanted when they come back (sign_in.go), as op does for a panel. Whether somebody may see a page or change
// something is acr.Decide's to say, here as everywhere, on requests that this package makes up (client "account"). The
// second step itself and switching a factor on are package step's, of which a visit is a host (host.go).
//
// Easy to get wrong: the session. That there is one says only that a first step was taken; a person whose sign-ins want a
// second one is not inside before it. And a change (a factor added or removed, a session ended) wants that second step
// to be at most five minutes old, whatever the session did before (docs/security.md, numbers).
package account

import (
	"context"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// Options are what the pages need.
type Options struct {
	step.Options
	Passwords *user.SignIn
	Box       *secret.Box
	// Revertible is Notice with the links by which a change of the contacts is taken back (contact.By).
	Revertible func(ctx context.Context, db storage.Records, person *storage.Person, kind string, links map[string]string, by session.Client, now time.Time) error
	Requests   *request.Requests
	Resets     *user.Resets

	// SignedOut is where a browser goes when its session is over, of which told says the panels (op.Provider.SignedOut).
	SignedOut func(session string, told []storage.ClientSession) string
}

// Pages are the account pages.
type Pages struct {
	Options
	second *step.Pages
}

// New returns the account pages.
func New(o Options) *Pages { return &Pages{o, step.New(o.Options)} }

// The paths of the area.
const (
	pathAccount  = "/account"
	pathDoor     = "/account/door"
	pathSignIn   = "/account/sign-in"
	pathProfile  = "/account/profile"
	pathFactors  = "/account/factors"
	pathContacts = "/account/contacts"
	pathEmail    = "/account/email"
	pathNumber   = "/account/number"
	pathNew      = "/account/factors/new"
	pathSessions = "/account/sessions"
	pathLogins   = "/account/logins"
	pathActivity = "/account/activity"
	pathNotMe    = "/account/activity/not-me"
	pathPanels   = "/account/panels"
	pathConfirm  = "/account/confirm/"
	pathDelivery = "/account/delivery/"
)

// Routes are the pages' rows of the server's table.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Methods: []string{http.MethodGet}, Pattern: pathDoor, Audience: web.Page, Handler: p.showDoor},
		{Methods: []string{http.MethodGet}, Pattern: pathSignIn, Audience: web.Page, Acts: true, Handler: p.showSignIn},
		{Methods: []string{http.MethodGet}, Pattern: pathSignIn + "/{id}", Audience: web.Page, Needs: web.Browser, Acts: true, Handler: p.finishSignIn},
		p.get(pathAccount, p.inside(p.showOverview)),
		p.get(pathProfile, p.inside(p.showProfile)),
		p.get(pathProfile+"/edit", p.inside(p.showEdit)),
		p.post(pathProfile+"/edit", p.inside(p.doEdit)),
		p.get(pathFactors, p.inside(p.showFactors)),
		p.get(pathNew, p.inside(p.showNew)),
		p.post(pathFactors+"/enrol", p.enrols(changing, p.second.Enrol)),
		p.get(pathFactors+"/enrol", p.enrols(finishing(changing), p.second.ShowEnrolment)),
		p.post(pathFactors+"/enrol/confirm", p.enrols(finishing(changing), p.second.ConfirmEnrolment)),
		p.post(pathFactors+"/enrol/code", p.enrols(finishing(changing), p.second.ConfirmEnrolment)),
		p.post(pathFactors+"/enrol/send", p.enrols(finishing(changing), p.second.SendEnrolment)),
		p.post(pathFactors+"/enrol/way", p.enrols(finishing(changing), p.second.ChooseEnrolment)),
		p.post(pathFactors+"/enrol/cancel", p.inside(p.doCancelEnrol)),
		p.post(pathFactors+"/every", p.inside(p.doEvery)),
		p.post(pathFactors+"/cancel", p.inside(p.doCancelEnrol)),
		p.get(pathFactors+"/recovery", p.inside(p.showRecovery)),
		p.post(pathFactors+"/recovery", p.codes((*visit).handing, p.second.HandOutRecoveryCodes)),
		p.post(pathFactors+"/recovery/confirm", p.codes((*visit).handed, p.second.ConfirmRecoveryCodes)),
		{Methods: []string{http.MethodGet}, Pattern: pathFactors + "/{factor}/channel", Audience: web.Page, Needs: web.SignedIn, Acts: true, Handler: p.channel(owning, p.second.AskChannel)},
		p.post(pathFactors+"/{factor}/channel/code", p.channel(finishing(owning), p.second.AnswerChannel)),
		p.post(pathFactors+"/{factor}/channel/send", p.channel(owning, p.second.SendChannel)),
		p.post(pathFactors+"/{factor}/channel/cancel", p.inside(p.doCancelEnrol)),
		p.get(pathFactors+"/{factor}/remove", p.inside(p.showRemove)),
		p.post(pathFactors+"/{factor}/remove", p.inside(p.doRemove)),
		p.get(pathFactors+"/{factor}/swap", p.swaps(asIs, p.showSwap)),
		p.post(pathFactors+"/{factor}/swap/enrol", p.swaps(asIs, p.doSwap)),
		p.get(pathFactors+"/{factor}/swap/enrol", p.swaps(finishing, enrolsTo(p.second.ShowEnrolment))),
		p.post(pathFactors+"/{factor}/swap/enrol/confirm", p.swaps(finishing, enrolsTo(p.second.ConfirmEnrolment))),
		p.post(pathFactors+"/{factor}/swap/enrol/code", p.swaps(finishing, enrolsTo(p.second.ConfirmEnrolment))),
		p.post(pathFactors+"/{factor}/swap/enrol/send", p.swaps(finishing, enrolsTo(p.second.SendEnrolment))),
		p.post(pathFactors+"/{factor}/swap/enrol/way", p.swaps(finishing, enrolsTo(p.second.ChooseEnrolment))),
		p.post(pathFactors+"/{factor}/swap/enrol/cancel", p.inside(p.doCancelEnrol)),
		p.post(pathFactors+"/{factor}/swap/cancel", p.inside(p.doCancelEnrol)),
		p.get(pathContacts+"/new", p.inside(p.showNewContact)),
		p.get(pathContacts+"/{contact}", p.withContact(p.showContact)),
		p.post(pathContacts+"/{contact}/primary", p.changesContact(contactPrimary)),
		p.post(pathContacts+"/{contact}/codes", p.changesContact(contactCodes)),
		p.post(pathContacts+"/{contact}/remove", p.changesContact(contactRemove)),
		p.post(pathContacts+"/{contact}/settle", p.withContact(p.doSettle)),
		p.get(pathEmail, p.inside(p.showEmail)),
		p.post(pathEmail, p.inside(p.doEmail)),
		p.get(pathEmail+"/code", p.claims(p.showEmailCode)),
		p.post(pathEmail+"/code", p.claims(p.second.Answer)),
		p.post(pathEmail+"/send", p.claims(p.second.Send)),
		p.post(pathEmail+"/way", p.inside(p.doOtherEmail)),
		p.post(pathEmail+"/cancel", p.inside(p.doCancelEmail)),
		p.get(pathNumber, p.proves(changing, p.second.ShowNumber)),
		p.post(pathNumber+"/enrol", p.proves(changing, p.second.Enrol)),
		p.get(pathNumber+"/enrol", p.proves(finishing(changing), p.second.ShowEnrolment)),
		p.post(pathNumber+"/enrol/code", p.proves(finishing(changing), p.second.ConfirmContact)),
		p.post(pathNumber+"/enrol/send", p.proves(finishing(changing), p.second.SendEnrolment)),
		p.post(pathNumber+"/enrol/way", p.proves(finishing(changing), p.second.ChooseEnrolment)),
		p.post(pathNumber+"/enrol/cancel", p.inside(p.doCancelNumber)),
		p.post(pathNumber+"/notices", p.inside(p.doNotices)),
		p.post(pathNumber+"/cancel", p.inside(p.doCancelNumber)),
		p.get(pathSessions, p.inside(p.showSessions)),
		p.post(pathSessions+"/end", p.inside(p.doEnd)),
		p.post(pathSessions+"/others", p.inside(p.doEndOthers)),
		p.post(pathSessions+"/everywhere", p.inside(p.doEverywhere)),
		p.get(pathLogins, p.inside(p.showLogins)),
		p.post(pathLogins+"/link", p.inside(p.doLink)),
		p.post(pathLogins+"/unlink", p.inside(p.doUnlink)),
		p.get(pathActivity, p.inside(p.showActivity)),
		p.get(pathNotMe, p.inside(p.showNotMe)),
		p.post(pathNotMe, p.inside(p.doNotMe)),
		p.get(pathPanels, p.inside(p.showPanels)),
		p.post(pathPanels+"/revoke", p.inside(p.doRevoke)),
		{Methods: []string{http.MethodGet}, Pattern: pathConfirm + "{action}", Audience: web.Page, Needs: web.SignedIn, Acts: true, Handler: p.confirming(p.showConfirm)},
		{Methods: []string{http.MethodGet}, Pattern: pathDelivery + "{code}", Audience: web.Page, Needs: web.SignedIn, Handler: p.showDelivery},
		p.post(pathConfirm+"{action}/code", p.confirming(asks(p.second.Answer))),
		p.post(pathConfirm+"{action}/send", p.confirming(asks(p.second.Send))),
		p.post(pathConfirm+"{action}/way", p.confirming(asks(p.second.Choose))),
		p.post(pathConfirm+"{action}/cancel", p.confirming(p.doCancel)),
	}
}

func (p *Pages) get(pattern string, h web.Handler) web.Route {
	return web.Route{Methods: []string{http.MethodGet}, Pattern: pattern, Audience: web.Page, Needs: web.SignedIn, Handler: h}
}

// post is a row about whoever is signed in; inside and confirming compare the tag of its form.
func (p *Pages) post(pattern string, h web.Handler) web.Route {
	return web.Route{Methods: []string{http.MethodPost}, Pattern: pattern, Audience: web.Page, Needs: web.SignedIn, Subject: web.FromCookie, Handler: h}
}
