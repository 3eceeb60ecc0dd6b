package account

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
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
	if d := v.decide(owning); d.Outcome != acr.Satisfied {
		return nil, v.ask(w, r, d, "remove."+f.ID)
	}
	return f, nil
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
// who signs in through a provider only has none to give.
func (p *Pages) doRemove(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	f, err := v.removal(w, r)
	if f == nil || err != nil {
		return err
	}
	if v.cur.Person.PasswordHash != "" {
		_, err := p.Passwords.Password(r.Context(), user.Attempt{
			Person: v.cur.Person, Password: form.Get("password"), IPKey: web.IPKey(web.ClientIP(r)),
			Device: hex.EncodeToString(secret.Hash(p.Site.Cookies.Browser(r))), Now: v.now,
		})
		if err != nil {
			return v.refusePassword(w, r, f, err)
		}
	}
	var cookie string
	err = p.Store.Tx(r.Context(), func(db storage.Records) (err error) {
		cookie, err = v.remove(r, db, f)
		return err
	})
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return onward(w, r, pathFactors) // another tab was faster
	}
	if err != nil {
		return err
	}
	if cookie == "" {
		p.Site.Cookies.ClearSession(w)
		return onward(w, r, pathDoor)
	}
	p.Site.Cookies.SetSession(w, cookie, v.cur.Session.Expires)
	v.clearRemembered(w, r)
	return onward(w, r, pathFactors+"?done=removed")
}

// remove takes the factor away with all that leant on it, in one transaction, and returns the session's new secret; ""
// when nothing of the session was left.
func (v *visit) remove(r *http.Request, db storage.Records, f *storage.Factor) (string, error) {
	ctx, person := r.Context(), v.cur.Person
	if err := user.RemoveFactor(ctx, db, person, f.ID, v.now); err != nil {
		return "", err
	}
	cookie, err := v.drop(r, db)
	if err != nil {
		return "", err
	}
	if err := db.DropRemembers(ctx, person.ID); err != nil {
		return "", err
	}
	if err := db.Append(ctx, v.event(r, audit.FactorRemoved, audit.OK, f.Method)); err != nil {
		return "", err
	}
	return cookie, v.Notice(ctx, db, person, "factor_removed", step.Client(r), v.now)
}

// drop takes every session of the person back to its first step. The factor's own events would be void anyway; but a
// reserve code would still count beside another factor, and a code to a contact from before the factor was switched on
// would come back to life.
func (v *visit) drop(r *http.Request, db storage.Records) (cookie string, err error) {
	ctx := r.Context()
	sessions, err := db.SessionsOf(ctx, v.cur.Person.ID, v.now)
	if err != nil {
		return "", err
	}
	for _, s := range sessions {
		var events []acr.Event
		if err := json.Unmarshal(s.Events, &events); err != nil {
			return "", err
		}
		events = slices.DeleteFunc(events, func(e acr.Event) bool { return !e.First() || e.ByOwnFactor() })
		if len(events) == 0 {
			_, err := session.End(ctx, db, s.ID, v.event(r, audit.SessionEnd, audit.OK, "factor_removed"))
			if err != nil && !errors.Is(err, storage.ErrUsed) {
				return "", err
			}
			continue
		}
		if s.Events, err = json.Marshal(events); err != nil {
			return "", err
		}
		hash := s.Hash
		if s.ID == v.cur.Session.ID {
			cookie = secret.New("")
			hash = secret.Hash(cookie)
		}
		if err := db.RotateSession(ctx, s, hash, v.now); err != nil {
			return "", err
		}
	}
	return cookie, nil
}

func (v *visit) refusePassword(w http.ResponseWriter, r *http.Request, f *storage.Factor, cause error) error {
	var (
		slow    *user.Throttled
		rests   *user.Resting
		refused *user.Refused
	)
	out, status, reason := v.removePage(r, f), http.StatusUnprocessableEntity, "wrong"
	out.Error = &templates.FormError{Field: "password", Text: "wrong_password"}
	switch {
	case errors.As(cause, &slow):
		out.RetryIn = web.Seconds(slow.Until.Sub(v.now))
		out.Error = &templates.FormError{Field: "password", Text: "too_many", Args: map[string]any{"Seconds": out.RetryIn}}
		status, reason = http.StatusTooManyRequests, "throttled_"+slow.Limit
		w.Header().Set("Retry-After", strconv.Itoa(out.RetryIn))
	case errors.As(cause, &rests):
		reason = "throttled_" + rests.Limit
	case errors.As(cause, &refused):
		reason = string(refused.Why)
	case errors.Is(cause, user.ErrBusy):
		return &web.Error{Status: http.StatusServiceUnavailable, Code: "busy", Message: "unavailable", RetryAfter: 2, Cause: cause}
	case !errors.Is(cause, user.ErrWrong):
		return cause
	}
	if err := v.Store.Append(r.Context(), v.event(r, audit.AuthnFail, audit.Fail, reason)); err != nil {
		return err
	}
	return v.Site.Render(w, r, status, out)
}
