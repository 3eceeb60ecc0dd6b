package login

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

// mayEnrol lists what the person may switch on here and now; the rule is the decision's.
func (f *flow) mayEnrol() []acr.Method {
	return acr.MayEnrol(f.cfg.Policy, f.asked, f.cur.Subject(), f.cur.Evidence(), f.now)
}

// weakUntil is until when a factor switched on now, or reserve codes handed out now, have to rest.
func (f *flow) weakUntil() time.Time {
	if acr.EnrolsWeakly(f.cfg.Policy, f.cur.Subject(), f.cur.Evidence(), f.now) {
		return f.now.Add(f.cfg.Policy.Cooling)
	}
	return time.Time{}
}

// showEnrolStart offers to switch a factor on. QR and key are made by the POST behind it (F13).
func (f *flow) showEnrolStart(w http.ResponseWriter, r *http.Request, offered []acr.Method, skip bool) error {
	page := &templates.EnrolStart{Page: f.page(r), Methods: methods(offered), Reason: string(f.next.Reason), Skip: skip}
	page.Step = "enrol"
	page.Areas = f.areas(page.Lang)
	return f.Site.Render(w, r, http.StatusOK, page)
}

// doEnrol begins to switch the app on: it answers 200 with QR and key, which are shown in the answer to a POST only and
// never kept by a browser (no-store). Where a code to a contact has to come first, it goes there.
func (p *Pages) doEnrol(w http.ResponseWriter, r *http.Request, f *flow) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	if len(f.mayEnrol()) == 0 {
		if len(f.next.EnrolAfter) > 0 {
			return web.Redirect(w, r, f.base()+"?then=enrol", http.StatusSeeOther)
		}
		return f.onward(w, r)
	}
	var e *mfa.Enrolment
	err := p.tx(r.Context(), func(db storage.Records) error {
		var err error
		e, err = p.Factors.Enrol(r.Context(), db, f.cur.Person, acr.TOTP, f.now)
		return err
	})
	if err != nil {
		return err
	}
	return f.showKey(w, r, e, http.StatusOK, nil)
}

func (f *flow) showKey(w http.ResponseWriter, r *http.Request, e *mfa.Enrolment, status int, wrong *templates.FormError) error {
	page := &templates.EnrolTOTP{
		Page: f.page(r), Account: e.Account, Key: e.Key, Reason: string(f.next.Reason), Ticket: e.FactorID, CanCancel: true,
	}
	page.Step, page.Error = "enrol_totp", wrong
	page.Areas = f.areas(page.Lang)
	var err error
	page.QR, err = mfa.QR(e.URI, f.Text.Text(page.Lang, "qr_title", nil), f.Text.Text(page.Lang, "qr_desc", nil))
	if err != nil {
		return err
	}
	return f.Site.Render(w, r, status, page)
}

// doEnrolConfirm switches the app on with its first code, which is evidence like any later one.
func (p *Pages) doEnrolConfirm(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if len(f.mayEnrol()) == 0 {
		return f.onward(w, r)
	}
	var (
		a       attached
		verdict mfa.Verdict
		rests   = f.weakUntil()
	)
	err = p.tx(r.Context(), func(db storage.Records) error {
		var err error
		q := f.question(r, acr.Option{Method: acr.TOTP, Credential: form.Get("ticket")})
		try := mfa.Try{Question: q, Form: form, Request: f.asked.ID, Hits: f.knownDevice(r)}
		if verdict, err = p.Factors.Confirm(r.Context(), db, try, rests); err != nil {
			return err
		}
		if !verdict.OK {
			return f.failed(r, db, acr.TOTP, verdict)
		}
		if a, err = f.proved(r, db, verdict, f.event(r, audit.FactorAdded, "ok", string(acr.TOTP))); err != nil {
			return err
		}
		return f.Notice(r.Context(), db, f.cur.Person, "factor_added", client(r), f.now)
	})
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return f.onward(w, r)
	}
	if err != nil {
		return err
	}
	if verdict.OK {
		f.keep(w, a)
		if f.cfg.ReserveCodes() && (f.cur.Person.RecoveryCodes == 0 || len(f.cur.Person.Factors) == 0) {
			return f.newCodes(w, r)
		}
		return f.onward(w, r)
	}
	e, err := p.Factors.Pending(r.Context(), p.Store, f.cur.Person, acr.TOTP, form.Get("ticket"), f.now)
	if errors.Is(err, mfa.ErrNoFactor) {
		return f.onward(w, r)
	}
	if err != nil {
		return err
	}
	return f.showKey(w, r, e, http.StatusUnprocessableEntity, &templates.FormError{Field: "otp", Text: "wrong_code"})
}

// deviceWindow is how long a browser stays known to a person after a second step.
const deviceWindow = 180 * 24 * time.Hour
