package account

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// withContact answers a page about one of the person's contacts. It belongs to Anagrafica and opens as that does.
func (p *Pages) withContact(answer func(http.ResponseWriter, *http.Request, *visit, *storage.Contact) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		c := v.contact(r.PathValue("contact"))
		if c == nil {
			return &web.Error{Status: http.StatusNotFound, Code: "not_found"}
		}
		if d := v.decide(reading); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, "contact."+c.ID)
		}
		return answer(w, r, v, c)
	})
}

// by is who changes contacts on a visit.
func (v *visit) by(r *http.Request) contact.By {
	var via []string
	for _, e := range v.cur.Events {
		if e.Address != "" && !e.ByOwnFactor() {
			via = append(via, e.Address)
		}
	}
	return contact.By{
		Via:    via,
		Record: func(name string) *storage.Event { return v.event(r, name, audit.OK, "") },
		Notice: v.Notice, Revertible: v.Revertible, Revert: v.cfg.Contacts.Revert,
		Origin: contact.Origin(v.cfg, v.cur.Person, v.cur.Events, v.now), Client: step.Client(r), Now: v.now,
	}
}

func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, v *visit, c *storage.Contact) error {
	return p.Site.Render(w, r, http.StatusOK, v.contactPage(r, c))
}

// contactPage is the page of one contact: what it is for, and of each change whether it can be made, or why it cannot.
func (v *visit) contactPage(r *http.Request, c *storage.Contact) *templates.AccountContactPage {
	page := &templates.AccountContactPage{
		Page: v.page(r, pathContacts+"/"+c.ID), AccountContact: v.shownContact(c), Zone: v.zone(), Phone: c.Channel == "phone", Done: done(r),
	}
	can := func(wish wish, change func(*storage.Person) (contact.Change, error)) string {
		if _, err := change(v.cur.Person); err != nil {
			return refusal(err)
		}
		if v.decide(wish).Outcome == acr.Refused {
			return "alone"
		}
		return ""
	}
	page.NoPrimary = can(besides(c.ID), func(p *storage.Person) (contact.Change, error) { return contact.Primary(p, c.ID, v.now) })
	page.NoCodesWhy = can(codesWish(c, c.NoCodes), func(p *storage.Person) (contact.Change, error) {
		return contact.Codes(v.cfg, p, c.ID, c.NoCodes, v.now)
	})
	page.NoRemoval = can(besides(c.ID), func(p *storage.Person) (contact.Change, error) { return contact.Remove(v.cfg, p, c.ID, v.now) })
	return page
}

// shownContact is a contact as pages show it.
func (v *visit) shownContact(c *storage.Contact) templates.AccountContact {
	out := templates.AccountContact{
		ID: c.ID, Destination: mfa.Mask(c.Canonical), Verified: !c.VerifiedAt.IsZero(), Primary: c.Primary, NoCodes: c.NoCodes,
	}
	if contact.TakesNotices(v.cfg, c) {
		out.Notices = map[bool]string{true: "on", false: "off"}[c.Notices]
	}
	if ends := later(c.RestsUntil, v.cur.Person.RestsUntil); ends.After(v.now) {
		out.Rests = ends
		switch {
		case v.cur.Person.RestsUntil.After(v.now):
			out.Shortens = "desk"
		case out.Verified && v.decide(settling(c.ID)).Outcome != acr.Refused:
			out.Shortens = "you"
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refusal names the reason for which a contact stays as it is.
func refusal(err error) string {
	for _, why := range []struct {
		err  error
		says string
	}{
		{contact.ErrLast, "last"}, {contact.ErrMailbox, "mailbox"}, {contact.ErrFactor, "factor"}, {contact.ErrRests, "rests"},
		{contact.ErrUnverified, "unverified"}, {contact.ErrSame, "same"},
	} {
		if errors.Is(err, why.err) {
			return why.says
		}
	}
	return ""
}

// contactChange is a change of one contact that people make: its name, what it takes and what becomes of it.
type contactChange struct {
	name string
	wish func(c *storage.Contact, form url.Values) wish
	make func(v *visit, p *storage.Person, id string, form url.Values) (contact.Change, error)
}

// codesWish is what it takes to let codes go to a contact, or no more. Taking them away costs as much as taking the contact away.
func codesWish(c *storage.Contact, on bool) wish {
	if on {
		return changing
	}
	return besides(c.ID)
}

var (
	contactPrimary = contactChange{"primary",
		func(c *storage.Contact, _ url.Values) wish { return besides(c.ID) },
		func(v *visit, p *storage.Person, id string, _ url.Values) (contact.Change, error) {
			return contact.Primary(p, id, v.now)
		}}
	contactCodes = contactChange{"codes",
		func(c *storage.Contact, form url.Values) wish { return codesWish(c, form.Get("codes") == "on") },
		func(v *visit, p *storage.Person, id string, form url.Values) (contact.Change, error) {
			return contact.Codes(v.cfg, p, id, form.Get("codes") == "on", v.now)
		}}
	contactRemove = contactChange{"removed",
		func(c *storage.Contact, _ url.Values) wish { return besides(c.ID) },
		func(v *visit, p *storage.Person, id string, _ url.Values) (contact.Change, error) {
			return contact.Remove(v.cfg, p, id, v.now)
		}}
)

// changesContact answers the form of such a change: refused with the reason, else behind its fresh step, and told to all contacts.
// Two tabs that take a contact away each do not leave an account without one: the person's row moves on with each change.
func (p *Pages) changesContact(change contactChange) web.Handler {
	return p.withContact(func(w http.ResponseWriter, r *http.Request, v *visit, c *storage.Contact) error {
		form, err := web.Form(w, r)
		if err != nil {
			return err
		}
		_, err = change.make(v, v.cur.Person, c.ID, form)
		if errors.Is(err, contact.ErrSame) { // sent twice
			return onward(w, r, pathContacts+"/"+c.ID)
		}
		if err != nil {
			return v.refuseContact(w, r, c, err)
		}
		switch d := v.decide(change.wish(c, form)); d.Outcome {
		case acr.Satisfied:
		case acr.Refused:
			return v.refuseContact(w, r, c, nil)
		default:
			return v.ask(w, r, d, cmp.Or(map[bool]string{true: "besides." + c.ID}[change.wish(c, form).without != ""], "profile"))
		}
		err = p.Store.Tx(r.Context(), func(db storage.Records) error {
			row, err := db.Person(r.Context(), v.cur.Person.ID)
			if err != nil {
				return err
			}
			todo, err := change.make(v, row, c.ID, form)
			if err != nil {
				return err
			}
			before := *row
			row.Updated = v.now
			if err := db.UpdatePerson(r.Context(), row); err != nil {
				return err
			}
			return todo.Make(r.Context(), db, &before, v.by(r))
		})
		switch {
		case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrConflict), errors.Is(err, contact.ErrSame): // another tab was faster
			return onward(w, r, pathProfile)
		case refusal(err) != "":
			return v.refuseContact(w, r, c, err)
		case err != nil:
			return err
		case change.name == "removed": // second steps are void by that, and Anagrafica takes one
			return onward(w, r, pathAccount+"?done=contact")
		}
		return onward(w, r, pathContacts+"/"+c.ID+"?done="+change.name)
	})
}

// refuseContact shows the page again with why nothing changed; nil = nothing that the person has can prove it.
func (v *visit) refuseContact(w http.ResponseWriter, r *http.Request, c *storage.Contact, why error) error {
	page := v.contactPage(r, c)
	page.Error = &templates.FormError{Text: "contact_stays." + cmp.Or(refusal(why), "alone")}
	return v.Site.Render(w, r, http.StatusUnprocessableEntity, page)
}

// doSettle lets a new contact settle before its time: another one, or an own factor, that was there before vouches for it.
func (p *Pages) doSettle(w http.ResponseWriter, r *http.Request, v *visit, c *storage.Contact) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	if !c.RestsUntil.After(v.now) || c.VerifiedAt.IsZero() {
		return onward(w, r, pathContacts+"/"+c.ID)
	}
	switch d := v.decide(settling(c.ID)); d.Outcome {
	case acr.Satisfied:
	case acr.Refused:
		return v.refuseContact(w, r, c, nil)
	default:
		return v.ask(w, r, d, "settle."+c.ID)
	}
	err := p.Store.Tx(r.Context(), func(db storage.Records) error {
		if err := db.SettleContact(r.Context(), v.cur.Person.ID, c.ID, v.now); err != nil {
			return err
		}
		ev := v.event(r, audit.ContactSettled, audit.OK, c.Channel)
		ev.Detail = mfa.Detail(c.Canonical)
		if err := db.Append(r.Context(), ev); err != nil {
			return err
		}
		return v.Notice(r.Context(), db, v.cur.Person, "contact_changed", step.Client(r), v.now)
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) { // not found: another tab was faster
		return err
	}
	return onward(w, r, pathContacts+"/"+c.ID+"?done=settled")
}
