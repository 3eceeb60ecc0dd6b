package login

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// meet answers a social login that no account has, where accounts come from the operator. It is noted on the request, and
// the one page says what to do, whatever addresses the provider told: none is looked up, so nothing can be learnt (L02).
func (f *flow) meet(w http.ResponseWriter, r *http.Request, id *federation.Identity) error {
	err := f.tx(r.Context(), func(db storage.Records) error {
		login := &consent.Arrived{
			Provider: id.Provider, Subject: id.Subject, Emails: user.ReportedAddresses(reported(id)), At: f.now,
		}
		if err := f.ask(r, db, f.asked, f.word, login, false); err != nil {
			return err
		}
		rec := f.event(r, audit.IDPReject, "fail", "no_account")
		rec.PersonID, rec.Actor, rec.SessionID = "", "", ""
		return db.Append(r.Context(), rec)
	})
	if err != nil && !errors.Is(err, storage.ErrConflict) { // the other tab was faster
		return err
	}
	return f.onward(w, r)
}

// stranger reports whether the request waits for the owner of a social login that no account has.
func (f *flow) stranger() bool { return f.login != nil && f.next.Outcome == acr.AskFirst }

// connection is a social login on its way to the account of its owner: from nowhere, or from the account that was made
// for it a moment ago.
type connection struct {
	consent.Arrived
	Quarantine string `json:"quarantine,omitempty"` // proof of the login, in this browser, not longer than it lasts; "" = the request is
}

// connection is the login that can be connected in this request.
func (f *flow) connection() (c connection, ok bool) {
	switch {
	case f.newcomer():
		id := f.cur.Person.Identities[0]
		return connection{consent.Arrived{Provider: id.Provider, Subject: id.Subject, Emails: id.Emails, At: f.cur.Quarantine.Created}, f.cur.Quarantine.ID}, true
	case f.login != nil:
		return connection{Arrived: *f.login}, true
	}
	return connection{}, false
}
