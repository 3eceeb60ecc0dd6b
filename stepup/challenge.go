package stepup

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// A Challenge is what a resource server answered to a token (RFC 6750 §3, RFC 9470 §3), for the panel that asked it.
type Challenge struct {
	Error       string // insufficient_user_authentication, insufficient_scope, invalid_token, invalid_request; "" = there was no token
	Description string // for the log, not for people: whoever answered wrote it
	AcrValues   []string
	MaxAge      time.Duration // 0 = not asked for, as long as HasMaxAge says so, too
	HasMaxAge   bool
	Scopes      []string
}

// ErrNoChallenge is the error of [ParseChallenge] where no Bearer challenge stands in the header.
var ErrNoChallenge = errors.New("stepup: no Bearer challenge")

var errMalformed = errors.New("stepup: a malformed challenge")

const maxAgeLimit = 1 << 31 // seconds; more is a mistake

// ParseChallenge reads the Bearer challenge of an answer with 401 or 403. Challenges of other schemes are passed over. A header
// that is malformed, or has two Bearer challenges, is an error: nothing is guessed.
func ParseChallenge(h http.Header) (*Challenge, error) {
	var found *Challenge
	for _, value := range h.Values("WWW-Authenticate") {
		all, err := challenges(value)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if !strings.EqualFold(one.scheme, "Bearer") {
				continue
			}
			if found != nil || one.sealed {
				return nil, errMalformed
			}
			if found, err = one.read(); err != nil {
				return nil, err
			}
		}
	}
	if found == nil {
		return nil, ErrNoChallenge
	}
	return found, nil
}

// StepUp reports whether another authorization request may help: the person has to prove more, or to prove it again, or a
// scope was not asked for. If the token of that request gets the same answer, say so and stop; a second round changes nothing.
func (c *Challenge) StepUp() bool {
	return c.Error == "insufficient_user_authentication" || c.Error == "insufficient_scope"
}

// AuthCodeOptions are for [oauth2.Config.AuthCodeURL]: what the challenge wants, beside the scopes that the panel asks for
// anyway. State, nonce and PKCE are the panel's own, as ever.
func (c *Challenge) AuthCodeOptions(scopes ...string) []oauth2.AuthCodeOption {
	var out []oauth2.AuthCodeOption
	if len(c.AcrValues) > 0 {
		out = append(out, oauth2.SetAuthURLParam("acr_values", strings.Join(c.AcrValues, " ")))
	}
	if c.HasMaxAge {
		out = append(out, oauth2.SetAuthURLParam("max_age", strconv.FormatInt(int64(c.MaxAge/time.Second), 10)))
	}
	if len(c.Scopes) > 0 {
		all := slices.Clone(scopes)
		for _, s := range c.Scopes {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
		out = append(out, oauth2.SetAuthURLParam("scope", strings.Join(all, " ")))
	}
	return out
}

// read takes from a challenge what is known; other parameters are passed over (RFC 9110 §11.2).
func (o *oneChallenge) read() (*Challenge, error) {
	c := &Challenge{Error: o.params["error"], Description: o.params["error_description"]}
	var err error
	if c.AcrValues, err = words(o.params["acr_values"]); err != nil {
		return nil, err
	}
	if c.Scopes, err = words(o.params["scope"]); err != nil {
		return nil, err
	}
	if age, ok := o.params["max_age"]; ok {
		seconds, err := strconv.ParseUint(age, 10, 64)
		if err != nil || seconds > maxAgeLimit {
			return nil, errMalformed
		}
		c.MaxAge, c.HasMaxAge = time.Duration(seconds)*time.Second, true
	}
	return c, nil
}

func words(list string) ([]string, error) {
	var out []string
	for _, w := range strings.Split(list, " ") {
		if w == "" {
			continue
		}
		if !plain(w) {
			return nil, errMalformed
		}
		out = append(out, w)
	}
	return out, nil
}
