// Package web owns HTTP manners: handlers that return errors, routes as data, cookies, forms, response headers, the
// client's address and in-memory flood limits.
//
// It leaves what a request means to op, login and account, and what a page looks like to templates.
//
// Easy to get wrong: CSRF and cookies on cross-site POSTs. /authorize, /token, end_session and form_post callbacks are
// legitimately called cross-site; they carry no cookie (SameSite=Lax) and so must neither read nor set one there.
package web

import (
	"net/http"
)

// Handler answers a request or returns why it could not. [Site.Mux] turns the error into a page or a JSON answer.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Audience says who calls a route, which decides how its errors look and which checks stand before it.
type Audience int

// The audiences.
const (
	Page   Audience = iota // a person's browser, same-site forms only: CSRF check, page headers, no-store
	Entry                  // a person's browser, cross-site allowed (authorize, end_session, callbacks): page headers, no CSRF check
	API                    // a program (token, userinfo, introspection): JSON errors, no-store
	Public                 // cacheable bytes (discovery, JWKS, static files)
)

// Needs says which session a route needs; the walking tests check it.
type Needs int

// The needs.
const (
	Nothing     Needs = iota
	Browser           // the browser cookie that is bound to the request
	Quarantined       // a quarantine or a session
	SignedIn          // a session
)

// Route is one row of the server's table of routes.
type Route struct {
	Methods  []string // GET implies HEAD, unless Acts
	Pattern  string   // path of http.ServeMux, without method
	Audience Audience
	Needs    Needs
	Subject  Subject // of a POST: where it takes from whose account it acts on
	Acts     bool    // GET changes something (issues or sends a code, signs in or out), so there is no HEAD: 405
	Document bool    // Public, one path: serves bytes that exist already and asks nothing of the request's context; what succeeds is logged at debug level
	Inner    bool    // panels' back ends call it, also under the server's inner names ([Options.InnerHosts])
	CORS     bool    // scripts of registered origins may read every answer, of this and every other method
	Body     int64   // most bytes of a request's body, for programs that send much at once; 0 = 64 KiB
	Handler  Handler
}

// Error is an answer other than success. Cause goes to the log only, never to the caller.
type Error struct {
	Status     int
	Code       string         // machine-readable: OAuth error code or our own (shown in #error-code)
	Message    string         // id of the text for pages; description for JSON (it has a space). Never Go error text
	Args       map[string]any // of the text
	RetryAfter int            // seconds; 0 = no header
	Retry      string         // URL where the same can be tried again, ours or where a sign-in begins at a client; "" = nowhere
	Back       string         // path of ours where the person came from, and can choose another way; "" = nowhere
	Page       any            // struct of package templates that is shown instead of the page for errors; nil = none
	Header     http.Header
	Cause      error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Cause.Error()
	}
	return e.Code
}

func (e *Error) Unwrap() error { return e.Cause }
