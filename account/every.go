package account

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// doEvery keeps the person's own choice of a code at every sign-in, where it is theirs (every_sign_in: when_chosen). Taking it
// back costs what it gives: the own factor. Both are told to every contact: whoever has a factor in hand must not make the
// account quieter unseen.
func (p *Pages) doEvery(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	every := form.Get("every") == "on"
	if v.cfg.Policy.EverySignIn || len(v.cur.Person.Factors) == 0 || every == v.cur.Person.EverySignIn {
		return onward(w, r, pathFactors)
	}
	if d := v.decide(choosing); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "every")
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		if err := step.ChooseEvery(r.Context(), db, every, v.event(r, audit.FactorEvery, audit.OK, "")); err != nil {
			return err
		}
		return v.Notice(r.Context(), db, v.cur.Person, map[bool]string{true: "every_on", false: "every_off"}[every], step.Client(r), v.now)
	})
	if errors.Is(err, storage.ErrConflict) { // another tab was faster
		return onward(w, r, pathFactors)
	}
	if err != nil {
		return err
	}
	return onward(w, r, pathFactors+"?done=every")
}
