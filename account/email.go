package account

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

// purposeVerify is that of a code to an address that the account does not have yet.
const purposeVerify = "verify"

// byMail reports whether codes leave here by mail: without one no address can be verified.
func (v *visit) byMail() bool { return slices.Contains(v.cfg.Policy.Channels, acr.Email) }

// adds reports whether a contact may be added: behind a fresh step of whoever has none to change yet.
func (v *visit) adds(w http.ResponseWriter, r *http.Request, within wish, action string) (bool, error) {
	if d := v.decide(within); d.Outcome != acr.Satisfied {
		return false, v.ask(w, r, d, action)
	}
	return true, nil
}

// showNewContact is the choice between an address and a number, where there is one.
func (p *Pages) showNewContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	mail, phone := v.byMail(), len(v.byPhone()) > 0
	full := len(v.cur.Person.Contacts) >= contact.Most
	switch {
	case !mail && !phone:
		return onward(w, r, pathProfile)
	case full:
	case !phone:
		return onward(w, r, pathEmail)
	case !mail:
		return onward(w, r, pathNumber)
	}
	if ok, err := v.adds(w, r, changing, "contacts"); !ok {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, &templates.AccountNewContact{Page: v.page(r, pathContacts), Full: full})
}

// showEmail asks for an address.
func (p *Pages) showEmail(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.byMail() {
		return onward(w, r, pathProfile)
	}
	if ok, err := v.adds(w, r, changing, "email"); !ok {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, v.emailPage(r))
}

func (v *visit) emailPage(r *http.Request) *templates.AccountEmail {
	return &templates.AccountEmail{Page: v.page(r, pathEmail)}
}

// claim is the claim of this session to an address.
func (v *visit) claim() *contact.Claim {
	return &contact.Claim{
		Box: v.Box, Person: v.cur.Person, Transaction: v.cur.Session.ID + "/email",
		RestsUntil: v.now.Add(v.cfg.Contacts.Cooling), ProvedBy: contact.Origin(v.cfg, v.cur.Person, v.cur.Events, v.now), Now: v.now,
	}
}

// doEmail takes an address and sends a code there. Whether somebody has an account by it is neither looked up nor told, and how
// much mail strangers can have us send to it is bounded (contact.Claim.Put).
func (p *Pages) doEmail(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if !v.byMail() {
		return onward(w, r, pathProfile)
	}
	if ok, err := v.adds(w, r, changing, "email"); !ok {
		return err
	}
	typed := user.Trim(form.Get("email"))
	address, err := user.Email(typed)
	if err != nil {
		return v.refuseEmail(w, r, typed, http.StatusUnprocessableEntity, "bad_email", nil)
	}
	known := func(c *storage.Contact) bool { return c.Channel == "email" && c.Canonical == address.Canonical() }
	at := slices.IndexFunc(v.cur.Person.Contacts, known)
	switch {
	case at >= 0 && !v.cur.Person.Contacts[at].VerifiedAt.IsZero():
		return v.refuseEmail(w, r, typed, http.StatusUnprocessableEntity, "contact_known", nil)
	case at < 0 && len(v.cur.Person.Contacts) >= contact.Most:
		return v.refuseEmail(w, r, typed, http.StatusUnprocessableEntity, "contact_full", map[string]any{"Count": contact.Most})
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		if err := v.claim().Put(r.Context(), db, address, v.now.Add(3*fresh)); err != nil {
			return err
		}
		asked := v.event(r, audit.ContactRequested, audit.OK, string(acr.Email))
		asked.Detail = mfa.Detail(address.String())
		if err := db.Append(r.Context(), asked); err != nil {
			return err
		}
		h := v.claiming(v.claim().Of(address))
		return p.second.SendIn(r, db, h, h.way())
	})
	var wait *mfa.Wait
	switch {
	case errors.As(err, &wait) && wait.Limit == "resend": // the code that is on its way there is still good
		if c, err := v.claim().Load(r.Context(), p.Store); err == nil && c != nil && c.Canonical == address.Canonical() {
			return onward(w, r, pathEmail+"/code")
		}
		fallthrough
	case errors.As(err, &wait):
		seconds := web.Seconds(wait.Until.Sub(v.now))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return v.refuseEmail(w, r, typed, http.StatusTooManyRequests, templates.TooSoon(wait.Limit != "resend"), map[string]any{"Seconds": seconds})
	case err != nil:
		return err
	}
	return onward(w, r, pathEmail+"/code")
}

func (v *visit) refuseEmail(w http.ResponseWriter, r *http.Request, typed string, status int, text string, args map[string]any) error {
	page := v.emailPage(r)
	page.Address, page.Error = typed, &templates.FormError{Field: "email", Text: text, Args: args}
	return v.Site.Render(w, r, status, page)
}

// claiming is a visit that waits for the code to a claimed address. The right one makes it a contact and is no step of anything:
// an address that came a moment ago opens nothing.
type claiming struct {
	host
	c *storage.Contact
}

func (v *visit) claiming(c *storage.Contact) *claiming { return &claiming{host{visit: v}, c} }

func (h *claiming) way() acr.Option { return acr.Option{Method: acr.Email, Credential: h.c.ID} }

func (h *claiming) Ways() []acr.Option { return []acr.Option{h.way()} }

func (h *claiming) By(*http.Request, acr.Option) string { return pathEmail + "/code" }

// Try asks as if the account had the address already.
func (h *claiming) Try(r *http.Request) mfa.Try {
	t := h.host.Try(r)
	person := *h.cur.Person
	person.Contacts = append(slices.DeleteFunc(slices.Clone(person.Contacts), func(c *storage.Contact) bool { return c.ID == h.c.ID }), h.c)
	t.Person, t.Purpose, t.Transaction = &person, purposeVerify, h.claim().Transaction
	return t
}

func (h *claiming) Page(r *http.Request) templates.Page {
	page := h.page(r, pathEmail)
	page.Self = pathEmail + "/code"
	return page
}

func (h *claiming) Dress(_ *http.Request, page any) {
	if page, ok := page.(*templates.CodePage); ok {
		page.Destination, page.Typed, page.Reason = h.c.Address, true, "verify_email"
		page.Others = []templates.Way{{Value: "new", Method: "contact"}}
	}
}

// Attach makes the address a contact and tells the others. The records of a second step are left out: it was none.
func (h *claiming) Attach(r *http.Request, db storage.Records, _ acr.Event, _ ...*storage.Event) error {
	change, err := h.claim().Prove(r.Context(), db, h.c)
	if err != nil {
		return err
	}
	done := h.event(r, audit.ContactDone, audit.OK, string(acr.Email))
	done.Detail = mfa.Detail(h.c.Address)
	if err := db.Append(r.Context(), done); err != nil {
		return err
	}
	return change.Make(r.Context(), db, h.cur.Person, h.by(r))
}

func (h *claiming) Keep(http.ResponseWriter, *http.Request) {}

func (h *claiming) Land(w http.ResponseWriter, r *http.Request, _ step.Done) error {
	return onward(w, r, pathProfile+"?done=email")
}

func (h *claiming) Again(w http.ResponseWriter, r *http.Request) error {
	return onward(w, r, pathProfile)
}

// claims answers a page about the code to a claimed address. The step behind it may be as old as it takes to find the mail.
func (p *Pages) claims(do func(http.ResponseWriter, *http.Request, step.Asking) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if ok, err := v.adds(w, r, finishing(changing), "email"); !ok {
			return err
		}
		c, err := v.claim().Load(r.Context(), p.Store)
		switch {
		case err != nil:
			return err
		case c == nil:
			return onward(w, r, pathProfile)
		}
		return do(w, r, v.claiming(c))
	})
}

func (p *Pages) showEmailCode(w http.ResponseWriter, r *http.Request, h step.Asking) error {
	return p.second.Await(w, r, h, h.Ways()[0])
}

// doOtherEmail goes back to the form for an address that was mistyped.
func (p *Pages) doOtherEmail(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return onward(w, r, pathEmail)
}

// doCancelEmail leaves it; the claim is worth nothing and is swept.
func (p *Pages) doCancelEmail(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return onward(w, r, pathProfile)
}
