package op

import (
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// finish answers the panel: with a code when the decision allows it, else with the decision's error.
func (p *Provider) finish(w http.ResponseWriter, r *http.Request, h *hop) error {
	d := &h.Next
	for i := range request.Attempts {
		given, err := p.allowed(r, h)
		if err != nil {
			return err
		}
		if answers := d.Outcome == acr.Refused && !h.Stopped() || given.Covers(d.Granted); !answers {
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
// page may be shown, the decision becomes a refusal. A no is one already (request.Open.Judge).
func (p *Provider) allowed(r *http.Request, h *hop) (consent.Given, error) {
	if h.Next.Outcome != acr.Satisfied {
		return consent.Given{}, nil
	}
	given, missing, err := consent.Ask(r.Context(), p.Store, h.client.Client, h.Consent, h.Next.Granted)
	if err == nil && len(missing) > 0 && h.Asked.PromptNone {
		h.Next = acr.Decision{Outcome: acr.Refused, Error: errConsentRequired, Reason: request.ReasonConsent}
	}
	return given, err
}

const errConsentRequired = "consent_required" // OIDC Core §3.1.2.6

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

// grant answers with a code.
func (p *Provider) grant(w http.ResponseWriter, r *http.Request, h *hop, code string) error {
	return p.respond(w, r, h, []field{{"code", code}})
}

// refuse answers with an error, in the same response mode as success would have had.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, h *hop, e *refusal) error {
	fields := []field{{"error", e.code}}
	if e.description != "" {
		fields = append(fields, field{"error_description", e.description})
	}
	return p.respond(w, r, h, fields)
}

// respond sends fields to the panel, with iss (RFC 9207 §2) unless its YAML says omit_iss, and with state where one was sent.
// When a form of ours began this chain of redirects, the last hop is a page: browsers apply form-action to all of the chain.
func (p *Provider) respond(w http.ResponseWriter, r *http.Request, h *hop, fields []field) error {
	a := &h.Answer
	if a.State != "" {
		fields = append(fields, field{"state", a.State})
	}
	if !h.client.OmitIss {
		fields = append(fields, field{"iss", h.view.cfg.Issuer})
	}
	if a.Mode == string(oidc.ResponseModeFormPost) {
		page := templates.FormPost{Page: h.page(), Action: a.RedirectURI}
		for _, f := range fields {
			page.Fields = append(page.Fields, [2]string{f.name, f.value})
		}
		return p.Site.Render(w, web.WithLang(r, a.UILocales), http.StatusOK, page)
	}
	to := withQuery(a.RedirectURI, fields)
	if h.afterForm() {
		return p.Site.Render(w, web.WithLang(r, a.UILocales), http.StatusOK, templates.Leave{Page: h.page(), URL: to})
	}
	status := http.StatusFound
	if r.Method == http.MethodPost {
		status = http.StatusSeeOther
	}
	return web.Redirect(w, r, to, status)
}
