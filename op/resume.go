package op

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// showContinuation answers GET /authorize/{id}: the way back from the sign-in pages, and the first own step of a request
// that came by POST. Only the browser that the request is bound to gets an answer.
func (p *Provider) showContinuation(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	row, cur, err := p.bound(w, r, now)
	if err != nil {
		return err
	}
	h := &hop{view: v, client: v.clients[row.ClientID], now: now, stored: row, answer: &answer{}}
	kept, err := consent.Read(row)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(row.Params, h.answer); err != nil {
		return err
	}
	// The configuration may have changed since the request came in.
	if h.client == nil {
		return unknownClientPage()
	}
	if !registered(h.answer.RedirectURI, h.client.RedirectURIs, h.client.Native) {
		return redirectURIPage()
	}
	h.asked, h.consent = h.client.today(kept.Request, kept.Consent), kept.Consent
	if len(h.asked.Scopes) == 0 {
		return p.finishRefused(w, r, h, acr.Decision{Outcome: acr.Refused, Error: string(oidc.InvalidScope), Reason: reasonTakenAway})
	}
	d := h.judge(r, cur)
	if d.Outcome == acr.AskFirst {
		d, err = p.quarantined(r, v, h, d)
	}
	if err != nil {
		return err
	}
	switch d.Outcome {
	case acr.Satisfied, acr.Refused:
		return p.finish(w, r, h, d)
	}
	return web.Redirect(w, r, "/login/"+h.asked.ID, http.StatusSeeOther)
}

// quarantined looks at an unproved social sign-in, which is never answered with a code but may be refused: then the panel
// hears it, and the pages are not asked in vain.
func (p *Provider) quarantined(r *http.Request, v *view, h *hop, d acr.Decision) (acr.Decision, error) {
	cur, err := session.LoadQuarantine(r.Context(), p.Store, p.Site.Cookies.Quarantine(r), h.now)
	if err != nil || cur.Quarantine == nil {
		return d, err
	}
	if q := acr.Decide(v.cfg.Policy, h.asked, cur.Subject(), cur.Evidence(), h.now); q.Outcome == acr.Refused {
		return q, nil
	}
	return d, nil
}

// bound loads the request of the URL for the browser it belongs to, and that browser's session. A request without a
// browser (it came by POST) is bound here, once.
func (p *Provider) bound(w http.ResponseWriter, r *http.Request, now time.Time) (*storage.Request, *session.Current, error) {
	id := r.PathValue("id")
	for range attempts {
		row, cur, err := session.LoadInto(r.Context(), p.Store, secret.Hash(id), p.Site.Cookies.Session(r), now)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, nil, expired("session_expired")
		}
		if err != nil {
			return nil, nil, err
		}
		if !row.FinishedAt.IsZero() && !row.Evicted {
			return nil, nil, expired("already_finished")
		}
		if len(row.BrowserHash) > 0 {
			if subtle.ConstantTimeCompare(row.BrowserHash, secret.Hash(p.Site.Cookies.Browser(r))) != 1 {
				p.foreign(r, row)
				return nil, nil, otherBrowser()
			}
			return row, cur, p.resume(r, row, cur, now)
		}
		row.Standing = p.standing(r, cur.SignedIn())
		row.BrowserHash = secret.Hash(p.Site.Cookies.EnsureBrowser(w, r))
		err = p.Store.UpdateRequest(r.Context(), row)
		if err == nil {
			return row, cur, p.resume(r, row, cur, now)
		}
		if !errors.Is(err, storage.ErrConflict) {
			return nil, nil, err
		}
	}
	return nil, nil, contended()
}

// resume opens a request again that made room for others meanwhile.
func (p *Provider) resume(r *http.Request, row *storage.Request, cur *session.Current, now time.Time) error {
	err := cur.Resume(r.Context(), p.Store, row, p.view().cfg.Limits, now)
	if errors.Is(err, storage.ErrConflict) {
		return tooMany(crowdWait)
	}
	return err
}

// attempts bounds how often a decision is repeated because another tab changed the session in between.
const attempts = 3

// finish answers the panel: with a code when the decision allows it, else with the decision's error.
func (p *Provider) finish(w http.ResponseWriter, r *http.Request, h *hop, d acr.Decision) error {
	for i := range attempts {
		given, err := p.allowed(r, h, &d)
		if err != nil {
			return err
		}
		if answers := d.Outcome == acr.Refused || given.Covers(d.Granted); !answers {
			if h.stored != nil {
				return web.Redirect(w, r, "/login/"+h.asked.ID, http.StatusSeeOther)
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
			by: h.view, client: h.client, asked: h.asked, answer: h.answer, lifetime: h.view.cfg.Lifetimes.Code, now: h.now, idle: h.idle,
			event: p.granted(r, h, d),
		}
		if h.stored != nil {
			pass.requestHash = h.stored.Hash
		}
		code, err := p.gate.issue(r.Context(), d.Granted, given, pass)
		switch {
		case err == nil:
			return p.grant(w, r, h, code)
		case errors.Is(err, storage.ErrUsed):
			return expired("already_finished")
		case !errors.Is(err, storage.ErrConflict):
			return err
		}
		// The session moved on between decision and code: decide on what it is now.
		h.now = p.now()
		if d, err = p.decide(r, h); err != nil {
			return err
		}
	}
	return contended()
}

// allowed asks whether the person allowed what is about to be granted. The zero Given: not yet, the pages ask. Where no
// page may be shown, or the person said no, d becomes the refusal.
func (p *Provider) allowed(r *http.Request, h *hop, d *acr.Decision) (consent.Given, error) {
	if d.Outcome != acr.Satisfied {
		return consent.Given{}, nil
	}
	given, missing, err := consent.Ask(r.Context(), p.Store, h.client.Client, h.consent, d.Granted)
	switch {
	case errors.Is(err, consent.ErrDenied):
		*d = acr.Decision{Outcome: acr.Refused, Error: acr.ErrAccessDenied, Reason: reasonConsent}
		return consent.Given{}, nil
	case err == nil && len(missing) > 0 && h.asked.PromptNone: // OIDC Core §3.1.2.6
		*d = acr.Decision{Outcome: acr.Refused, Error: errConsentRequired, Reason: reasonConsent}
	}
	return given, err
}

const (
	reasonTakenAway    acr.Reason = "scopes_taken_away" // out of the configuration, since the request came in
	reasonConsent      acr.Reason = "consent"
	errConsentRequired string     = "consent_required" // OIDC Core §3.1.2.6
)

// finishRefused ends a stored request and tells the panel why.
func (p *Provider) finishRefused(w http.ResponseWriter, r *http.Request, h *hop, d acr.Decision) error {
	if h.stored == nil && slices.Contains(quiet, d.Error) {
		return p.refuse(w, r, h, &refusal{code: d.Error, description: describe(d)})
	}
	ev, err := p.refused(r, h, d)
	if err != nil {
		return err
	}
	if h.stored != nil {
		err := p.Store.Tx(r.Context(), func(tx storage.Records) error {
			if err := tx.FinishRequest(r.Context(), h.stored.Hash, h.now); err != nil {
				return err
			}
			return tx.Append(r.Context(), ev)
		})
		if errors.Is(err, storage.ErrUsed) {
			return expired("already_finished")
		}
		if err != nil {
			return err
		}
	} else {
		if err := p.Store.Append(r.Context(), ev); err != nil {
			return err
		}
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
