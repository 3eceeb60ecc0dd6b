package op

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// tokenKinds are what a token that came back is, or may be where it is shown.
type tokenKinds uint8

const (
	accessToken  tokenKinds = 1 << iota // opaque or JWT, of a person
	refreshToken                        // the current one, or one used before (reused)
	serviceToken                        // JWT of a client that speaks for itself; it has no grant
)

// liveToken is a token of ours that is alive, whoever shows it.
type liveToken struct {
	kind    tokenKinds // one of them
	client  string
	hash    []byte               // of an opaque token
	row     *storage.AccessToken // of an opaque access token
	jwt     *tokens.Claims       // of a JWT
	grant   *storage.Grant       // nil for a service token
	person  *storage.Person      // the same
	frozen  *frozen              // what the grant keeps of its decision, once judged (worth)
	reused  bool
	subject string
}

// findToken looks a token up by its form, which says more than any token_type_hint; nil when it is none of ours, no longer
// alive, or of a kind that the caller does not take. One statement, none for a service token.
func (p *Provider) findToken(r *http.Request, v *view, token string, takes tokenKinds, now time.Time) (*liveToken, error) {
	var c *liveToken
	var err error
	switch {
	case len(token) > tokens.MaxToken:
	case strings.HasPrefix(token, prefixAccess):
		if takes&accessToken != 0 {
			c, err = p.findOpaque(r, token, now)
		}
	case strings.HasPrefix(token, prefixRefresh):
		if takes&refreshToken != 0 {
			c, err = p.findRefresh(r, token, now)
		}
	default:
		c, err = p.findJWT(r, v, token, takes, now)
	}
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	return c, err
}

func (p *Provider) findOpaque(r *http.Request, token string, now time.Time) (*liveToken, error) {
	hash := secret.Hash(token)
	row, g, person, err := p.Store.AccessToken(r.Context(), hash, now)
	if err != nil {
		return nil, err
	}
	return &liveToken{kind: accessToken, hash: hash, row: row, grant: g, person: person, client: g.ClientID, subject: g.PersonID}, nil
}

func (p *Provider) findRefresh(r *http.Request, token string, now time.Time) (*liveToken, error) {
	hash := secret.Hash(token)
	g, person, err := p.Store.GrantByRefresh(r.Context(), hash, now)
	if err != nil {
		return nil, err
	}
	return &liveToken{
		kind: refreshToken, hash: hash, grant: g, person: person, client: g.ClientID, subject: g.PersonID, reused: !g.UsedAt.IsZero(),
	}, nil
}

// findJWT finds what a JWT access token hangs on: a grant, whose id begins its jti, or for a service token the client's
// right to one.
func (p *Provider) findJWT(r *http.Request, v *view, token string, takes tokenKinds, now time.Time) (*liveToken, error) {
	jwt, err := p.Tokens.ReadAccess(token, v.cfg.Issuer, now)
	if err != nil {
		return nil, nil
	}
	c := &liveToken{kind: accessToken, jwt: jwt, client: jwt.ClientID, subject: jwt.Subject}
	id, _, ofGrant := strings.Cut(jwt.ID, ".")
	if !ofGrant {
		c.kind = serviceToken
	}
	switch client := v.clients[c.client]; {
	case takes&c.kind == 0:
		return nil, nil
	case c.kind == serviceToken:
		if jwt.Subject != jwt.ClientID || client == nil || !client.may(oidc.GrantTypeClientCredentials) {
			return nil, nil
		}
		return c, nil
	}
	c.grant, c.person, err = p.Store.LiveGrant(r.Context(), id, now)
	if err != nil {
		return nil, err
	}
	if c.grant.PersonID != jwt.Subject || c.grant.ClientID != jwt.ClientID {
		return nil, nil
	}
	return c, nil
}

// scopes are those the token was given, whatever has become of them.
func (c *liveToken) scopes() []string {
	switch {
	case c.jwt != nil:
		return strings.Fields(c.jwt.Scope)
	case c.row != nil:
		return c.row.Scopes
	}
	return c.grant.Scopes
}
