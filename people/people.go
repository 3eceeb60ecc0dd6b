// Package people is the API by which the operator's own system keeps its customers' accounts: create, read, change and
// switch off, by the id that system gave (/api/people/{external_id}; YAML registration.people_api).
//
// It owns the document (what may be written about a person, and how it is checked), problem answers and preconditions. It
// leaves who may call to op (an access token of client_credentials with people.read or people.write), names and addresses
// to user and contact, what follows when a person is switched off to desk, and the mail with the first link to the wiring.
// openapi.json beside this file is its contract.
//
// Easy to get wrong: what the operator's system may say. It adds addresses and never verifies one; one the person has
// proved goes only when a document says so in as many words (remove_contacts), and what it proved goes with it. It has no
// say in passwords and factors, and nothing of theirs is ever in an answer.
package people

import (
	"context"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// The scopes of the API.
const (
	ScopeRead  = "people.read"
	ScopeWrite = "people.write"
)

// Options are what the API needs.
type Options struct {
	Config func() *config.Config
	Store  storage.Store
	// Caller authenticates a call: the client whose access token it bears, if the token has the scope. The error is a
	// *web.Error of RFC 6750 §3.1 (op.Provider.Service).
	Caller func(w http.ResponseWriter, r *http.Request, scope string) (client string, err error)
	// Invite mails a new person the link by which to set the first password, in the transaction that made the account.
	Invite func(ctx context.Context, db storage.Records, person *storage.Person, now time.Time) error
	// Notice tells a person at the addresses of before that they have changed, in the same transaction.
	Notice func(ctx context.Context, db storage.Records, person *storage.Person, kind string, by session.Client, now time.Time) error
}

// API answers the calls.
type API struct{ Options }

// New returns the API.
func New(o Options) *API { return &API{o} }

// Routes are the API's rows of the server's table; none while it is off.
func (a *API) Routes() []web.Route {
	if !a.Config().Registration.PeopleAPI {
		return nil
	}
	one := func(method, pattern, scope string, h answer) web.Route {
		return web.Route{Methods: []string{method}, Pattern: pattern, Audience: web.API, Handler: a.called(scope, h)}
	}
	return []web.Route{
		one(http.MethodPost, "/api/people", ScopeWrite, a.create),
		one(http.MethodGet, "/api/people/{external_id}", ScopeRead, a.read),
		one(http.MethodPut, "/api/people/{external_id}", ScopeWrite, a.put),
		one(http.MethodPatch, "/api/people/{external_id}", ScopeWrite, a.patch),
		{Methods: []string{http.MethodGet}, Pattern: "/api/openapi.json", Audience: web.Public, Document: true, Handler: openapiDocument.Serve},
	}
}

// call is one authenticated call.
type call struct {
	client string
	now    time.Time
	cfg    *config.Config
}

// answer answers a call.
type answer func(w http.ResponseWriter, r *http.Request, c *call) error

// called lets in who may call, and words what goes wrong as a problem.
func (a *API) called(scope string, h answer) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		client, err := a.Caller(w, r, scope)
		if err == nil {
			err = h(w, r, &call{client: client, now: a.Store.Now().UTC().Truncate(time.Microsecond), cfg: a.Config()})
		}
		return a.fail(w, err)
	}
}
