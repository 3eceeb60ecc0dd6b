// Package op is the protocol: authorize and its continuation, token, userinfo, end_session, discovery, JWKS.
//
// It owns what panels see: parsing, clients and redirect URIs, PKCE, the one gate that makes authorization codes, client
// authentication, what goes into a token. It leaves the decision to acr, keys, signatures and the reading of tokens to
// package tokens, single use to storage, sessions to session, HTTP manners to web, and every page a person answers to
// login: op and login never call each other, they meet through a stored request (package request) and two URLs,
// /login/{id} and /authorize/{id}.
//
// The provider library (zitadel/oidc v3) gives the vocabulary: request, response and discovery types, error codes,
// claim hashes, locales. Its HTTP server is not used, because each of our endpoints differs from it before the first byte
// is read (docs: SPECS.md "where we differ"): its router accepts GET on the token endpoint, secrets and tokens in the
// query, duplicates, and either authentication method; it makes lookup, checks, minting and deletion of a code four
// calls where we need one statement; its error writer knows neither iss nor form_post nor WWW-Authenticate. Its token
// verifiers decode claims before the signature is checked, and its Audience type panics on an array that holds anything
// but strings, so tokens that come back to us are verified by package tokens: signature first, by kid, then typ, then claims.
//
// Easy to get wrong: who may answer. A code is made in gate.issue and nowhere else, from an acr.Granted that only a
// positive decision makes; the request is finished, the session version held and the code stored in one transaction.
package op

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/jwks"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
)

// Options are what a provider is built from. All fields but Fetch and Notice are needed.
type Options struct {
	Config func() *config.Config // the current snapshot; called once a request
	Store  storage.Store
	Box    *secret.Box
	Tokens *tokens.Keys // ensured, so that there is something to sign with
	Site   *web.Site
	Log    *slog.Logger
	// Fetch reads a client's jwks_uri: bounded, and to public addresses only. The one field that may be nil: then clients
	// with a jwks_uri cannot prove themselves.
	Fetch func(ctx context.Context, url string) ([]byte, error)

	// Notice tells a person what only the protocol notices, by kind: token_reuse. Optional.
	Notice func(ctx context.Context, personID, kind string) error
}

// Provider serves the protocol. Make one with [New]; it is safe for concurrent use.
type Provider struct {
	Options
	gate   gate
	frozen tokens.Cache[*frozen] // by the hash of its JSON
	loops  *loops
	auth   audit.Limiter

	requests *request.Requests

	clientKeys clientKeys

	building sync.Mutex // one view at a time
	current  atomic.Pointer[view]
	keySet   atomic.Pointer[keySet]
}

// New prepares everything that depends on the configuration alone.
func New(o Options) (*Provider, error) {
	if o.Config == nil || o.Store == nil || o.Box == nil || o.Tokens == nil || o.Site == nil || o.Log == nil {
		return nil, errors.New("op: an option is missing")
	}
	p := &Provider{
		Options:  o,
		gate:     gate{store: o.Store, box: o.Box, issued: tokens.Cache[issuedGrant]{Each: issuedEach}},
		frozen:   tokens.Cache[*frozen]{Each: frozenEach},
		loops:    newLoops(),
		requests: request.New(o.Store, o.Box, o.Log),

		clientKeys: clientKeys{fetch: o.Fetch, log: o.Log, sets: map[string]*jwks.Remote{}},
	}
	p.view() // made now, so that the first request need not
	return p, nil
}

// view returns what was prepared for the configuration in force, and prepares it when that is a new one. A request asks
// once, so that it never sees two of them.
func (p *Provider) view() *view {
	cfg := p.Config()
	if v := p.current.Load(); v != nil && v.cfg == cfg {
		return v
	}
	p.building.Lock()
	defer p.building.Unlock()
	if v := p.current.Load(); v != nil && v.cfg == cfg {
		return v
	}
	v := newView(cfg, p.now())
	p.current.Store(v)
	return v
}

// now is the database's clock in whole microseconds, the precision of what is stored.
func (p *Provider) now() time.Time { return p.Store.Now().UTC().Truncate(time.Microsecond) }
