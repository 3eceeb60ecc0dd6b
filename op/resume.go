package op

import (
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// showContinuation answers GET /authorize/{id}: the way back from the sign-in pages, and the first own step of a request
// that came by POST. Only the browser that the request is bound to gets an answer.
func (p *Provider) showContinuation(w http.ResponseWriter, r *http.Request) error {
	v, b := p.view(), p.browser(w, r)
	open, err := p.requests.Open(r.Context(), v.cfg, r.PathValue("id"), b, p.now())
	if err != nil {
		return err
	}
	h := &hop{Open: open, view: v, client: v.clients[open.Client.ID]}
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

// finish answers the panel: with a code when the decision allows it, else with the decision's error.
func (p *Provider) finish(w http.ResponseWriter, r *http.Request, h *hop) error {
	d := &h.Next
	for i := range request.Attempts {
		given, err := p.allowed(r, h)
		if err != nil {
			return err
		}
		if answers := d.Outcome == acr.Refused || given.Covers(d.Granted); !answers {
			if h.Row != nil {
				return web.Redirect(w, r, "/login/"+h.Asked.ID, http.StatusSeeOther)
			}
			return p.ask(w, r, h)
		}
		if d.Outcome == acr.Refused {
			if i == 0 && p.refusedAgain(w, r, h) {
				return p.showLoop(w, r, h, string(d.Reason), d.Error)
			}
			return p.finishRefused(w, r, h)
		}
		if i == 0 {
			if loop, err := p.looping(r, h); err != nil {
				return err
			} else if loop {
				return p.showLoop(w, r, h, string(d.Reason), "")
			}
		}
		pass := passage{
			by: h.view, client: h.client, asked: h.Asked, answer: &h.Answer, lifetime: h.Config.Lifetimes.Code, now: h.Now, idle: h.idle,
			event: p.granted(r, h),
		}
		if h.Row != nil {
			pass.requestHash = h.Row.Hash
		}
		code, err := p.gate.issue(r.Context(), d.Granted, given, pass)
		switch {
		case err == nil:
			return p.grant(w, r, h, code)
		case errors.Is(err, storage.ErrUsed):
			return request.ErrFinished
		case !errors.Is(err, storage.ErrConflict):
			return err
		}
		// The session moved on between decision and code: decide on what it is now.
		h.Now = p.now()
		if err := p.decide(r, h); err != nil {
			return err
		}
	}
	return request.ErrContended
}

// allowed asks whether the person allowed what is about to be granted. The zero Given: not yet, the pages ask. Where no
// page may be shown, or the person said no, the decision becomes a refusal.
func (p *Provider) allowed(r *http.Request, h *hop) (consent.Given, error) {
	if h.Next.Outcome != acr.Satisfied {
		return consent.Given{}, nil
	}
	given, missing, err := consent.Ask(r.Context(), p.Store, h.client.Client, h.Consent, h.Next.Granted)
	switch {
	case errors.Is(err, consent.ErrDenied):
		h.Next = acr.Decision{Outcome: acr.Refused, Error: acr.ErrAccessDenied, Reason: reasonConsent}
		return consent.Given{}, nil
	case err == nil && len(missing) > 0 && h.Asked.PromptNone: // OIDC Core §3.1.2.6
		h.Next = acr.Decision{Outcome: acr.Refused, Error: errConsentRequired, Reason: reasonConsent}
	}
	return given, err
}

const (
	reasonConsent      acr.Reason = "consent"
	errConsentRequired string     = "consent_required" // OIDC Core §3.1.2.6
)

// finishRefused ends a stored request and tells the panel why.
func (p *Provider) finishRefused(w http.ResponseWriter, r *http.Request, h *hop) error {
	why := &refusal{code: h.Next.Error, description: string(h.Next.Reason)}
	if h.Row == nil && slices.Contains(quiet, why.code) {
		return p.refuse(w, r, h, why)
	}
	if err := h.Finish(r.Context(), p.Store, p.refused(r, h)); err != nil {
		return err
	}
	return p.refuse(w, r, h, why)
}

// quiet errors are the everyday answer to a panel that polls with prompt=none: nothing was refused to anyone, so they
// leave a log line and no audit record.
var quiet = []string{acr.ErrLoginRequired, errConsentRequired}
