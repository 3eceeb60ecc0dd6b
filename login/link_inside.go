package login

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// linkInside gives a social login to the account from whose area its owner went to the provider. It signs nobody in. Whoever
// sits there now must still be that person, with the second step that the area asked for a moment ago ([acr.Connects]); a login
// that another account has is not moved, and whose it is is not told (L02). The session gets a new secret, as by every change of
// what opens the account, and one that ended in this moment links nothing.
func (f *flow) linkInside(w http.ResponseWriter, r *http.Request, id *federation.Identity) error {
	cur := f.Held
	if !cur.SignedIn() || cur.Person.ID != f.Answer.Link {
		return web.ErrOtherAccount
	}
	if !acr.Connects(f.Config.Policy, f.Asked, cur.AcrPerson(f.Config), cur.Evidence(), f.Now) {
		return f.onward(w, r) // the area asks again
	}
	emails := user.ReportedAddresses(reported(id))
	var a attached
	err := f.tx(r.Context(), func(db storage.Records) error {
		a = attached{expires: cur.Session.Expires}
		if err := db.ReportAddresses(r.Context(), id.Provider, id.Subject, emails...); err != nil {
			return err
		}
		switch has, err := db.PersonByIdentity(r.Context(), id.Provider, id.Subject); {
		case err == nil && has.ID == cur.Person.ID:
			return nil
		case err != nil && !errors.Is(err, storage.ErrNotFound):
			return err
		}
		person, err := db.Person(r.Context(), cur.Person.ID)
		if err != nil {
			return err
		}
		linked := connection{Arrived: request.Arrived{Provider: id.Provider, Subject: id.Subject, Emails: emails, At: f.Now}}
		if err := f.connect(r, db, person, linked); err != nil {
			return err
		}
		a.cookie, err = cur.Renew(r.Context(), db, f.limits(), f.Now) // last, as whoever ends sessions: so two never wait for each other
		return err
	})
	if errors.Is(err, errElsewhere) {
		return f.refuseConnect(r)
	}
	if errors.Is(err, storage.ErrConflict) { // another tab was faster
		return f.onward(w, r)
	}
	if err != nil {
		return err
	}
	f.keep(w, a)
	return f.onward(w, r)
}
