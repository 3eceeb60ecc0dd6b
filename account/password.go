package account

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// password judges the password of a form that has to bring one. Someone who signs in through a provider only has none to give.
func (v *visit) password(r *http.Request, form url.Values) error {
	if v.cur.Person.PasswordHash == "" {
		return nil
	}
	_, err := v.Passwords.Password(r.Context(), user.Attempt{
		Person: v.cur.Person, Password: form.Get("password"), IPKey: web.IPKey(web.ClientIP(r)),
		Device: hex.EncodeToString(secret.Hash(v.Site.Cookies.Browser(r))), Now: v.now,
	})
	return err
}

// refusePassword shows the page again, with why its password did not do; page takes the error and the seconds to wait.
func (v *visit) refusePassword(w http.ResponseWriter, r *http.Request, cause error, page func(wrong *templates.FormError, wait int) any) error {
	var (
		slow    *user.Throttled
		rests   *user.Resting
		refused *user.Refused
	)
	wait, status, reason := 0, http.StatusUnprocessableEntity, "wrong"
	wrong := &templates.FormError{Field: "password", Text: "wrong_password"}
	switch {
	case errors.As(cause, &slow):
		wait = web.Seconds(slow.Until.Sub(v.now))
		wrong = &templates.FormError{Field: "password", Text: "too_many", Args: map[string]any{"Seconds": wait}}
		status, reason = http.StatusTooManyRequests, "throttled_"+slow.Limit
		w.Header().Set("Retry-After", strconv.Itoa(wait))
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
	return v.Site.Render(w, r, status, page(wrong, wait))
}
