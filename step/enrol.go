package step

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// method reads which of the offered methods a form wants to switch on, and which enrolment it is about; one that names none
// wants the first. It answers by itself, and returns false, when it is none of them.
func method(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) (m acr.Method, ticket string, ok bool, err error) {
	form, err := web.Form(w, r)
	if err != nil {
		return "", "", false, err
	}
	m, ticket = acr.Method(form.Get("method")), form.Get("ticket")
	if way := form.Get("way"); m == "" && way != "" { // the page of a sent code says both in one
		name, id, _ := strings.Cut(way, ":")
		m, ticket = acr.Method(name), id
	}
	switch {
	case slices.Contains(offered, m):
		return m, ticket, true, nil
	case m == "" && len(offered) > 0:
		return offered[0], ticket, true, nil
	}
	return "", "", false, h.Again(w, r)
}

// Enrol begins to switch on one of the offered methods. A number has pages of its own; an app is answered by 200 with what the page shows of the secret, which is
// only ever the answer to a POST and never kept by a browser (no-store; F13).
func (p *Pages) Enrol(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	m, _, ok, err := method(w, r, h, offered)
	if !ok {
		return err
	}
	if m.ByPhone() {
		return p.begin(w, r, h, m, offered)
	}
	var e *mfa.Enrolment
	err = p.Store.Tx(r.Context(), func(db storage.Records) (err error) {
		e, err = p.Factors.Enrol(r.Context(), db, enrolled(r, h, m, ""), "")
		return err
	})
	if err != nil {
		return err
	}
	return p.showEnrolment(w, r, h, e, http.StatusOK, nil)
}

func (p *Pages) showEnrolment(w http.ResponseWriter, r *http.Request, h Host, e *mfa.Enrolment, status int, wrong *templates.FormError) error {
	page := &templates.EnrolKey{Page: h.Page(r), Method: string(e.Method), Account: e.App.Account, Key: e.App.Key, URI: e.App.URI, Ticket: e.FactorID}
	page.Error, page.Every = wrong, mayChooseEvery(h)
	var err error
	page.QR, err = mfa.QR(e.App.URI, p.Text.Text(page.Lang, "qr_title", nil), p.Text.Text(page.Lang, "qr_desc", nil))
	if err != nil {
		return err
	}
	h.Dress(r, page)
	return p.Site.Render(w, r, status, page)
}

// newFactorRestsUntil is until when a factor switched on now, or reserve codes handed out now, have to rest. One that takes the
// place of another rests as long as that one at least: a swap does not wash a weak proof.
func newFactorRestsUntil(h Host) time.Time {
	at := h.At()
	evidence, until := at.Current.Evidence(), time.Time{}
	if at.Swap != nil {
		evidence = at.Swap.Evidence
		if at.Swap.Old.RestsUntil.After(at.Now) {
			until = at.Swap.Old.RestsUntil
		}
	}
	if acr.NewFactorRests(at.Config.Policy, at.Current.AcrPerson(at.Config), evidence, at.Now) {
		if end := at.Now.Add(at.Config.Policy.Cooling); end.After(until) {
			until = end
		}
	}
	return until
}

// switchedOn are the records of a factor that was switched on, and the message about it.
func switchedOn(r *http.Request, h Host, m acr.Method) ([]*storage.Event, string) {
	added := h.Event(r, audit.FactorAdded, audit.OK, string(m))
	swap := h.At().Swap
	if swap == nil {
		return []*storage.Event{added}, "factor_added"
	}
	removed := h.Event(r, audit.FactorRemoved, audit.OK, swap.Old.Method)
	added.Detail, removed.Detail = []byte(`{"reason":"swap"}`), []byte(`{"reason":"swap"}`)
	return []*storage.Event{removed, added}, "factor_swapped"
}

// mayChooseEvery reports whether it is the person's to say that a code is wanted at every sign-in: elsewhere it goes without saying.
func mayChooseEvery(h Host) bool {
	at := h.At()
	return !at.Config.Policy.EverySignIn && !at.Current.Person.EverySignIn
}

// ChooseEvery keeps the choice of the record's person, or that it was taken back. record is one of audit.FactorEvery; its
// reason is written here. storage.ErrConflict: another tab was faster.
func ChooseEvery(ctx context.Context, db storage.Records, every bool, record *storage.Event) error {
	row, err := db.Person(ctx, record.PersonID)
	if err != nil {
		return err
	}
	row.EverySignIn, row.Updated = every, record.At
	if err := db.UpdatePerson(ctx, row); err != nil {
		return err
	}
	record.Reason = map[bool]string{true: "on", false: "off"}[every]
	return db.Append(ctx, record)
}

// ConfirmEnrolment switches a method on with its first answer, which is evidence like any later one. The first factor
// comes with reserve codes; one that takes the place of another leaves them to the sign-in that follows.
func (p *Pages) ConfirmEnrolment(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	m, ticket, ok, err := method(w, r, h, offered)
	if !ok {
		return err
	}
	var (
		verdict mfa.Verdict
		at      = h.At()
		rests   = newFactorRestsUntil(h)
	)
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		try := h.Try(r)
		try.Method, try.Credential, try.Form, try.Replaces = m, ticket, r.PostForm, at.replaces()
		var err error
		if verdict, err = p.Factors.Confirm(r.Context(), db, try, rests); err != nil {
			return err
		}
		if !verdict.OK {
			return p.failed(r, db, h, m, verdict)
		}
		records, notice := switchedOn(r, h, m)
		if err := h.Attach(r, db, verdict.Event, records...); err != nil {
			return err
		}
		if m.ByPhone() {
			if err := p.provedNumber(r, db, h, m, verdict.Event.Address); err != nil {
				return err
			}
		}
		if mayChooseEvery(h) && r.PostForm.Get("every") == "yes" {
			if err := ChooseEvery(r.Context(), db, true, h.Event(r, audit.FactorEvery, audit.OK, "")); err != nil {
				return err
			}
		}
		return p.tell(r, db, h, notice)
	})
	if otherTabWon(err) {
		return h.Again(w, r)
	}
	if err != nil {
		return err
	}
	if verdict.OK {
		h.Keep(w, r)
		if at.Swap != nil {
			return h.Land(w, r, Swapped)
		}
		if person := at.Current.Person; at.Config.ReserveCodes() && (person.RecoveryCodes == 0 || len(person.Factors) == 0) {
			return p.newRecoveryCodes(w, r, h, false)
		}
		return h.Land(w, r, Added)
	}
	return p.refuseEnrolment(w, r, h, m, ticket, offered)
}

// refuseEnrolment shows the page again whose code did not do.
func (p *Pages) refuseEnrolment(w http.ResponseWriter, r *http.Request, h Host, m acr.Method, ticket string, offered []acr.Method) error {
	e, err := p.Factors.Pending(r.Context(), p.Store, enrolled(r, h, m, ticket))
	if errors.Is(err, mfa.ErrNoFactor) {
		return h.Again(w, r)
	}
	if err != nil {
		return err
	}
	if e.Sent != nil {
		n := &numbering{h, e, offered}
		page := p.codePage(r, n, n.way(m), *e.Sent)
		page.Error = page.Refused()
		return p.Site.Render(w, r, http.StatusUnprocessableEntity, page)
	}
	return p.showEnrolment(w, r, h, e, http.StatusUnprocessableEntity, templates.WrongCode())
}
