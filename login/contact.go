package login

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// purposeVerify is the purpose of a code that goes to an address the account does not have yet.
const purposeVerify = "verify"

// unproved reports whether the newcomer has yet to show that they read an address that the provider reported. A code there is
// no second step, but tells whether another account is theirs.
func (f *flow) unproved(address string) bool {
	return slices.Contains(f.Current.Person.Identities[0].Emails, address) && !slices.ContainsFunc(f.Current.Person.Contacts, func(c *storage.Contact) bool {
		return c.Canonical == address && !c.VerifiedAt.IsZero()
	})
}

// claim is this person's claim to an address in this request. It does not rest once it is proved: the account has nothing yet
// that a fresh address could open.
func (f *flow) claim() *contact.Claim {
	return &contact.Claim{Box: f.Box, Person: f.Current.Person, Transaction: f.transaction(), Now: f.Now}
}

// verifying is a newcomer's sign-in that waits for the code to a claimed address.
type verifying struct {
	host
	c *storage.Contact
}

func (f *flow) verifying(c *storage.Contact) *verifying { return &verifying{host{flow: f}, c} }

func (h *verifying) way() acr.Option { return acr.Option{Method: acr.Email, Credential: h.c.ID} }

func (h *verifying) Ways() []acr.Option { return []acr.Option{h.way()} }

func (h *verifying) By(*http.Request, acr.Option) string { return h.base() + "/contact" }

// Try asks as if the account had the claimed address already.
func (h *verifying) Try(r *http.Request) mfa.Try {
	t := h.host.Try(r)
	person := *h.Current.Person
	person.Contacts = append(slices.Clone(person.Contacts), h.c)
	t.Person, t.Purpose = &person, purposeVerify
	return t
}

// Page has its forms under /contact.
func (h *verifying) Page(r *http.Request) templates.Page {
	page := h.page(r)
	page.Request, page.Self = h.base()+"/contact", h.base()+"/contact"
	return page
}

func (h *verifying) Dress(r *http.Request, page any) {
	h.host.Dress(r, page)
	if page, ok := page.(*templates.CodePage); ok {
		page.Destination, page.Typed, page.Areas, page.Holds, page.Enrol = h.c.Address, true, nil, "", nil
		page.Others = []templates.Way{{Value: "new", Method: "contact"}}
	}
}

// Attach makes the address a verified contact: the right code is the second step.
func (h *verifying) Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) error {
	proved, err := h.claim().Prove(r.Context(), db, h.c)
	if err != nil {
		return err
	}
	if err := proved.Keep(r.Context(), db); err != nil {
		return err
	}
	done := h.event(r, audit.ContactDone, audit.OK, string(acr.Email))
	done.Detail = mfa.Detail(h.c.Address)
	return h.host.Attach(r, db, proof, append([]*storage.Event{done}, records...)...)
}

// claimedBy answers a form about the code to the claimed address.
func claimedBy(do func(http.ResponseWriter, *http.Request, step.Asking) error) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, f *flow) error {
		if !f.AsksContact() {
			return f.onward(w, r)
		}
		c, err := f.claim().Load(r.Context(), f.Store)
		switch {
		case err != nil:
			return err
		case c == nil:
			return f.onward(w, r)
		}
		return do(w, r, f.verifying(c))
	}
}

// showContact asks for an address, or for the code that went there; "new" asks for another one.
func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, f *flow) error {
	if !f.AsksContact() {
		return f.onward(w, r)
	}
	c, err := f.claim().Load(r.Context(), f.Store)
	if err != nil {
		return err
	}
	if c == nil || r.URL.Query().Has("new") {
		return f.Site.Render(w, r, http.StatusOK, f.contactPage(r))
	}
	h := f.verifying(c)
	return p.second.Await(w, r, h, h.way())
}

func (f *flow) contactPage(r *http.Request) *templates.AskContact {
	page := &templates.AskContact{Page: f.page(r), Provider: f.provider(), Connect: f.connectPath(), Enrol: methods(step.Kinds(f.mayEnrol()))}
	page.Step = "contact"
	return page
}

// doContact takes an address and sends a code there. Whether somebody has an account by it is neither looked up nor told.
func (p *Pages) doContact(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if !f.AsksContact() {
		return f.onward(w, r)
	}
	typed := user.Trim(form.Get("email"))
	address, err := user.Email(typed)
	canonical := address.Canonical()
	if err != nil {
		return f.refuseContact(w, r, typed, http.StatusUnprocessableEntity, "bad_email", nil)
	}
	if !f.Counts(canonical) && !f.unproved(canonical) {
		return f.refuseContact(w, r, typed, http.StatusUnprocessableEntity, "contact_reported", map[string]any{"Provider": f.provider(), "App": slices.Contains(f.mayEnrol(), acr.TOTP)})
	}
	err = p.tx(r.Context(), func(db storage.Records) error {
		if err := f.claim().Put(r.Context(), db, address, f.Current.Quarantine.Expires); err != nil {
			return err
		}
		if err := f.Proved(r.Context(), db); err != nil {
			return err
		}
		asked := f.event(r, audit.ContactRequested, audit.OK, string(acr.Email))
		asked.Detail = mfa.Detail(address.String())
		if err := db.Append(r.Context(), asked); err != nil {
			return err
		}
		return f.sendClaimed(r, db, f.claim().Of(address))
	})
	var wait *mfa.Wait
	switch {
	case errors.As(err, &wait) && wait.Limit == "resend": // the code that is on its way there is still good
		if c, err := f.claim().Load(r.Context(), f.Store); err == nil && c != nil && c.Canonical == canonical {
			return web.Redirect(w, r, f.base()+"/contact", http.StatusSeeOther)
		}
		fallthrough
	case errors.As(err, &wait):
		n := web.Seconds(wait.Until.Sub(f.Now))
		w.Header().Set("Retry-After", strconv.Itoa(n))
		return f.refuseContact(w, r, typed, http.StatusTooManyRequests, templates.TooSoon(wait.Limit != "resend"), map[string]any{"Seconds": n})
	case err != nil:
		return err
	}
	return web.Redirect(w, r, f.base()+"/contact", http.StatusSeeOther)
}

func (f *flow) refuseContact(w http.ResponseWriter, r *http.Request, typed string, status int, text string, args map[string]any) error {
	page := f.contactPage(r)
	page.Address, page.Error = typed, &templates.FormError{Field: "email", Text: text, Args: args}
	return f.Site.Render(w, r, status, page)
}

// sendClaimed sends the code to a claimed address.
func (f *flow) sendClaimed(r *http.Request, db storage.Records, c *storage.Contact) error {
	h := f.verifying(c)
	return f.second.SendIn(r, db, h, h.way())
}

// doContactOther goes back to the form for an address that was mistyped.
func (p *Pages) doContactOther(w http.ResponseWriter, r *http.Request, f *flow) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	return web.Redirect(w, r, f.base()+"/contact?new", http.StatusSeeOther)
}
