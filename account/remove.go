package account

import (
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// removal is the factor of the URL, once everything but the password is there. It answers by itself when not.
func (v *visit) removal(w http.ResponseWriter, r *http.Request) (*storage.Factor, error) {
	f := v.factor(r.PathValue("factor"))
	if f == nil {
		return nil, &web.Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	if d := v.decide(v.removing(f.ID)); d.Outcome != acr.Satisfied {
		return nil, v.ask(w, r, d, "remove."+f.ID)
	}
	return f, nil
}

// removing is what the removal of a factor costs: as much as the factor gives. One that came since an act that was disowned gives
// nothing, and its owner may not be the account's.
func (v *visit) removing(factor string) wish {
	if who := v.cur.AcrPerson(v.cfg); who.Doubts(factor, v.now) {
		return changing
	}
	return owning
}

// showRemove asks for the password before a factor goes (help promise 7).
func (p *Pages) showRemove(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := v.removal(w, r)
	if f == nil || err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, v.removePage(r, f))
}

func (v *visit) removePage(r *http.Request, f *storage.Factor) *templates.AccountRemove {
	return &templates.AccountRemove{
		Page: v.page(r, pathFactors+"/"+f.ID+"/remove"), Method: f.Method,
		Password: v.cur.Person.PasswordHash != "", Contacts: v.reachable(),
	}
}

// doRemove switches a factor off. It takes the factor itself (or a reserve code), a moment ago, and the password; someone
// who signs in through a provider only has none to give. Then everybody who is signed in has to do so anew.
func (p *Pages) doRemove(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	f, err := v.removal(w, r)
	if f == nil || err != nil {
		return err
	}
	if err := v.password(r, form); err != nil {
		return v.refusePassword(w, r, err, func(wrong *templates.FormError, wait int) any {
			page := v.removePage(r, f)
			page.Error, page.RetryIn = wrong, wait
			return page
		})
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error { return v.remove(r, db, f) })
	if storedElsewhere(err) {
		return onward(w, r, pathFactors)
	}
	if err != nil {
		return err
	}
	v.signedOut(w, r)
	return onward(w, r, pathDoor+"?done=removed")
}

// remove takes the factor away, and every session with it, in one transaction.
func (v *visit) remove(r *http.Request, db storage.Records, f *storage.Factor) error {
	ctx, person := r.Context(), v.cur.Person
	if err := user.RemoveFactor(ctx, db, person, f.ID, v.now); err != nil {
		return err
	}
	if err := v.endAll(r, db, "factor_removed"); err != nil {
		return err
	}
	if err := db.Append(ctx, v.event(r, audit.FactorRemoved, audit.OK, f.Method)); err != nil {
		return err
	}
	return v.Notice(ctx, db, person, "factor_removed", step.Client(r), v.now)
}

// endAll ends every session of the person, with every panel's access; this one first, because a browser that lost its session
// in this moment changes nothing any more (storage.ErrConflict).
func (v *visit) endAll(r *http.Request, db storage.Records, why string) error {
	_, err := session.End(r.Context(), db, v.cur.Session.ID, v.event(r, audit.SessionEnd, audit.OK, why))
	if errors.Is(err, storage.ErrUsed) {
		return storage.ErrConflict
	}
	if err != nil {
		return err
	}
	_, err = session.EndOthers(r.Context(), db, "", v.event(r, audit.SessionEnd, audit.OK, why))
	return err
}

// storedElsewhere reports whether another tab was faster.
func storedElsewhere(err error) bool {
	return errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound)
}

// signedOut takes the cookies away of what endAll ended.
func (v *visit) signedOut(w http.ResponseWriter, r *http.Request) {
	v.Site.Cookies.ClearSession(w)
	v.clearRemembered(w, r)
}
