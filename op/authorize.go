package op

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// showAuthorize answers GET /authorize: at once when the browser's session suffices or no page can help, else by sending
// the browser to the sign-in pages with a stored request. A silent hop stores no request.
func (p *Provider) showAuthorize(w http.ResponseWriter, r *http.Request) error {
	h, err := p.begin(w, r, parseParams(r.URL.RawQuery))
	if h == nil {
		return err
	}
	if err := p.decide(r, h); err != nil {
		return err
	}
	if h.Answerable() {
		return p.finish(w, r, h)
	}
	return p.ask(w, r, h)
}

// doAuthorize answers POST /authorize. It may come from the panel's site, without our cookie, so it neither reads nor
// sets one: it stores the request unbound and the GET that follows binds it (ARCHITECTURE.md, decision 7).
func (p *Provider) doAuthorize(w http.ResponseWriter, r *http.Request) error {
	form, err := form(w, r)
	if err != nil {
		return err
	}
	h, err := p.begin(w, r, form)
	if h == nil {
		return err
	}
	if err := p.requests.Keep(r.Context(), h.Open, request.Browser{}, ipKey(r)); err != nil {
		return err
	}
	return web.Redirect(w, r, "/authorize/"+h.Asked.ID, http.StatusSeeOther)
}

// showContinuation answers GET /authorize/{id}: the way back from the sign-in pages, and the first own step of a request
// that came by POST. Only the browser that the request is bound to gets an answer.
func (p *Provider) showContinuation(w http.ResponseWriter, r *http.Request) error {
	v, b := p.view(), p.browser(w, r)
	open, err := p.requests.Open(r.Context(), v.cfg, r.PathValue("id"), b, p.now())
	if err != nil {
		return err
	}
	h := &hop{Open: open, view: v, client: v.clients[open.Client.ID]}
	if h.client == nil { // the account area's, which is answered there
		return request.ErrUnknownClient
	}
	// The configuration may have changed since the request came in.
	if !registered(h.Answer.RedirectURI, h.client.RedirectURIs, h.client.Native) {
		return redirectURIPage()
	}
	h.active(r)
	if err := h.Decide(r.Context(), b.Quarantine); err != nil {
		return err
	}
	if h.Answerable() {
		return p.finish(w, r, h)
	}
	return web.Redirect(w, r, "/login/"+h.Asked.ID, http.StatusSeeOther)
}

// begin reads a request and works out what it requires. A nil hop means that there is nothing left to do: the client was sent
// its error, or the returned error is a page of ours.
func (p *Provider) begin(w http.ResponseWriter, r *http.Request, q params) (*hop, error) {
	v := p.view()
	a, err := v.readAuthorization(q)
	if err != nil && !errors.As(err, new(*refusal)) {
		p.unknown(r, a, q, err)
		return nil, err
	}
	h := &hop{view: v, client: a.client, Open: &request.Open{
		Answer: a.answer(), Consent: a.consent(), Client: a.client.Client, Config: v.cfg, Now: p.now(),
	}}
	if err == nil {
		h.Asked, err = p.requirement(v, a)
	}
	refused := (*refusal)(nil)
	if !errors.As(err, &refused) {
		return h, err
	}
	p.denied(r, a, refused)
	h.raw = r.URL.RawQuery
	h.fresh = map[string]bool{"state": q.has("state"), "nonce": q.has("nonce"), "code_challenge": q.has("code_challenge")}
	h.Asked = acr.Request{PromptNone: slices.Contains(strings.Fields(q.get("prompt")), oidc.PromptNone)}
	if p.refusedAgain(w, r, h) {
		return nil, p.showLoop(w, r, h, refused.description, refused.code)
	}
	return nil, p.refuse(w, r, h, refused)
}

// hop is one pass of a request through op.
type hop struct {
	*request.Open
	view   *view
	client *client
	raw    string          // the query of a request that was refused before it was understood; else ""
	fresh  map[string]bool // parameters in raw that a panel makes anew each time
	idle   time.Time       // the session's idle limit after this hop (active); zero = leave it
}

// afterForm reports whether a form of ours began this chain of redirects.
func (h *hop) afterForm() bool { return h.Row != nil && h.Row.Interacted }

// page is what all pages of this request have in common.
func (h *hop) page() templates.Page { return templates.Page{Panel: h.client.Name} }

// decide loads the browser's session, if there is one, and judges it. A quarantine is no session: it is never granted
// anything, and looked at where the request is stored.
func (p *Provider) decide(r *http.Request, h *hop) (err error) {
	if h.Held, err = session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), h.Now); err != nil {
		return err
	}
	h.active(r)
	h.Judge(h.Held)
	return nil
}

// active moves the session's idle limit. A person who comes to a panel is active, page or no page; a panel that asks
// silently, with prompt=none or in a frame, is not the person (docs/conventions.md, activity).
func (h *hop) active(r *http.Request) {
	if !h.Asked.PromptNone && web.Navigation(r) {
		h.idle = h.Held.Active(session.LimitsOf(h.Config), h.Now)
	}
}

// ask stores the request, bound to this browser, and sends it to the sign-in pages.
//
// A page can be shown to a navigation only. Images and hidden frames of a hostile page would fill the address's share of
// open requests and shut everybody behind it out.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request, h *hop) error {
	if !web.Navigation(r) {
		return badRequest(string(oidc.InvalidRequest), "bad_request")
	}
	if err := p.requests.Keep(r.Context(), h.Open, p.browser(w, r), ipKey(r)); err != nil {
		return err
	}
	return web.Redirect(w, r, "/login/"+h.Asked.ID, http.StatusFound)
}

// browser is what this browser brings along. It is given a cookie of its own where a request is bound to it.
func (p *Provider) browser(w http.ResponseWriter, r *http.Request) request.Browser {
	c := p.Site.Cookies
	return request.Browser{
		ID: c.Browser(r), Session: c.Session(r), Quarantine: c.Quarantine(r), Give: func() string { return c.EnsureBrowser(w, r) },
	}
}

// ipKey is what open requests are counted by.
func ipKey(r *http.Request) string { return web.IPKey(web.ClientIP(r)) }
