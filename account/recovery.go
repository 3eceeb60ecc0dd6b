package account

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// mayRenew: reserve codes stand in for a factor, so there must be one.
func (v *visit) mayRenew() bool {
	return v.cfg.ReserveCodes() && slices.ContainsFunc(v.cur.Person.Factors, func(f *storage.Factor) bool { return !f.Disabled })
}

// handing is the wish of who gets reserve codes. The first ones take nothing away; they rest with the factor they came with.
func (v *visit) handing() wish {
	w := owning
	w.strong = v.cur.Person.RecoveryCodes > 0
	return w
}

// codes answers a form about reserve codes, behind the factor they stand in for.
func (p *Pages) codes(finish bool, do func(http.ResponseWriter, *http.Request, step.Host) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if !v.mayRenew() {
			return onward(w, r, pathFactors)
		}
		within := v.handing()
		if finish {
			within = finishing(within)
		}
		if d := v.decide(within); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, "recovery")
		}
		return do(w, r, &enrolling{host{visit: v}})
	})
}
