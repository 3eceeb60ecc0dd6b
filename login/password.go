package login

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"

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
	page := &templates.SignIn{Page: f.page(r), Username: f.Answer.LoginHint, Password: true}
	page.Step = "login"
	if p := f.Current.Person; f.Current.SignedIn() && p != nil {
		page.Username, page.Reason = p.Username, string(f.Next.Reason)
		page.Fixed = f.Asked.Subject == p.ID
		page.Password = !page.Fixed || f.offers(acr.Password, "")
	}
	page.Remember = f.Config.Sessions.RememberMe > 0 && !page.Fixed
	if stuck := f.titled(f.Stuck); stuck != "" {
		page.Error = &templates.FormError{Text: "social_stuck", Args: map[string]any{"Provider": stuck, "Password": f.StuckPassword}}
	}
	tried := r.URL.Query().Get("tried")
	for _, p := range f.Config.Providers {
		if p.Name == tried && f.Current.SignedIn() {
			page.Error = &templates.FormError{Text: "social_stale", Args: map[string]any{"Provider": p.Title, "Password": f.Current.Person.PasswordHash != ""}}
		}
		if f.mayChoose(page.Fixed) || f.offers(acr.Social, p.Name) {
			page.Providers = append(page.Providers, templates.ProviderButton{Name: p.Name, Title: p.Title, Type: p.Type})
		}
	}
	return page
}

// mayChoose reports whether anyone may sign in, by any door: nobody is signed in, or the panel asked for a new sign-in.
// Where a known person is only asked again, a provider that cannot ask again would lead in circles.
func (f *flow) mayChoose(fixed bool) bool {
	return !fixed && (!f.Current.SignedIn() || f.Next.Reason == acr.ReasonPromptLogin)
}

// offers reports whether the decision lists a way to repeat the first step.
func (f *flow) offers(m acr.Method, provider string) bool {
	return slices.ContainsFunc(f.Next.Options, func(o acr.Option) bool { return o.Method == m && o.Provider == provider })
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
		Device: hex.EncodeToString(secret.Hash(p.Site.Cookies.Browser(r))), Now: f.Now,
	}
	if page.Fixed {
		try.Person, try.Identifier = f.Current.Person, ""
	}
	right, tried, err := p.Passwords.Check(r.Context(), try)
	if err != nil {
		return f.refusePassword(w, r, page, try.Identifier, tried, err)
	}
	person := right.Person
	var a attached
	err = p.tx(r.Context(), func(db storage.Records) error {
		err := user.HoldPassword(r.Context(), db, person)
		if err != nil {
			return err
		}
		ev := session.NewEvent(acr.Event{Method: acr.Password}, f.Asked.ID, f.Now)
		if a, err = f.attach(r, db, person, ev); err != nil {
			return err
		}
		if page.Remember && form.Get("remember") != "" {
			kept := storage.Remember{PersonID: person.ID, Created: f.Now, Expires: f.Now.Add(f.Config.Sessions.RememberMe)}
			if err := f.remember(r, db, &a, kept); err != nil {
				return err
			}
		}
		if err := f.Proved(r.Context(), db); err != nil {
			return err
		}
		rec := f.event(r, audit.AuthnOK, "ok", string(acr.Password))
		rec.PersonID, rec.Actor = person.ID, person.ID
		return f.attest(r, db, a, right.Settle, rec)
	})
	if errors.Is(err, user.ErrWrong) {
		return f.refusePassword(w, r, page, try.Identifier, person, err)
	}
	if err != nil {
		// Whatever went wrong, the password was right and must not count as a wrong one.
		ctx := context.WithoutCancel(r.Context())
		unsettled := p.tx(ctx, func(db storage.Records) error {
			_, err := right.Settle(ctx, db)
			return err
		})
		if errors.Is(err, storage.ErrConflict) { // another tab was faster
			if unsettled != nil {
				return unsettled
			}
			return f.onward(w, r)
		}
		return err
	}
	f.keep(w, a)
	// A quarantine that someone forgot here would stand before the next question to this person.
	if p.Site.Cookies.Quarantine(r) != "" {
		p.Site.Cookies.ClearQuarantine(w)
	}
	return f.forward(w, r, a)
}

func (f *flow) refusePassword(w http.ResponseWriter, r *http.Request, page *templates.SignIn, typed string, tried *storage.Person, cause error) error {
	no, err := f.wrongPassword(w, r, tried, cause)
	if err != nil {
		return err
	}
	page.Error, page.RetryIn = no.form, no.retryIn
	if !page.Fixed {
		page.Username = typed
	}
	return f.Site.Render(w, r, no.status, page)
}

// refusedPassword is what a page says of a password that opened nothing.
type refusedPassword struct {
	form    *templates.FormError
	retryIn int // seconds
	status  int
}

// wrongPassword records the failure, as one of the account that was tried (nil = no such account), and words it. The
// words do not depend on tried. Any other cause than a refused password is returned as the error.
func (f *flow) wrongPassword(w http.ResponseWriter, r *http.Request, tried *storage.Person, cause error) (refusedPassword, error) {
	var (
		slow    *user.Throttled
		rests   *user.Resting
		refused *user.Refused
		reason  = "wrong"
	)
	no := refusedPassword{form: &templates.FormError{Field: "password", Text: "wrong_credentials"}, status: http.StatusUnprocessableEntity}
	switch {
	case errors.As(cause, &slow):
		no.retryIn = web.Seconds(slow.Until.Sub(f.Now))
		no.form = &templates.FormError{Field: "password", Text: "too_many", Args: map[string]any{"Seconds": no.retryIn}}
		no.status, reason = http.StatusTooManyRequests, "throttled_"+slow.Limit
		w.Header().Set("Retry-After", strconv.Itoa(no.retryIn))
	case errors.As(cause, &rests): // reads like a wrong password; only the record tells
		reason = "throttled_" + rests.Limit
	case errors.As(cause, &refused) && refused.Why == user.WhyLong:
		no.status, reason = http.StatusBadRequest, "too_long"
	case errors.As(cause, &refused):
		reason = string(refused.Why)
	case errors.Is(cause, user.ErrBusy):
		return no, &web.Error{Status: http.StatusServiceUnavailable, Code: "busy", Message: "unavailable", RetryAfter: 2, Cause: cause}
	case !errors.Is(cause, user.ErrWrong):
		return no, cause
	}
	// Nobody proved to be anyone, least of all the owner of the session that this browser holds.
	rec := f.event(r, audit.AuthnFail, "fail", reason)
	rec.Actor, rec.PersonID = "", ""
	if tried != nil {
		rec.PersonID = tried.ID
	}
	if s := f.Current.Session; s != nil && s.PersonID != rec.PersonID {
		rec.SessionID = ""
	}
	return no, f.Store.Append(r.Context(), rec)
}
