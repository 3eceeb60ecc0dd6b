package op

import (
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// Three kinds of error leave this package: a *refusal goes to the panel by redirect, a *web.Error is a page or JSON,
// and anything else is a 500 or 503 whose cause only the log learns.

// redirectURIPage is, like request.ErrUnknownClient, an answer that must not be a redirect (RFC 6749 §4.1.2.1).
func redirectURIPage() error { return badRequest("invalid_redirect_uri", "bad_redirect") }

// badRequest is a page of ours with the given text.
func badRequest(code, text string) error {
	return &web.Error{Status: http.StatusBadRequest, Code: code, Message: text}
}

// tooMany is a limit that was hit.
func tooMany(retry time.Duration) error {
	return &web.Error{
		Status: http.StatusTooManyRequests, Code: "too_many_requests", Message: "too_many",
		RetryAfter: max(int(retry/time.Second), 1),
	}
}

// tokenError is an error of the token endpoint (RFC 6749 §5.2): 400 but for a client that could not authenticate.
func tokenError[T ~string](code T, description string) *web.Error {
	e := &web.Error{Status: http.StatusBadRequest, Code: string(code), Message: description}
	if e.Code == string(oidc.InvalidClient) {
		e.Status = http.StatusUnauthorized
	}
	return e
}

// invalidGrant is one answer for every reason a code or refresh token does not serve: which one it was is for the log, and
// sometimes for the client (exchange.unfit).
func invalidGrant(cause error) *web.Error {
	e := tokenError(oidc.InvalidGrant, "The code or refresh token is not valid.")
	e.Cause = cause
	return e
}

// insufficient is a good token that lacks the scope (RFC 6750 §3.1).
func insufficient(scope string) error {
	text := "The scope " + scope + " is needed."
	return &web.Error{Status: http.StatusForbidden, Code: "insufficient_scope", Message: text, Header: http.Header{
		"Www-Authenticate": {`Bearer realm="soglia", error="insufficient_scope", error_description="` + text + `", scope="` + scope + `"`},
	}}
}

// bearerError is an error of the userinfo endpoint (RFC 6750 §3.1). An empty code is a request without any token, which
// is told the scheme and nothing else.
func bearerError(status int, code, description string) error {
	challenge := `Bearer realm="soglia"`
	if code != "" {
		challenge += `, error="` + code + `", error_description="` + description + `"`
	} else {
		code = "invalid_token"
	}
	return &web.Error{
		Status: status, Code: code, Message: description, Header: http.Header{"Www-Authenticate": {challenge}},
	}
}
