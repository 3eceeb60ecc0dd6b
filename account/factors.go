package account

import (
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showFactors lists the own factors.
func (p *Pages) showFactors(w http.ResponseWriter, r *http.Request, v *visit) error {
	out := &templates.AccountFactors{Page: v.page(r, pathFactors), Recovery: v.cur.Person.RecoveryCodes, Zone: v.zone(), Done: done(r)}
	out.Password, out.Contacts = v.cur.Person.PasswordHash != "", v.reachable()
	for _, f := range v.cur.Person.Factors {
		paused, err := v.paused(r, acr.Method(f.Method), f.ID)
		if err != nil {
			return err
		}
		out.Factors = append(out.Factors, templates.AccountFactor{
			ID: f.ID, Method: f.Method, Label: f.Label, Number: mfa.Mask(f.Address), Channels: f.Channels, Created: f.Created, LastUsed: f.LastUsed, Disabled: f.Disabled, Paused: paused,
			Channel: string(v.otherChannel(f)),
		})
	}
	out.Renew, out.Phone, out.PhoneVerified = v.mayRenew(), slices.ContainsFunc(v.cfg.Policy.Enrollable, acr.Method.ByPhone), v.hasNumber()
	if !v.cfg.Policy.EverySignIn && len(out.Factors) > 0 {
		out.Every = map[bool]string{true: "on", false: "off"}[v.cur.Person.EverySignIn]
	}
	var err error
	if out.RecoveryPaused, err = v.paused(r, acr.Recovery, ""); err != nil {
		return err
	}
	if out.SentPaused, err = v.paused(r, acr.Email, ""); err != nil { // all sent codes of a person rest together
		return err
	}
	add := step.Kinds(v.addable())
	for _, m := range add {
		out.Add = append(out.Add, string(m))
	}
	if i := slices.IndexFunc(add, acr.Method.ByPhone); i >= 0 && !out.PhoneVerified {
		out.AddNumber = string(add[i])
	}
	if len(add) > 0 {
		for i, f := range out.Factors {
			if !f.Disabled && f.Paused.IsZero() {
				out.Factors[i].Swap = string(add[0])
			}
		}
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// paused is until when one of the person's methods rests after too many wrong codes.
func (v *visit) paused(r *http.Request, m acr.Method, credential string) (time.Time, error) {
	return v.second.Factors.PausedUntil(r.Context(), v.Store, v.cur.Person, m, credential, v.now)
}

// reachable reports whether the person has an address that messages go to; a number is none yet.
func (v *visit) reachable() bool {
	return slices.ContainsFunc(v.cur.Person.Contacts, func(c *storage.Contact) bool { return c.Channel == string(acr.Email) })
}

// hasNumber reports whether a number of the person's is verified.
func (v *visit) hasNumber() bool {
	return slices.ContainsFunc(v.cur.Person.Contacts, func(c *storage.Contact) bool { return c.Channel == "phone" && !c.VerifiedAt.IsZero() })
}

// factor finds one of the person's own factors; nil for an unknown id and for another person's alike (G06).
func (v *visit) factor(id string) *storage.Factor {
	for _, f := range v.cur.Person.Factors {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// addable are the methods that can be switched on: they exist here, and the person has none of the kind.
func (v *visit) addable() []acr.Method {
	return slices.DeleteFunc(slices.Clone(v.cfg.Policy.Enrollable), func(m acr.Method) bool {
		return slices.ContainsFunc(v.cur.Person.Factors, func(f *storage.Factor) bool {
			return f.Method == string(m) || f.Address != "" && m.Facts().Contact != "" // one number is enough
		})
	})
}

// showNew is the choice between the methods. The proof that adding one takes is asked for before it, so that the choice is acted
// on at once.
func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, v *visit) error {
	offered := v.addable()
	if len(offered) == 0 {
		return onward(w, r, pathFactors)
	}
	if d, ok := v.adding(changing); !ok {
		return v.ask(w, r, d, "factors")
	}
	out := &templates.AccountNew{Page: v.page(r, pathFactors)}
	for _, m := range step.Kinds(offered) {
		out.Methods = append(out.Methods, string(m))
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// adding asks whether a factor may be switched on now: behind a second step of the last minutes, or, for someone whom no
// method of this installation can verify, where the decision itself asks for an enrolment.
func (v *visit) adding(within wish) (acr.Decision, bool) {
	d := v.decide(within)
	return d, d.Outcome == acr.Satisfied || d.Outcome == acr.AskEnrol
}

// enrolling is a visit in which a factor is switched on, or reserve codes are handed out.
type enrolling struct{ host }

// enrols answers a form by which a factor is switched on.
func (p *Pages) enrols(within wish, do func(http.ResponseWriter, *http.Request, step.Host, []acr.Method) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		offered := v.addable()
		if len(offered) == 0 {
			return onward(w, r, pathFactors)
		}
		if d, ok := v.adding(within); !ok {
			return v.ask(w, r, d, "factors")
		}
		return do(w, r, &enrolling{host{visit: v}}, offered)
	})
}

// Attach gives the first answer to the session. Browsers that were remembered without the factor are so no more.
func (h *enrolling) Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) error {
	if err := h.host.Attach(r, db, proof, records...); err != nil {
		return err
	}
	return db.DropRemembers(r.Context(), h.cur.Person.ID)
}

func (h *enrolling) Keep(w http.ResponseWriter, r *http.Request) {
	h.host.Keep(w, r)
	h.clearRemembered(w, r)
}

func (h *enrolling) Land(w http.ResponseWriter, r *http.Request, done step.Done) error {
	return onward(w, r, pathFactors+"?done="+string(done))
}

// doCancelEnrol leaves an enrolment; what is pending is worth nothing and is swept.
func (p *Pages) doCancelEnrol(w http.ResponseWriter, r *http.Request, v *visit) error {
	if id := r.PathValue("factor"); id != "" && v.factor(id) == nil {
		return &web.Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	return onward(w, r, pathFactors)
}
