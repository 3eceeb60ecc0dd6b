package account

import (
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// doNotices lets security notices go to one of the person's numbers, or no more. It takes the fresh step of every change of the
// contacts: a thief would like it quiet. The mailboxes get them in any case.
func (p *Pages) doNotices(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	on := form.Get("notices") == "on"
	at := slices.IndexFunc(v.cur.Person.Contacts, func(c *storage.Contact) bool { return c.ID == form.Get("contact") })
	if at < 0 || !contact.TakesNotices(v.cfg, v.cur.Person.Contacts[at]) || v.cur.Person.Contacts[at].Notices == on {
		return onward(w, r, pathProfile)
	}
	if d := v.decide(changing); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "notices")
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		if err := db.SetNotices(r.Context(), v.cur.Person.ID, form.Get("contact"), on); err != nil {
			return err
		}
		if err := db.Append(r.Context(), v.event(r, audit.ContactNotices, audit.OK, map[bool]string{true: "on", false: "off"}[on])); err != nil {
			return err
		}
		return v.Notice(r.Context(), db, v.cur.Person, "contact_changed", step.Client(r), v.now)
	})
	if errors.Is(err, storage.ErrNotFound) { // it was removed elsewhere meanwhile
		return onward(w, r, pathProfile)
	}
	if err != nil {
		return err
	}
	return onward(w, r, pathProfile+"?done=notices")
}
