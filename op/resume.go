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
	for i := range request.Attempts {
		d := h.Next
		given, err := p.allowed(r, h, &d)
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
			return p.finishRefused(w, r, h, d)
		}
		if i == 0 {
			if loop, err := p.looping(r, h, d); err != nil {
				return err
			} else if loop {
				return p.showLoop(w, r, h, string(d.Reason), "")
			}
		}
		pass := passage{
			by: h.view, client: h.client, asked: h.Asked, answer: &h.Answer, lifetime: h.view.cfg.Lifetimes.Code, now: h.Now, idle: h.idle,
			event: p.granted(r, h, d),
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
// page may be shown, or the person said no, d becomes the refusal.
func (p *Provider) allowed(r *http.Request, h *hop, d *acr.Decision) (consent.Given, error) {
	if d.Outcome != acr.Satisfied {
		return consent.Given{}, nil
	}
	given, missing, err := consent.Ask(r.Context(), p.Store, h.client.Client, h.Consent, d.Granted)
	switch {
	case errors.Is(err, consent.ErrDenied):
		*d = acr.Decision{Outcome: acr.Refused, Error: acr.ErrAccessDenied, Reason: reasonConsent}
		return consent.Given{}, nil
	case err == nil && len(missing) > 0 && h.Asked.PromptNone: // OIDC Core §3.1.2.6
		*d = acr.Decision{Outcome: acr.Refused, Error: errConsentRequired, Reason: reasonConsent}
	}
	return given, err
}

const (
	reasonConsent      acr.Reason = "consent"
	errConsentRequired string     = "consent_required" // OIDC Core §3.1.2.6
)

// finishRefused ends a stored request and tells the panel why.
func (p *Provider) finishRefused(w http.ResponseWriter, r *http.Request, h *hop, d acr.Decision) error {
	if h.Row == nil && slices.Contains(quiet, d.Error) {
		return p.refuse(w, r, h, &refusal{code: d.Error, description: describe(d)})
	}
	ev, err := p.refused(r, h, d)
	if err != nil {
		return err
	}
	if err := h.Finish(r.Context(), p.Store, ev); err != nil {
		return err
	}
	return p.refuse(w, r, h, &refusal{code: d.Error, description: describe(d)})
}

// quiet errors are the everyday answer to a panel that polls with prompt=none: nothing was refused to anyone, so they
// leave a log line and no audit record.
var quiet = []string{acr.ErrLoginRequired, errConsentRequired}

// describe is the error_description of a decision: its reason, which is ours and holds nothing of the request.
func describe(d acr.Decision) string {
	if d.Reason == acr.ReasonNone {
		return ""
	}
	return string(d.Reason)
}
