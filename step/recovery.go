package step

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// replacesCodes reports whether new reserve codes take the place of others.
func replacesCodes(h Host) bool { return h.At().Current.Person.RecoveryCodes > 0 }

// HandOutRecoveryCodes makes reserve codes and shows them, in the answer to a POST only. The former ones hold until one of the new ones
// was typed back.
func (p *Pages) HandOutRecoveryCodes(w http.ResponseWriter, r *http.Request, h Host) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	return p.newRecoveryCodes(w, r, h, replacesCodes(h))
}

func (p *Pages) newRecoveryCodes(w http.ResponseWriter, r *http.Request, h Host, again bool) error {
	at := h.At()
	codes, err := p.Factors.NewRecoveryCodes(r.Context(), p.Store, at.Current.Person, at.Now)
	if err != nil {
		return err
	}
	return p.showRecoveryCodes(w, r, h, http.StatusOK, codes, again, nil)
}

func (p *Pages) showRecoveryCodes(w http.ResponseWriter, r *http.Request, h Host, status int, codes *mfa.RecoveryCodes, again bool, wrong *templates.FormError) error {
	page := &templates.RecoveryCodes{Page: h.Page(r), Codes: codes.Codes, Ticket: codes.Ticket, Again: again}
	page.Error = wrong
	return p.Site.Render(w, r, status, page)
}

// ConfirmRecoveryCodes puts reserve codes in force once one of them was typed back.
func (p *Pages) ConfirmRecoveryCodes(w http.ResponseWriter, r *http.Request, h Host) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	at, ticket, again := h.At(), form.Get("ticket"), replacesCodes(h)
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		err := p.Factors.ConfirmRecoveryCodes(r.Context(), db, at.Current.Person, ticket, form.Get("otp"), newFactorRestsUntil(h), at.Now)
		if err != nil {
			return err
		}
		if err := db.Append(r.Context(), h.Event(r, audit.FactorAdded, audit.OK, string(acr.Recovery))); err != nil {
			return err
		}
		if !again {
			return nil
		}
		return p.tell(r, db, h, "recovery_regenerated")
	})
	if errors.Is(err, mfa.ErrWrong) {
		var codes *mfa.RecoveryCodes
		if codes, err = p.Factors.PendingRecoveryCodes(r.Context(), p.Store, at.Current.Person, ticket, at.Now); err == nil {
			return p.showRecoveryCodes(w, r, h, http.StatusUnprocessableEntity, codes, again, &templates.FormError{Field: "otp", Text: "recovery_wrong"})
		}
	}
	switch {
	case errors.Is(err, mfa.ErrExpired):
		return h.Again(w, r)
	case err != nil:
		return err
	case again:
		return h.Land(w, r, Renewed)
	}
	return h.Land(w, r, Codes)
}
