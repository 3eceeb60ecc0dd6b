package login

import (
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// signIn is the page of the first step. A person already known is named, and anyone else may sign in instead; only a
// request for that very person (id_token_hint) fixes the name and leaves just the ways that person has.
func (f *flow) signIn(r *http.Request) *templates.SignIn {
	page := &templates.SignIn{Page: f.page(r), Username: f.hints.Login, Password: true}
	page.Step = "login"
	if p := f.cur.Person; f.cur.SignedIn() && p != nil {
		page.Username, page.Reason = p.Username, string(f.next.Reason)
		page.Fixed = f.asked.Subject == p.ID
		page.Password = !page.Fixed || f.offers(acr.Password, "")
	}
	for _, p := range f.cfg.Providers {
		if !page.Fixed || f.offers(acr.Social, p.Name) {
			page.Providers = append(page.Providers, templates.ProviderButton{Name: p.Name, Title: p.Title})
		}
	}
	return page
}

// offers reports whether the decision lists a way to repeat the first step.
func (f *flow) offers(m acr.Method, provider string) bool {
	return slices.ContainsFunc(f.next.Options, func(o acr.Option) bool { return o.Method == m && o.Provider == provider })
}

// doPassword checks user name and password. Whether the account is unknown, disabled or the password wrong, the answer
// is the same page, 422.
func (p *Pages) doPassword(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	page := f.signIn(r)
	try := user.Attempt{
		Identifier: form.Get("username"), Password: form.Get("password"),
		IPKey:  web.IPKey(web.ClientIP(r)),
		Device: hex.EncodeToString(secret.Hash(p.Site.Cookies.Browser(r))), Now: f.now,
	}
	if page.Fixed {
		try.Person, try.Identifier = f.cur.Person, ""
	}
	person, err := p.Passwords.Password(r.Context(), try)
	if err != nil {
		return f.refusePassword(w, r, page, try.Identifier, err)
	}
	var a attached
	err = p.tx(r.Context(), func(db storage.Records) error {
		var err error
		ev := session.NewEvent(acr.Event{Method: acr.Password}, f.asked.ID, f.now)
		if a, err = f.attach(r, db, person, ev); err != nil {
			return err
		}
		if err := f.interacted(r, db); err != nil {
			return err
		}
		rec := f.event(r, audit.AuthnOK, "ok", string(acr.Password))
		rec.PersonID, rec.Actor = person.ID, person.ID
		return db.Append(r.Context(), rec)
	})
	if errors.Is(err, storage.ErrConflict) {
		return f.onward(w, r)
	}
	if err != nil {
		return err
	}
	f.keep(w, a)
	return f.onward(w, r)
}

func (f *flow) refusePassword(w http.ResponseWriter, r *http.Request, page *templates.SignIn, typed string, cause error) error {
	var (
		slow    *user.Throttled
		refused *user.Refused
		status  = http.StatusUnprocessableEntity
		reason  = "wrong"
	)
	page.Error = &templates.FormError{Field: "password", Text: "wrong_credentials"}
	switch {
	case errors.As(cause, &slow):
		page.RetryIn = seconds(slow.Until.Sub(f.now))
		page.Error = &templates.FormError{Field: "password", Text: "too_many", Args: map[string]any{"Seconds": page.RetryIn}}
		status, reason = http.StatusTooManyRequests, "throttled_"+slow.Limit
		w.Header().Set("Retry-After", itoa(page.RetryIn))
	case errors.As(cause, &refused) && refused.Why == user.WhyLong:
		status, reason = http.StatusBadRequest, "too_long"
	case errors.As(cause, &refused):
		reason = string(refused.Why)
	case errors.Is(cause, user.ErrBusy):
		return &web.Error{Status: http.StatusServiceUnavailable, Code: "busy", Message: "unavailable", RetryAfter: 2, Cause: cause}
	case !errors.Is(cause, user.ErrWrong):
		return cause
	}
	rec := f.event(r, audit.AuthnFail, "fail", reason)
	if err := f.Store.Append(r.Context(), rec); err != nil {
		return err
	}
	if !page.Fixed {
		page.Username = typed
	}
	return f.Site.Render(w, r, status, page)
}

// seconds rounds up, so that trying again after that many is never too early.
func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
