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

// A factor is swapped for one of another method without a moment in which the person has none (help page of 2025, G12). The
// old one is asked for first, and stays as it is until the new one is proved; one transaction then takes it away, and every
// session with it. Between the two there is nothing to be left behind: the pending row says whose place it takes, is good for
// that swap only, and is swept away unused.

// swapping is the wish behind every page of a swap of one factor: that factor itself, or a reserve code in its place, asked
// for by this swap and given a moment ago.
func swapping(factor string) wish {
	return wish{maxAge: fresh, ownFactor: true, only: factor, act: "swap." + factor}
}

// swap is a factor that takes the place of another.
type swap struct {
	host
	old      *storage.Factor
	evidence acr.Evidence
	to       []acr.Method // what it may be swapped for
	with     acr.Method   // what it was swapped for
}

// swaps answers a page of a swap, once the old factor is proved. A factor that may not go is told of before its code is asked
// for: a reserve code would be used up for nothing.
func (p *Pages) swaps(within func(wish) wish, answer func(http.ResponseWriter, *http.Request, *swap) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		old := v.factor(r.PathValue("factor"))
		if old == nil {
			return &web.Error{Status: http.StatusNotFound, Code: "not_found"}
		}
		wanted := within(swapping(old.ID))
		s := &swap{host: host{visit: v}, old: old, evidence: v.evidence(wanted), to: v.addable()}
		if ok, err := v.swappable(r, old); !ok || len(s.to) == 0 {
			return orFactors(w, r, err)
		}
		if d := v.decide(wanted); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, wanted.act)
		}
		return answer(w, r, s)
	})
}

// asIs is the wish as it stands.
func asIs(w wish) wish { return w }

// swappable reports whether a factor may be swapped away: not while it takes no codes. Whoever made it so, by guessing, may
// hold a reserve code too.
func (v *visit) swappable(r *http.Request, f *storage.Factor) (bool, error) {
	until, err := v.paused(r, acr.Method(f.Method), f.ID)
	return err == nil && until.IsZero() && !f.Disabled, err
}

// orFactors is the answer where there is nothing to do: the page that says how the factors are, unless something broke.
func orFactors(w http.ResponseWriter, r *http.Request, err error) error {
	if err != nil {
		return err
	}
	return onward(w, r, pathFactors)
}

func (s *swap) base() string { return pathFactors + "/" + s.old.ID + "/swap" }

// costsPassword reports whether a method takes the password: what is sent to a telephone number is got by whoever gets the
// number, so it does not take the place of an app on the app's word alone.
func (s *swap) costsPassword(m acr.Method) bool {
	return s.cur.Person.PasswordHash != "" && m.Facts().Contact != "" && acr.Method(s.old.Method).Facts().Contact == ""
}

// showSwap says what the old factor is swapped for, and that it stays until then.
func (p *Pages) showSwap(w http.ResponseWriter, r *http.Request, s *swap) error {
	page := &templates.AccountSwap{Page: s.page(r, s.base()), Method: s.old.Method, Keep: pathNew}
	for _, m := range step.Kinds(s.to) {
		page.To = append(page.To, string(m))
	}
	return p.Site.Render(w, r, http.StatusOK, page)
}

// doSwap begins the new factor. A number is begun by the form that brings it, and that is the one with the password.
func (p *Pages) doSwap(w http.ResponseWriter, r *http.Request, s *swap) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	m := acr.Method(form.Get("method"))
	if !slices.Contains(s.to, m) {
		return onward(w, r, s.base())
	}
	if (form.Has("number") || form.Has("contact")) && s.costsPassword(m) {
		if err := s.password(r, form); err != nil {
			return s.refusePassword(w, r, err, func(wrong *templates.FormError, wait int) any {
				page := p.second.NumberPage(r, s, m)
				page.Error, page.RetryIn = wrong, wait
				return page
			})
		}
	}
	return p.second.Enrol(w, r, s, s.to)
}

// enrolsTo answers the other forms and pages of the new factor.
func enrolsTo(do func(http.ResponseWriter, *http.Request, step.Host, []acr.Method) error) func(http.ResponseWriter, *http.Request, *swap) error {
	return func(w http.ResponseWriter, r *http.Request, s *swap) error { return do(w, r, s, s.to) }
}

func (s *swap) At() step.At {
	at := s.host.At()
	at.Swap = &step.Swap{Old: s.old, Evidence: s.evidence}
	return at
}

func (s *swap) Page(r *http.Request) templates.Page { return s.page(r, s.base()) }

func (s *swap) Dress(r *http.Request, page any) {
	s.host.Dress(r, page)
	if page, ok := page.(*templates.EnrolNumber); ok {
		page.Password = s.costsPassword(acr.Method(page.Method))
	}
}

// Attach ends every session: the proof of the new factor opens none of them again.
func (s *swap) Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) error {
	s.with = proof.Method
	if err := s.endAll(r, db, "factor_swapped"); err != nil {
		return err
	}
	return db.Append(r.Context(), records...)
}

func (s *swap) Keep(w http.ResponseWriter, r *http.Request) { s.signedOut(w, r) }

func (s *swap) Land(w http.ResponseWriter, r *http.Request, _ step.Done) error {
	return onward(w, r, pathDoor+"?done=swapped&by="+string(s.with))
}
