package stepup

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// A Requirement is what a handler wants beyond the level: [MaxAge], [Scope].
type Requirement func(*requirement)

type requirement struct {
	level  string // "": any
	maxAge time.Duration
	scopes []string
}

// MaxAge wants the sign-in, or its second step, to be no older: auth_time of the token. Whole seconds, one at least; anything
// else panics, because a limit that is none would be found by nobody.
func MaxAge(d time.Duration) Requirement {
	if d < time.Second || d%time.Second != 0 {
		panic(fmt.Sprintf("stepup: MaxAge(%s): whole seconds, and one at least", d))
	}
	return func(q *requirement) { q.maxAge = d }
}

// Scope wants every one of the scopes. What is no scope panics.
func Scope(scopes ...string) Requirement {
	for _, s := range scopes {
		if !plain(s) {
			panic(fmt.Sprintf("stepup: Scope(%q): no scope", s))
		}
	}
	if len(scopes) == 0 {
		panic("stepup: Scope without a scope")
	}
	return func(q *requirement) { q.scopes = append(q.scopes, scopes...) }
}

// Require lets through whose token is good, was made of a sign-in at this level or a higher one ([Levels.Suffice]), and meets
// the rest. It stands somewhere below [Verifier.Handler]; without one every request is refused with 500.
//
// All others get, with WWW-Authenticate as RFC 6750 §3 and RFC 9470 §3 have it:
//
//	400 invalid_request                    a malformed header, several of them, or a token in the query
//	401                                    no token
//	401 invalid_token                      not genuine, not ours, over, or revoked
//	401 insufficient_user_authentication   too low or too old, or acr or auth_time missing; acr_values, max_age and scope say what is wanted
//	403 insufficient_scope                 high enough, but without the scope
//	500                                    the level is none that the issuer knows; why stands in the log
//	503                                    the issuer could not be asked; why stands in the log
//
// An empty level panics: it would come from a setting that is missing. [RequireToken] is for any level.
func Require(level string, also ...Requirement) func(http.Handler) http.Handler {
	if !plain(level) {
		panic(fmt.Sprintf("stepup: Require(%q): no level", level))
	}
	return newRequirement(level, also).protect
}

// RequireToken is Require at any level: a good token, and what else is asked.
func RequireToken(also ...Requirement) func(http.Handler) http.Handler {
	return newRequirement("", also).protect
}

func newRequirement(level string, also []Requirement) *requirement {
	q := &requirement{level: level}
	for _, r := range also {
		r(q)
	}
	slices.Sort(q.scopes)
	q.scopes = slices.Compact(q.scopes)
	return q
}

func (q *requirement) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := r.Context().Value(key{}).(*asked)
		if !ok {
			slog.ErrorContext(r.Context(), "stepup: Require stands outside of Verifier.Handler: nobody is let in", "path", r.URL.Path)
			http.Error(w, "The access token cannot be judged.", http.StatusInternalServerError)
			return
		}
		t, err := a.verified(r.Context())
		if err == nil {
			err = q.met(r.Context(), a.v, t, time.Now())
		}
		if err != nil {
			q.refuse(w, r, a.v, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), passed{}, t)))
	})
}

// met judges a verified token. The level comes before the scopes: where a scope's floor is not held the token lacks both, and
// a second step gives both.
func (q *requirement) met(ctx context.Context, v *Verifier, t *Token, now time.Time) error {
	if q.level != "" && t.Acr != q.level { // the very same needs no list
		levels, err := v.order(ctx, now)
		if err != nil {
			return err
		}
		if len(levels) > 0 && !slices.Contains(levels, q.level) { // nobody could ever bring it: the person would go in circles
			return fmt.Errorf("%w: level %q is none of %q", errSetUp, q.level, levels)
		}
		if !levels.Suffice(t.Acr, q.level) {
			return errLevel
		}
	}
	if q.maxAge > 0 && (t.AuthTime.IsZero() || now.Sub(t.AuthTime) > q.maxAge) {
		return errAge
	}
	for _, s := range q.scopes {
		if !slices.Contains(t.Scopes, s) {
			return errScope
		}
	}
	return nil
}

// order are the levels, from the panel's own word or from discovery.
func (v *Verifier) order(ctx context.Context, now time.Time) (Levels, error) {
	if v.levels != nil {
		return v.levels, nil
	}
	m, err := v.about.current(ctx, v, now)
	if err != nil {
		return nil, err
	}
	return m.Levels, nil
}
