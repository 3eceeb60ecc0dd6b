package login

import (
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// lacksCodes reports whether the person switched a factor on inside this request, proved it, and did not yet take the
// recovery codes that go with it (help promise 7). They are handed out behind that proof only.
func (f *flow) lacksCodes() bool {
	p := f.cur.Person
	if !f.cfg.ReserveCodes() || f.cur.Session == nil || p.RecoveryCodes > 0 || f.asked.Declined {
		return false
	}
	return slices.ContainsFunc(p.Factors, func(own *storage.Factor) bool {
		return !own.Disabled && !own.Created.Before(f.row.Created) && slices.ContainsFunc(f.cur.Events, func(e acr.Event) bool {
			return e.Credential == own.ID && e.Request == f.asked.ID
		})
	})
}

// showRecoveryStart is for who comes back to the step: the codes themselves are only ever the answer to a POST.
func (f *flow) showRecoveryStart(w http.ResponseWriter, r *http.Request) error {
	return f.Site.Render(w, r, http.StatusOK, &templates.RecoveryStart{Page: f.page(r)})
}

// doRecovery makes codes and shows them.
func (p *Pages) doRecovery(w http.ResponseWriter, r *http.Request, f *flow) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	if !f.lacksCodes() {
		return f.onward(w, r)
	}
	return f.newCodes(w, r)
}

func (f *flow) newCodes(w http.ResponseWriter, r *http.Request) error {
	codes, err := f.Factors.NewRecoveryCodes(r.Context(), f.Store, f.cur.Person, f.now)
	if err != nil {
		return err
	}
	return f.showCodes(w, r, http.StatusOK, codes, nil)
}

func (f *flow) showCodes(w http.ResponseWriter, r *http.Request, status int, codes *mfa.RecoveryCodes, wrong *templates.FormError) error {
	page := &templates.RecoveryCodes{Page: f.page(r), Codes: codes.Codes, Ticket: codes.Ticket}
	page.Error = wrong
	return f.Site.Render(w, r, status, page)
}

// doRecoveryConfirm puts the codes in force once one of them was typed back.
func (p *Pages) doRecoveryConfirm(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if !f.lacksCodes() {
		return f.onward(w, r)
	}
	err = p.tx(r.Context(), func(db storage.Records) error {
		err := p.Factors.ConfirmRecoveryCodes(r.Context(), db, f.cur.Person, form.Get("ticket"), form.Get("otp"), f.weakUntil(), f.now)
		if err != nil {
			return err
		}
		return db.Append(r.Context(), f.event(r, audit.FactorAdded, "ok", string(acr.Recovery)))
	})
	if errors.Is(err, mfa.ErrWrong) {
		codes, err := p.Factors.PendingRecoveryCodes(r.Context(), p.Store, f.cur.Person, form.Get("ticket"), f.now)
		if err == nil {
			return f.showCodes(w, r, http.StatusUnprocessableEntity, codes, &templates.FormError{Field: "otp", Text: "recovery_wrong"})
		}
		if !errors.Is(err, mfa.ErrExpired) {
			return err
		}
	} else if err != nil && !errors.Is(err, mfa.ErrExpired) {
		return err
	}
	return f.onward(w, r)
}
