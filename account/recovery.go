package account

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// mayRenew reports whether there is a factor for reserve codes to stand in for.
func (v *visit) mayRenew() bool {
	return v.cfg.ReserveCodes() && slices.ContainsFunc(v.cur.Person.Factors, func(f *storage.Factor) bool { return !f.Disabled })
}

// showRecovery is where a sign-in leads after which reserve codes are missing. They are made by the form on it, never by a GET.
func (p *Pages) showRecovery(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.mayRenew() || v.cur.Person.RecoveryCodes > 0 {
		return onward(w, r, pathFactors)
	}
	return p.Site.Render(w, r, http.StatusOK, &templates.RecoveryStart{Page: v.page(r, pathFactors)})
}

// handing is the wish of the form that hands out reserve codes. New ones replace others, so that takes a factor that does not
// rest; the first ones replace nothing.
func (v *visit) handing() wish {
	w := owning
	w.notResting = v.cur.Person.RecoveryCodes > 0
	return w
}

// handed is the wish of the form in which one of them is typed back.
func (v *visit) handed() wish { return finishing(v.handing()) }

// codes answers a form about reserve codes, behind the factor they stand in for.
func (p *Pages) codes(within func(*visit) wish, do func(http.ResponseWriter, *http.Request, step.Host) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if !v.mayRenew() {
			return onward(w, r, pathFactors)
		}
		if d := v.decide(within(v)); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, "recovery")
		}
		return do(w, r, &enrolling{host{visit: v}})
	})
}
