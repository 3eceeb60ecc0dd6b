package op

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// params are the parameters of one request, each at most once.
type params struct {
	values map[string]string // of a query
	form   url.Values        // of a body, taken over as it is
	twice  string            // name of a parameter that came twice; "" = none
	broken string            // name of a parameter that cannot be decoded or holds control characters; "" = none
	many   bool
}

// maxParams bounds a request; more is no sign-in but an attack (docs/security.md "HTTP").
const maxParams = 100

// repeatable parameters may come several times; both are ignored here (RFC 8707 §2, RFC 8693 §2.1).
var repeatable = map[string]bool{"resource": true, "audience": true}

// parseParams decodes application/x-www-form-urlencoded text exactly once. Parameters without a value count as absent
// and none may come twice (RFC 6749 §3.1). What is wrong is noted, not returned: whether the answer is a page or a
// redirect is known only after client and redirect URI.
func parseParams(raw string) params {
	p := params{values: make(map[string]string, 12)}
	for n := 0; raw != ""; n++ {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if n >= maxParams {
			p.many = true
			return p
		}
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil || !clean(name) {
			continue // no name we know
		}
		text, err := url.QueryUnescape(value)
		if err != nil || !clean(text) {
			p.broken = name
			continue
		}
		if text == "" || repeatable[name] {
			continue
		}
		if _, ok := p.values[name]; ok {
			p.twice = name
			continue
		}
		p.values[name] = text
	}
	return p
}

// clean reports whether s is UTF-8 without control characters: what RFC 6749 appendix A allows, and beyond ASCII.
func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// form reads the parameters of a POST under the rules of web.Form. Another media type is a malformed request here
// (RFC 6749 §3.2, appendix B), with the status that says so.
func form(w http.ResponseWriter, r *http.Request) (params, error) {
	values, err := web.Form(w, r)
	if e := (*web.Error)(nil); errors.As(err, &e) && e.Status == http.StatusUnsupportedMediaType {
		e = tokenError(oidc.InvalidRequest, "The body must be application/x-www-form-urlencoded.")
		return params{}, e
	}
	if err != nil {
		return params{}, err
	}
	p := params{form: values}
	for name, all := range values {
		if !clean(name) || repeatable[name] {
			continue
		}
		if !clean(all[0]) {
			p.broken = name
			delete(values, name)
			continue
		}
		if len(all) > 1 {
			p.twice = name
		}
	}
	return p, nil
}

func (p params) get(name string) string {
	if all := p.form[name]; len(all) > 0 {
		return all[0]
	}
	return p.values[name]
}

func (p params) has(name string) bool { return p.get(name) != "" }

// limits are the longest values accepted, in bytes. Longer ones are refused before anything looks at them (A17).
var limits = map[string]int{
	"client_id": 256, "redirect_uri": 2048, "response_type": 64, "response_mode": 32, "scope": 4096, "state": 4096,
	"nonce": 1024, "prompt": 64, "max_age": 20, "acr_values": 1024, "claims": 8192, "login_hint": 512,
	"ui_locales": 512, "claims_locales": 512, "display": 32, "id_token_hint": tokens.MaxToken, "code_challenge": 128,
	"code_challenge_method": 16, "post_logout_redirect_uri": 2048, "logout_hint": 512,
	"grant_type": 128, "code": 256, "code_verifier": 128, "refresh_token": 256, "client_secret": 256,
}

// tooLong returns the name of a parameter that is longer than its limit, or "".
func (p params) tooLong(names ...string) string {
	for _, name := range names {
		if len(p.get(name)) > limits[name] {
			return name
		}
	}
	return ""
}

// words splits a space-delimited list, at most n of them; false when there are more.
func words(s string, n int) ([]string, bool) {
	w := strings.Fields(s)
	if len(w) > n {
		return nil, false
	}
	out := w[:0]
	seen := make(map[string]bool, len(w))
	for _, x := range w {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out, true
}
