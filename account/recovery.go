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

// handed is the wish of who types one of them back.
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
