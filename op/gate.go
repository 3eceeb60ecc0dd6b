package op

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// gate is the only way from a decided request to an authorization code.
type gate struct {
	store  storage.Store
	box    *secret.Box
	issued tokens.Cache[issuedGrant] // by the hash of the code
}

// issuedGrant is remembered of a code that was made here, so that redeeming it needs no look at the database first: the
// panel comes a moment later, mostly to the same instance. What is remembered of a grant never changes (its client,
// redirect URI, challenge, scopes, decision); whether its code may still be used is decided by the one statement that
// uses it, as ever.
type issuedGrant struct {
	grant  *storage.Grant
	frozen frozen // as it was before it became JSON
	by     *view  // the configuration it was decided by
}

// How many issued grants and frozen decisions a generation of their caches holds; one is about a kilobyte.
const (
	issuedEach = 128
	frozenEach = 512
)

// errGate means that a caller tried to pass without a positive decision, or with that of another request: a fault of
// the program, never of a person.
var errGate = errors.New("op: no code without a positive decision on this very request, all that the client requires, and the person's word on what it grants")

// passage is what goes with a granted decision into the grant.
type passage struct {
	by          *view
	client      *client
	asked       acr.Request
	answer      *request.Answer
	requestHash []byte // stored request to finish; nil for a silent hop
	lifetime    time.Duration
	now         time.Time
	idle        time.Time // the session's new idle limit; zero = leave it
	event       *storage.Event
}

// issue turns granted into an authorization code, given that the person allowed it. The session must still be at the
// version that was decided on and a stored request unfinished: storage.ErrConflict and storage.ErrUsed otherwise.
func (g *gate) issue(ctx context.Context, granted acr.Granted, given consent.Given, p passage) (string, error) {
	if !granted.Valid() || granted.Request() != p.asked.ID || p.asked.Client != p.client.ID || !given.Covers(granted) {
		return "", errGate
	}
	for _, name := range p.client.RequireScopes {
		if !slices.Contains(granted.Scopes(), name) {
			return "", errGate
		}
	}
	kept := freeze(granted, p.asked)
	f, err := json.Marshal(kept)
	if err != nil {
		return "", err
	}
	code := secret.New("sog_ac_")
	row := &storage.Grant{
		ID: secret.NewID(), ClientID: p.client.ID, PersonID: granted.Subject(), SessionID: granted.Session(),
		Sid:         sid(g.box, granted.Session(), p.client.ID, granted.Subject()),
		RequestHash: p.requestHash, CodeHash: secret.Hash(code), CodeExpires: p.now.Add(p.lifetime),
		RedirectURI: p.answer.RedirectURI, Challenge: p.answer.Challenge, Nonce: p.answer.Nonce,
		Scopes: granted.Scopes(), Claims: p.answer.Claims, Frozen: string(f),
		Offline: slices.Contains(granted.Scopes(), oidc.ScopeOfflineAccess), Created: p.now, SessionIdle: p.idle,
	}
	if err := g.store.IssueCode(ctx, row, granted.Version(), p.event); err != nil {
		return "", err
	}
	g.issued.Put(tokens.Digest(row.CodeHash), issuedGrant{row, kept, p.by})
	return code, nil
}

// frozen is what a grant keeps of its decision: acr.Frozen and what only minting needs.
type frozen struct {
	acr.Frozen
	Until    time.Time `json:"until,omitzero"` // tokens of the code end here; zero = no limit
	Channels []string  `json:"channels,omitempty"`
	IDP      string    `json:"idp,omitempty"`
}

// freeze keeps the decision for the life of the grant.
func freeze(g acr.Granted, asked acr.Request) frozen {
	return frozen{Frozen: g.Freeze(asked), Until: g.Until(), Channels: g.Channels(), IDP: g.IDP()}
}

// sid is the session id a panel sees: fixed for the session's life, another one at each panel, and nothing from which
// the cookie could be guessed.
func sid(box *secret.Box, session, client, subject string) string {
	return base64.RawURLEncoding.EncodeToString(box.MAC("sid", session, client, subject)[:24])
}

// frozenOf reads what a grant keeps of its decision. It is remembered by its text: a panel that works asks for the same
// grant again and again, and reading the JSON costs more than judging it. Nobody changes what is remembered.
func (p *Provider) frozenOf(g *storage.Grant) (*frozen, error) {
	sum := tokens.DigestOf(g.Frozen)
	if f, ok := p.frozen.Get(sum); ok {
		return f, nil
	}
	f := new(frozen)
	if err := json.Unmarshal([]byte(g.Frozen), f); err != nil {
		return nil, err
	}
	p.frozen.Put(sum, f)
	return f, nil
}
