package people

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// tries is how often a change is tried that meets another one.
const tries = 3

// create answers POST: a person that is not there yet. The external id stands in the document.
func (a *API) create(w http.ResponseWriter, r *http.Request, c *call) error {
	in, err := members(r, "application/json")
	if err != nil {
		return err
	}
	var id string
	if raw, ok := in["external_id"]; !ok || take(raw, &id) != nil {
		return invalid(fault{"/external_id", "The external id is missing, or no text."})
	}
	delete(in, "external_id")
	var d draft
	if err := a.fill(c, &d, id, in); err != nil {
		return err
	}
	p, err := a.add(r.Context(), c, id, d)
	if err != nil {
		return err
	}
	return a.created(w, p)
}

func (a *API) created(w http.ResponseWriter, p *storage.Person) error {
	w.Header().Set("Location", "/api/people/"+url.PathEscape(p.ExternalID))
	return show(w, http.StatusCreated, p)
}

// fill reads a document into a draft and checks the whole.
func (a *API) fill(c *call, d *draft, externalID string, in map[string]json.RawMessage) error {
	faults := d.apply(in)
	if len(faults) == 0 {
		faults = d.check(c.cfg)
	}
	if !idText(externalID) {
		faults = append(faults, fault{"/external_id", "An external id has 1 to 128 letters, digits and . _ ~ : @ -"})
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

// idText reports whether s can be an external id: it stands in paths and logs.
func idText(s string) bool {
	return s != "" && len(s) <= 128 && s != "." && s != ".." && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._~:@-", r))
	})
}

// put answers PUT: afterwards the person is as the document says, whether it was there or not. Said twice, it is done
// once (RFC 9110 §9.3.4).
func (a *API) put(w http.ResponseWriter, r *http.Request, c *call) error {
	in, err := members(r, "application/json")
	if err != nil {
		return err
	}
	id := r.PathValue("external_id")
	var d draft
	if err := a.fill(c, &d, id, in); err != nil {
		return err
	}
	for range tries {
		p, err := a.Store.PersonByExternalID(r.Context(), id)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		if !expected(r, p) {
			return errStale
		}
		if p == nil {
			if p, err = a.add(r.Context(), c, id, d); err == nil {
				return a.created(w, p)
			}
			if err != errExists { // exists: another call was faster
				return err
			}
			continue
		}
		wanted := d
		if _, said := in["disabled"]; !said {
			wanted.Disabled = p.Disabled // a nightly PUT of everybody must not let in whom the help desk locked out
		}
		if _, said := in["groups"]; !said {
			wanted.Groups = p.Groups // … nor take the floor of a group from people, by a program that knows of no groups
		}
		if p, err = a.change(r.Context(), c, p, wanted); err == nil {
			return show(w, http.StatusOK, p)
		}
		if !errors.Is(err, storage.ErrConflict) {
			return err
		}
	}
	return errMoved
}

// patch answers PATCH: a merge patch (RFC 7396); what it does not name stays.
func (a *API) patch(w http.ResponseWriter, r *http.Request, c *call) error {
	in, err := members(r, "application/merge-patch+json", "application/json")
	if err != nil {
		return err
	}
	for range tries {
		p, err := a.person(r)
		if err != nil {
			return err
		}
		if !expected(r, p) {
			return errStale
		}
		d, err := draftOf(p)
		if err != nil {
			return err
		}
		if err := a.fill(c, &d, p.ExternalID, in); err != nil {
			return err
		}
		if p, err = a.change(r.Context(), c, p, d); err == nil {
			return show(w, http.StatusOK, p)
		}
		if !errors.Is(err, storage.ErrConflict) {
			return err
		}
	}
	return errMoved
}

// add makes the account and mails the link for the first password.
func (a *API) add(ctx context.Context, c *call, externalID string, d draft) (*storage.Person, error) {
	made := user.New{
		Username: d.Username, CustomerNumber: d.CustomerNumber, ExternalID: externalID, Groups: d.Groups, Locale: d.Locale,
		Profile: d.Profile, Phones: d.Phones, Now: c.now,
	}
	for _, address := range d.Emails {
		made.Emails = append(made.Emails, user.NewEmail{Address: address})
	}
	var p *storage.Person
	err := a.Store.Tx(ctx, func(db storage.Records) (err error) {
		if p, err = a.desk(c).Create(ctx, db, made); err != nil {
			return err
		}
		// What user.New does not know: an account has these only here.
		p.BillingProfile, p.Disabled = d.BillingProfile, d.Disabled
		if err := db.UpdatePerson(ctx, p); err != nil {
			return err
		}
		if p, err = db.Person(ctx, p.ID); err != nil {
			return err
		}
		if p.Disabled || len(d.Emails) == 0 {
			return nil
		}
		return a.desk(c).Invites(ctx, db, p, c.now)
	})
	if !errors.Is(err, storage.ErrConflict) {
		return p, err
	}
	switch _, err := a.Store.PersonByExternalID(ctx, externalID); {
	case err == nil:
		return nil, errExists
	case errors.Is(err, storage.ErrNotFound):
		return nil, errUsername
	default:
		return nil, err
	}
}

// change makes p what the draft says; storage.ErrConflict when somebody else changed it meanwhile. Nothing is written
// when nothing differs.
func (a *API) change(ctx context.Context, c *call, p *storage.Person, d draft) (*storage.Person, error) {
	next, err := d.onto(p)
	if err != nil {
		return nil, err
	}
	// An address added to an account that is in use opens nothing sensitive for a while, whoever filed it (docs/security.md,
	// numbers).
	fresh := c.now.Add(c.cfg.Contacts.Cooling)
	addresses := contact.Compare(p, d.wanted(), fresh, c.now)
	if next == nil && addresses.Empty() {
		return p, nil
	}
	if next == nil {
		same := *p
		next = &same
	}
	next.Updated = c.now
	err = a.Store.Tx(ctx, func(db storage.Records) error {
		who, err := db.PersonByUsername(ctx, next.Canonical)
		if err == nil && who.ID != p.ID {
			return errUsername
		}
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		row := *next // the transaction may be run again
		if err := db.UpdatePerson(ctx, &row); err != nil {
			return err
		}
		whole, err := db.Person(ctx, p.ID) // an address may have been proved since
		if err != nil {
			return err
		}
		addresses = contact.Compare(whole, d.wanted(), fresh, c.now)
		by := contact.By{Record: func(name string) *storage.Event { return c.event(ctx, name, p) }, Notice: a.Notice, Now: c.now}
		if err := addresses.Make(ctx, db, whole, by); err != nil {
			return err
		}
		ev := c.event(ctx, audit.PersonUpdated, p)
		ev.Detail = desk.GroupsDetail(p.Groups, next.Groups)
		if next.Disabled && !p.Disabled {
			if err := a.desk(c).Locked(ctx, db, p, "disabled", c.now); err != nil || ev.Detail == nil {
				return err
			}
		}
		return db.Append(ctx, ev)
	})
	if err != nil {
		return nil, err
	}
	return a.Store.Person(ctx, p.ID)
}

// wanted are the addresses of a checked draft.
func (d *draft) wanted() contact.Wanted {
	return contact.Wanted{Emails: d.Emails, Phones: d.Phones, Gone: d.gone}
}

// onto is the person's row after the draft; nil when it is the same.
func (d *draft) onto(p *storage.Person) (*storage.Person, error) {
	profile, err := user.ParseProfile(p.Profile)
	if err != nil {
		return nil, err
	}
	next, same := *p, profile.Equal(d.Profile)
	if !same {
		next.Profile = d.Profile.JSON()
	}
	if next.Canonical, err = user.CanonicalUsername(d.Username); err != nil {
		return nil, err
	}
	next.Username = user.Trim(d.Username)
	next.CustomerNumber, next.BillingProfile, next.Locale, next.Disabled = d.CustomerNumber, d.BillingProfile, d.Locale, d.Disabled
	next.Groups = user.SortedGroups(d.Groups)
	if same && slices.Equal(next.Groups, p.Groups) && next.Username == p.Username && next.CustomerNumber == p.CustomerNumber &&
		next.BillingProfile == p.BillingProfile && next.Locale == p.Locale && next.Disabled == p.Disabled {
		return nil, nil
	}
	return &next, nil
}

// desk does to a person what the operator's system says.
func (a *API) desk(c *call) *desk.Desk {
	return &desk.Desk{By: desk.By{Actor: c.client, Client: c.client}, Notice: a.Notice, Invite: a.Invite}
}

// event is the record of a change: who did it to whom. What changed is in the operator's own system.
func (c *call) event(ctx context.Context, name string, p *storage.Person) *storage.Event {
	ev := audit.From(ctx).Event(name, audit.OK, "")
	ev.At, ev.Actor, ev.ClientID, ev.PersonID = c.now, c.client, c.client, p.ID
	return ev
}
