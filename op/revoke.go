package op

import (
	"net/http"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// unsupportedTokenType is missing from the library's list of codes (RFC 7009 §2.2.1).
const unsupportedTokenType = "unsupported_token_type"

// doRevoke answers POST /revoke (RFC 7009). A token that is unknown, dead or another client's is answered like one that
// was revoked, and nothing happens (§2.2, D04).
//
// What ends: with a refresh token its whole grant, also with one that was used before. An opaque access token alone. With
// a JWT access token its grant: nothing is stored of a single one, and §2.1 allows the grant to go with it; from then on
// userinfo and introspection refuse it. A JWT of client_credentials has no grant and lives to its exp, which is said.
func (p *Provider) doRevoke(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	client, q, err := p.authenticatedForm(w, r, v)
	if err != nil {
		return err
	}
	token := q.get("token")
	if token == "" {
		return tokenError(oidc.InvalidRequest, "token is missing.")
	}
	c, err := p.findToken(r, v, token, accessToken|serviceToken|refreshToken, now)
	if err != nil {
		return err
	}
	if c == nil || c.client != client.ID {
		return revoked(w)
	}
	if c.kind == serviceToken {
		return tokenError(unsupportedTokenType, "This token cannot be revoked; it lives to its exp.")
	}
	ev := p.event(r, audit.TokenRevoked, audit.OK, "client")
	ev.Actor, ev.ClientID, ev.PersonID, ev.SessionID = client.ID, client.ID, c.grant.PersonID, c.grant.SessionID
	what := "grant"
	if c.row != nil {
		what = "access_token"
	}
	ev.Detail = detail("grant", c.grant.ID, "what", what)
	err = p.Store.Tx(r.Context(), func(tx storage.Records) error {
		if c.row == nil {
			err := session.EndGrant(r.Context(), tx, c.grant.ID, ev)
			return err
		}
		if err := tx.RevokeAccessToken(r.Context(), c.hash); err != nil {
			return err
		}
		return tx.Append(r.Context(), ev)
	})
	if err != nil {
		return err
	}
	return revoked(w)
}

// revoked is the answer of RFC 7009 §2.2: 200, the body says nothing.
func revoked(w http.ResponseWriter) error { return writeJSON(w, []byte("{}")) }
