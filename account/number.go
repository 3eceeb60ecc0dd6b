package account

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// proving is a visit in which a number is verified as a contact, as the contacts' page does it: nothing is switched on by it.
type proving struct{ host }

// byPhone are the channels that reach a number here. WhatsApp is not the first where nobody chose it.
func (v *visit) byPhone() []acr.Method {
	all := slices.DeleteFunc(slices.Clone(v.cfg.Policy.Channels), func(m acr.Method) bool { return !m.ByPhone() })
	slices.SortStableFunc(all, func(a, b acr.Method) int {
		if a != acr.WhatsApp && b == acr.WhatsApp {
			return -1
		}
		return 0
	})
	return all
}

// proves answers a page or form about that. It is a change of the contacts like any other.
func (p *Pages) proves(within wish, do func(http.ResponseWriter, *http.Request, step.Host, []acr.Method) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		offered := v.byPhone()
		if len(offered) == 0 {
			return onward(w, r, pathProfile)
		}
		onFile := func(c *storage.Contact) bool { return c.Channel == "phone" && c.VerifiedAt.IsZero() }
		if all := v.cur.Person.Contacts; len(all) >= contact.Most && !slices.ContainsFunc(all, onFile) {
			return onward(w, r, pathContacts+"/new") // which says so
		}
		if d := v.decide(within); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, "number")
		}
		return do(w, r, &proving{host{visit: v}}, offered)
	})
}

func (h *proving) At() step.At {
	at := h.host.At()
	at.Contact = true
	return at
}

func (h *proving) Page(r *http.Request) templates.Page { return h.page(r, pathNumber) }

func (h *proving) Land(w http.ResponseWriter, r *http.Request, done step.Done) error {
	return onward(w, r, pathProfile+"?done="+string(done))
}

func (h *proving) Again(w http.ResponseWriter, r *http.Request) error {
	return onward(w, r, pathNumber)
}

// doCancelNumber leaves it.
func (p *Pages) doCancelNumber(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return onward(w, r, pathProfile)
}
