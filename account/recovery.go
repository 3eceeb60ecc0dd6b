package account

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

// mayRenew: reserve codes stand in for a factor, so there must be one.
func (v *visit) mayRenew() bool {
	return v.cfg.ReserveCodes() && slices.ContainsFunc(v.cur.Person.Factors, func(f *storage.Factor) bool { return !f.Disabled })
}

// handing is the wish of who gets reserve codes. The first ones take nothing away; they rest with the factor they came with.
func (v *visit) handing() wish {
	w := owning
	w.strong = v.cur.Person.RecoveryCodes > 0
	return w
}

// doRecovery makes new reserve codes and shows them, behind the factor they stand in for. The former ones hold until one
// of the new ones was typed back.
func (p *Pages) doRecovery(w http.ResponseWriter, r *http.Request, v *visit) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	if !v.mayRenew() {
		return onward(w, r, pathFactors)
	}
	if d := v.decide(v.handing()); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "recovery")
	}
	return v.newCodes(w, r, v.cur.Person.RecoveryCodes > 0)
}

func (v *visit) newCodes(w http.ResponseWriter, r *http.Request, again bool) error {
	codes, err := v.Factors.NewRecoveryCodes(r.Context(), v.Store, v.cur.Person, v.now)
	if err != nil {
		return err
	}
	return v.showCodes(w, r, http.StatusOK, codes, again, nil)
}

func (v *visit) showCodes(w http.ResponseWriter, r *http.Request, status int, codes *mfa.RecoveryCodes, again bool, wrong *templates.FormError) error {
	out := &templates.RecoveryCodes{Page: v.page(r, pathFactors), Codes: codes.Codes, Ticket: codes.Ticket, Again: again}
	out.Error = wrong
	return v.Site.Render(w, r, status, out)
}

// doRecoveryConfirm puts the codes in force once one of them was typed back.
func (p *Pages) doRecoveryConfirm(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if !v.mayRenew() {
		return onward(w, r, pathFactors)
	}
	if d := v.decide(finishing(v.handing())); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "recovery")
	}
	again := v.cur.Person.RecoveryCodes > 0
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		err := p.Factors.ConfirmRecoveryCodes(r.Context(), db, v.cur.Person, form.Get("ticket"), form.Get("otp"), v.weakUntil(), v.now)
		if err != nil {
			return err
		}
		if err := db.Append(r.Context(), v.event(r, audit.FactorAdded, audit.OK, string(acr.Recovery))); err != nil {
			return err
		}
		if !again {
			return nil
		}
		return v.Notice(r.Context(), db, v.cur.Person, "recovery_regenerated", client(r), v.now)
	})
	switch {
	case errors.Is(err, mfa.ErrWrong):
		codes, err := p.Factors.PendingRecoveryCodes(r.Context(), p.Store, v.cur.Person, form.Get("ticket"), v.now)
		if errors.Is(err, mfa.ErrExpired) {
			return onward(w, r, pathFactors)
		}
		if err != nil {
			return err
		}
		return v.showCodes(w, r, http.StatusUnprocessableEntity, codes, again, &templates.FormError{Field: "otp", Text: "recovery_wrong"})
	case errors.Is(err, mfa.ErrExpired):
		return onward(w, r, pathFactors)
	case err != nil:
		return err
	}
	if again {
		return onward(w, r, pathFactors+"?done=renewed")
	}
	return onward(w, r, pathFactors+"?done=codes")
}
