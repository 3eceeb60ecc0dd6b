package login

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// mayEnrol lists what the person may switch on here and now; the rule is the decision's.
func (f *flow) mayEnrol() []acr.Method {
	return acr.MayEnrol(f.Config.Policy, f.Asked, f.Current.AcrPerson(f.Config), f.Current.Evidence(), f.Now)
}

// showEnrolStart offers to switch a factor on. What has to be kept secret of it is made by the POST behind it (F13).
func (f *flow) showEnrolStart(w http.ResponseWriter, r *http.Request, offered []acr.Method, skip bool) error {
	page := &templates.EnrolStart{Page: f.page(r), Methods: methods(step.Kinds(offered)), Reason: string(f.Next.Reason), Skip: skip}
	page.Step = "enrol"
	page.Areas = f.areas(page.Lang)
	return f.Site.Render(w, r, http.StatusOK, page)
}

// enrolling is a sign-in in which a factor is switched on, with its reserve codes.
type enrolling struct{ host }

// doEnrol begins to switch a factor on. Where a code to a contact has to come first, it goes there.
func (p *Pages) doEnrol(w http.ResponseWriter, r *http.Request, f *flow) error {
	offered := f.mayEnrol()
	if len(offered) == 0 && len(f.Next.EnrolAfter) > 0 {
		return web.Redirect(w, r, f.base()+"?then=enrol", http.StatusSeeOther)
	}
	return p.second.Enrol(w, r, &enrolling{host{flow: f}}, offered)
}

// enrols answers within an enrolment.
func enrols(do func(http.ResponseWriter, *http.Request, step.Host, []acr.Method) error) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, f *flow) error {
		return do(w, r, &enrolling{host{flow: f}}, f.mayEnrol())
	}
}

// Attach gives the first answer to the sign-in.
func (h *enrolling) Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) (err error) {
	h.a, err = h.attachSecond(r, db, proof, records...)
	return err
}

// Land stays in the sign-in: reserve codes or the person's consent may still be missing.
func (h *enrolling) Land(w http.ResponseWriter, r *http.Request, _ step.Done) error {
	return h.onward(w, r)
}

// lacksCodes reports whether the person switched a factor on inside this request, proved it, and did not yet take the
// reserve codes that go with it (help promise 7). They are handed out behind that proof only.
func (f *flow) lacksCodes() bool {
	p := f.Current.Person
	if !f.Config.ReserveCodes() || f.Current.Session == nil || p.RecoveryCodes > 0 || f.Asked.Declined {
		return false
	}
	return slices.ContainsFunc(p.Factors, func(own *storage.Factor) bool {
		return !own.Disabled && !own.Created.Before(f.Row.Created) && slices.ContainsFunc(f.Current.Events, func(e acr.Event) bool {
			return e.Credential == own.ID && e.Request == f.Asked.ID
		})
	})
}

// codes answers a form about reserve codes from whoever lacks them.
func codes(do func(http.ResponseWriter, *http.Request, step.Host) error) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, f *flow) error {
		if !f.lacksCodes() {
			return f.onward(w, r)
		}
		return do(w, r, &enrolling{host{flow: f}})
	}
}
