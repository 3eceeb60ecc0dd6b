package account

import (
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showFactors lists the own factors.
func (p *Pages) showFactors(w http.ResponseWriter, r *http.Request, v *visit) error {
	out := &templates.AccountFactors{Page: v.page(r, pathFactors), Recovery: v.cur.Person.RecoveryCodes, Zone: v.zone(), Done: done(r)}
	for _, f := range v.cur.Person.Factors {
		out.Factors = append(out.Factors, templates.AccountFactor{
			ID: f.ID, Method: f.Method, Label: f.Label, Created: f.Created, LastUsed: f.LastUsed, Disabled: f.Disabled,
		})
	}
	out.Renew = v.mayRenew()
	if v.mayAdd() {
		out.Add = []string{string(acr.TOTP)}
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// factor finds one of the person's own; another's is as absent as none (G06).
func (v *visit) factor(id string) *storage.Factor {
	for _, f := range v.cur.Person.Factors {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// mayAdd reports whether the app can be switched on: it exists here and the person has none.
func (v *visit) mayAdd() bool {
	for _, f := range v.cur.Person.Factors {
		if f.Method == string(acr.TOTP) {
			return false
		}
	}
	return v.cfg.Factors.TOTP.On
}

// adding asks whether a factor may be switched on now: behind a second step of the last minutes, or, for someone whom no
// method of this installation can verify, where the decision itself asks for an enrolment.
func (v *visit) adding(within wish) (acr.Decision, bool) {
	d := v.decide(within)
	return d, d.Outcome == acr.Satisfied || d.Outcome == acr.AskEnrol
}

// doEnrol begins to switch the app on. QR and key are shown in the answer to this POST only.
func (p *Pages) doEnrol(w http.ResponseWriter, r *http.Request, v *visit) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	if !v.mayAdd() {
		return onward(w, r, pathFactors)
	}
	if d, ok := v.adding(changing); !ok {
		return v.ask(w, r, d, "factors")
	}
	var e *mfa.Enrolment
	err := p.Store.Tx(r.Context(), func(db storage.Records) (err error) {
		e, err = p.Factors.Enrol(r.Context(), db, v.cur.Person, acr.TOTP, v.now)
		return err
	})
	if err != nil {
		return err
	}
	return v.showKey(w, r, e, http.StatusOK, nil)
}

// weakUntil is until when a factor switched on now, or reserve codes handed out now, have to rest.
func (v *visit) weakUntil() time.Time {
	if acr.EnrolsWeakly(v.cfg.Policy, v.cur.Subject(), v.cur.Evidence(), v.now) {
		return v.now.Add(v.cfg.Policy.Cooling)
	}
	return time.Time{}
}

func (v *visit) showKey(w http.ResponseWriter, r *http.Request, e *mfa.Enrolment, status int, wrong *templates.FormError) error {
	out := &templates.EnrolTOTP{Page: v.page(r, pathFactors), Account: e.Account, Key: e.Key, Ticket: e.FactorID, CanCancel: true}
	out.Step, out.Error = "enrol_totp", wrong
	var err error
	out.QR, err = mfa.QR(e.URI, v.Text.Text(out.Lang, "qr_title", nil), v.Text.Text(out.Lang, "qr_desc", nil))
	if err != nil {
		return err
	}
	return v.Site.Render(w, r, status, out)
}

// doEnrolConfirm switches the app on with its first code, which is evidence like any later one.
func (p *Pages) doEnrolConfirm(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if !v.mayAdd() {
		return onward(w, r, pathFactors)
	}
	if d, ok := v.adding(finishing(changing)); !ok {
		return v.ask(w, r, d, "factors")
	}
	weak := v.weakUntil()
	var (
		cookie  string
		verdict mfa.Verdict
	)
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		var err error
		try := mfa.Try{
			Question: mfa.Question{Person: v.cur.Person, Method: acr.TOTP, Credential: form.Get("ticket"), Now: v.now},
			Form:     form, Request: "account",
		}
		if verdict, err = p.Factors.Confirm(r.Context(), db, try, weak); err != nil {
			return err
		}
		if !verdict.OK {
			return v.failed(r, db, acr.TOTP, verdict)
		}
		if cookie, err = v.cur.Strengthen(r.Context(), db, v.limits(), verdict.Event, v.now); err != nil {
			return err
		}
		if err := db.DropRemembers(r.Context(), v.cur.Person.ID); err != nil {
			return err
		}
		if err := db.Append(r.Context(), v.event(r, audit.FactorAdded, audit.OK, string(acr.TOTP))); err != nil {
			return err
		}
		return v.Notice(r.Context(), db, v.cur.Person, "factor_added", client(r), v.now)
	})
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return onward(w, r, pathFactors) // another tab was faster
	}
	if err != nil {
		return err
	}
	if verdict.OK {
		p.Site.Cookies.SetSession(w, cookie, v.cur.Session.Expires)
		v.forget(w, r)
		if v.cfg.ReserveCodes() && (v.cur.Person.RecoveryCodes == 0 || len(v.cur.Person.Factors) == 0) {
			return v.newCodes(w, r, false)
		}
		return onward(w, r, pathFactors+"?done=added")
	}
	e, err := p.Factors.Pending(r.Context(), p.Store, v.cur.Person, acr.TOTP, form.Get("ticket"), v.now)
	if errors.Is(err, mfa.ErrNoFactor) {
		return onward(w, r, pathFactors)
	}
	if err != nil {
		return err
	}
	return v.showKey(w, r, e, http.StatusUnprocessableEntity, &templates.FormError{Field: "otp", Text: "wrong_code"})
}

// doCancelEnrol leaves an enrolment; what is pending is worth nothing and is swept.
func (p *Pages) doCancelEnrol(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return onward(w, r, pathFactors)
}
