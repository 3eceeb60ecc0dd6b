package login

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// meet answers a social login that no account has, where accounts come from the operator. It is noted on the request, and
// the one page says what to do, whatever addresses the provider told: none is looked up, so nothing can be learnt (L02).
func (f *flow) meet(w http.ResponseWriter, r *http.Request, id *federation.Identity) error {
	err := f.tx(r.Context(), func(db storage.Records) error {
		login := &request.Arrived{
			Provider: id.Provider, Subject: id.Subject, Emails: user.ReportedAddresses(reported(id)), At: f.Now,
		}
		// Whoever gets the login later must not shorten what is known of it (Q62).
		if err := db.ReportAddresses(r.Context(), id.Provider, id.Subject, login.Emails...); err != nil {
			return err
		}
		if err := f.Save(r.Context(), db, false, func(o *request.Open) { o.Arrived = login }); err != nil {
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

// doApart goes on with an account of its own.
func (p *Pages) doApart(w http.ResponseWriter, r *http.Request, f *flow) error {
	if !f.Newcomer() {
		return f.onward(w, r)
	}
	err := p.tx(r.Context(), func(db storage.Records) error {
		return f.Save(r.Context(), db, true, func(o *request.Open) { o.Apart = true })
	})
	if err != nil && !errors.Is(err, storage.ErrConflict) { // the other tab was faster
		return err
	}
	return f.onward(w, r)
}

// connection is a social login on its way to the account of its owner: from nowhere, or from the account that was made
// for it a moment ago.
type connection struct {
	request.Arrived
	Quarantine string `json:"quarantine,omitempty"` // proof of the login, in this browser, not longer than it lasts; "" = the request is
}

// connection is the login that can be connected in this request.
func (f *flow) connection() (c connection, ok bool) {
	switch {
	case f.Newcomer():
		id := f.Current.Person.Identities[0]
		return connection{request.Arrived{Provider: id.Provider, Subject: id.Subject, Emails: id.Emails, At: f.Current.Quarantine.Created}, f.Current.Quarantine.ID}, true
	case f.Arrived != nil:
		return connection{Arrived: *f.Arrived}, true
	}
	return connection{}, false
}
