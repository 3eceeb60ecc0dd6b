package login

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
)

// doDecline is "cancel" and "continue without": the person says no to what is asked. What that means (fewer scopes, a
// lower level the panel listed, access_denied) is the decision's to say, and op's to record.
//
// Where nothing is missing there is nothing to say no to: "not now" to a factor offered on top just goes on.
func (p *Pages) doDecline(w http.ResponseWriter, r *http.Request, f *flow) error {
	if f.Next.Outcome == acr.Satisfied && !f.AsksContact() && !f.lacksCodes() {
		return f.onward(w, r)
	}
	err := p.tx(r.Context(), func(db storage.Records) error {
		if err := f.Save(r.Context(), db, true, func(o *request.Open) { o.Asked.Declined = true }); err != nil {
			return err
		}
		for _, purpose := range []string{purposeLogin, purposeVerify} { // the next sign-in need not wait for this one's code
			if err := db.DropCodes(r.Context(), f.transaction(), purpose, f.Now); err != nil {
				return err
			}
		}
		// Leaving an unproved social sign-in leaves nothing behind that a later visit would stumble over.
		if q := f.Current.Quarantine; q != nil {
			if _, err := db.TakeQuarantine(r.Context(), q.ID); err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, storage.ErrConflict) { // the other tab was faster
		return f.onward(w, r)
	}
	if err != nil {
		return err
	}
	if f.Current.Quarantine != nil {
		p.Site.Cookies.ClearQuarantine(w)
	}
	return f.back(w, r)
}

// event is an audit record of this flow.
func (f *flow) event(r *http.Request, name, outcome, reason string) *storage.Event {
	ev := audit.From(r.Context()).Event(name, outcome, reason)
	ev.At, ev.ClientID = f.Now, f.Client.ID
	if f.Current != nil && f.Current.Person != nil {
		ev.PersonID, ev.Actor = f.Current.Person.ID, f.Current.Person.ID
	}
	if f.Current != nil && f.Current.Session != nil {
		ev.SessionID = f.Current.Session.ID
	}
	return ev
}
