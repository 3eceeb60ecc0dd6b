package step

import (
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
)

// ShowNumber asks for a number that is to be verified.
func (p *Pages) ShowNumber(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	return p.numberPage(w, r, h, Kinds(offered)[0], http.StatusOK, nil)
}

// ConfirmContact verifies a number with its code. It is no factor by that, and its code no step of anything: a number that came a
// moment ago opens nothing.
func (p *Pages) ConfirmContact(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	m, ticket, ok, err := method(w, r, h, offered)
	if !ok {
		return err
	}
	var verdict mfa.Verdict
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		try := h.Try(r)
		try.Question, try.Form = enrolled(r, h, m, ticket), r.PostForm
		var err error
		if verdict, err = p.Factors.ProveNumber(r.Context(), db, try); err != nil {
			return err
		}
		if !verdict.OK {
			return p.failed(r, db, h, m, verdict)
		}
		number := verdict.Event.Address
		added, err := p.AddPhone(r.Context(), db, h.At().Current.Person, number, p.origin(h.At()), h.At().Now.Add(h.At().Config.Policy.Cooling), h.At().Now)
		if err != nil {
			return err
		}
		done := h.Event(r, audit.ContactDone, audit.OK, string(m))
		done.Detail = mfa.Detail(number)
		if err := db.Append(r.Context(), done); err != nil || !added {
			return err
		}
		at := h.At()
		return p.NumberAdded(r.Context(), db, at.Current.Person, number, p.origin(at), Client(r), at.Now)
	})
	if otherTabWon(err) {
		return h.Again(w, r)
	}
	if err != nil {
		return err
	}
	if !verdict.OK {
		return p.refuseEnrolment(w, r, h, m, ticket, offered)
	}
	return h.Land(w, r, Verified)
}

// origin is what a number stands on that is added now.
func (p *Pages) origin(at At) string {
	return p.Origin(at.Config, at.Current.Person, at.Current.Events, at.Now)
}
