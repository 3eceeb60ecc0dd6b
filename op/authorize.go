package op

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// showAuthorize answers GET /authorize: at once when the browser's session suffices or no page can help, else by sending
// the browser to the sign-in pages with a stored request. A silent hop stores no request.
func (p *Provider) showAuthorize(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	q := parseParams(r.URL.RawQuery)
	a, asked, err := p.readRequest(v, r, q)
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		p.denied(r, a, refused)
		h := &hop{view: v, client: a.client, answer: a.answer(), now: now, raw: r.URL.RawQuery}
		h.fresh = map[string]bool{"state": q.has("state"), "nonce": q.has("nonce"), "code_challenge": q.has("code_challenge")}
		h.asked.PromptNone = slices.Contains(strings.Fields(q.get("prompt")), "none")
		if p.refusedAgain(w, r, h) {
			return p.showLoop(w, r, h, refused.description, refused.code)
		}
		return p.refuse(w, r, h, refused)
	}
	if err != nil {
		return err
	}
	h := &hop{view: v, client: a.client, asked: asked, answer: a.answer(), consent: a.consent(), now: now}
	d, err := p.decide(r, h)
	if err != nil {
		return err
	}
	switch d.Outcome {
	case acr.Satisfied, acr.Refused:
		return p.finish(w, r, h, d)
	}
	return p.ask(w, r, h)
}

// doAuthorize answers POST /authorize. It may come from the panel's site, without our cookie, so it neither reads nor
// sets one: it stores the request unbound and the GET that follows binds it (design.md §2 decision 7).
func (p *Provider) doAuthorize(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	form, err := form(w, r)
	if err != nil {
		return err
	}
	a, asked, err := p.readRequest(v, r, form)
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		p.denied(r, a, refused)
		return p.refuse(w, r, &hop{view: v, client: a.client, answer: a.answer()}, refused)
	}
	if err != nil {
		return err
	}
	h := &hop{view: v, client: a.client, asked: asked, answer: a.answer(), consent: a.consent(), now: now}
	if err := p.keep(r, h, nil, storage.Fresh); err != nil {
		return err
	}
	return web.Redirect(w, r, "/authorize/"+asked.ID, http.StatusSeeOther)
}

// readRequest parses and works out the requirement. Unknown clients and redirect URIs are audited here and answered by
// a page of our own.
func (p *Provider) readRequest(v *view, r *http.Request, q params) (*authorization, acr.Request, error) {
	a, err := v.readAuthorization(q)
	if err != nil {
		if !errors.As(err, new(*refusal)) {
			p.unknown(r, a, q, err)
		}
		return a, acr.Request{}, err
	}
	asked, err := p.requirement(v, a)
	return a, asked, err
}

// hop is one way of a request through op.
type hop struct {
	view    *view
	client  *client
	asked   acr.Request
	consent consent.State
	answer  *answer
	now     time.Time
	stored  *storage.Request // nil for a silent hop
	raw     string           // the query of a request that was refused before it was understood; else ""
	fresh   map[string]bool  // parameters in raw that a panel makes anew each time
	inside  bool             // the browser has a session (decide)
	idle    time.Time        // the session's idle limit after this hop (decide); zero = leave it
}

// afterForm reports whether a form of ours began this chain of redirects.
func (h *hop) afterForm() bool { return h.stored != nil && h.stored.Interacted }

// page is what pages on this way have in common.
func (h *hop) page() templates.Page { return templates.Page{Panel: h.client.Name} }

// decide loads the browser's session, if there is one, and judges it. A quarantine is no session: it is left to the
// sign-in pages.
func (p *Provider) decide(r *http.Request, h *hop) (acr.Decision, error) {
	cur, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), h.now)
	if err != nil {
		return acr.Decision{}, err
	}
	return h.judge(r, cur), nil
}

// judge decides on a session. A person who comes to a panel is active, page or no page; a panel that asks silently, with
// prompt=none or in a frame, is not the person (design.md §4, one session).
func (h *hop) judge(r *http.Request, cur *session.Current) acr.Decision {
	cfg := h.view.cfg
	h.inside = cur.SignedIn()
	if !h.asked.PromptNone && web.Navigation(r) {
		h.idle = cur.Active(session.Limits{Idle: cfg.Sessions.Idle, Absolute: cfg.Sessions.Absolute}, h.now)
	}
	return acr.Decide(cfg.Policy, h.asked, session.Person(cur.Person), cur.Evidence(), h.now)
}

// ask stores the request, bound to this browser, and sends it to the sign-in pages.
//
// A page can be shown to a navigation only. Images and hidden frames of a hostile page would fill the address's share of
// open requests and shut everybody behind it out.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request, h *hop) error {
	if !web.Navigation(r) {
		return &web.Error{Status: http.StatusBadRequest, Code: string(oidc.InvalidRequest), Message: "bad_request"}
	}
	standing := p.standing(r, h.inside)
	browser := p.Site.Cookies.EnsureBrowser(w, r)
	if err := p.keep(r, h, secret.Hash(browser), standing); err != nil {
		return err
	}
	return web.Redirect(w, r, "/login/"+h.asked.ID, http.StatusFound)
}

// standing is what a request's browser is, before it is given a cookie.
func (p *Provider) standing(r *http.Request, inside bool) storage.Standing {
	switch {
	case inside:
		return storage.SignedIn
	case p.Site.Cookies.Browser(r) != "":
		return storage.Returned
	}
	return storage.Fresh
}

// keep stores the request; storage makes room where too many are open for the browser or the address. A browser with a
// session is never refused for its neighbours. Where too many are open in all, who brings no cookie is.
func (p *Provider) keep(r *http.Request, h *hop, browser []byte, standing storage.Standing) error {
	l := h.view.cfg.Limits
	if standing == storage.Fresh {
		full, err := p.crowd.full(r.Context(), p.Store, l.Requests, h.now)
		if err != nil {
			return err
		}
		if full {
			return tooMany(crowdWait)
		}
	}
	asked, err := json.Marshal(consent.Asked{Request: h.asked, Consent: h.consent})
	if err != nil {
		return err
	}
	answer, err := json.Marshal(h.answer)
	if err != nil {
		return err
	}
	err = p.Store.CreateRequest(r.Context(), &storage.Request{
		Hash: secret.Hash(h.asked.ID), Version: 1, ClientID: h.client.ID, BrowserHash: browser, IP: web.IPKey(web.ClientIP(r)), Standing: standing,
		Params: answer, Asked: asked, Created: h.now, Expires: h.now.Add(h.view.cfg.Lifetimes.Request),
	}, l.RequestsPerBrowser, l.RequestsPerIP)
	if errors.Is(err, storage.ErrConflict) {
		return tooMany(crowdWait)
	}
	if err == nil {
		p.crowd.stored()
	}
	return err
}
