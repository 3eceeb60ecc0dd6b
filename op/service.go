package op

import (
	"net/http"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// clientCredentials answers grant_type=client_credentials (RFC 6749 §4.4): a panel's back end speaks for itself. There is no
// person in it, so no acr, amr or auth_time, no session, no refresh token (§4.4.3) and no grant: one statement, the
// record.
func (t *exchange) clientCredentials() (*oidc.AccessTokenResponse, error) {
	scopes, err := t.ownScopes()
	if err != nil {
		return nil, err
	}
	m := &minting{view: t.view, client: t.client, keys: t.Tokens, scopes: scopes, now: t.now}
	token, err := m.serviceToken()
	if err != nil {
		return nil, err
	}
	if err := t.Store.Append(t.r.Context(), t.spoke(m)); err != nil {
		return nil, err
	}
	return &oidc.AccessTokenResponse{
		AccessToken: token, TokenType: oidc.BearerToken, Scope: m.scopes, ExpiresIn: uint64(m.expires.Unix() - t.now.Unix()),
	}, nil
}

// ownScopes are the scopes a client may have without a person: of its list those that are neither about a person
// (OIDC Core §5.4, §11) nor opened by one's level. Without a scope parameter all of them (RFC 6749 §3.3).
func (t *exchange) ownScopes() ([]string, error) {
	mine := func(s string) bool { return t.view.allowedWithoutPerson(t.client, s) }
	asked, ok := words(t.params.get("scope"), maxScopes)
	if !ok {
		return nil, tokenError(oidc.InvalidScope, "The scope has too many values.")
	}
	if len(asked) == 0 {
		asked = slices.DeleteFunc(slices.Clone(t.client.Scopes), func(s string) bool { return !mine(s) })
	}
	asked = slices.DeleteFunc(asked, func(s string) bool { return !t.view.known[s] })
	if len(asked) == 0 {
		return nil, tokenError(oidc.InvalidScope, "The client has no scope of its own.")
	}
	for _, s := range asked {
		if !mine(s) {
			return nil, tokenError(oidc.InvalidScope, "A scope needs a person, or is not allowed to this client.")
		}
	}
	return asked, nil
}

// allowedWithoutPerson reports whether the client may have the scope without a person.
func (v *view) allowedWithoutPerson(p *client, scope string) bool {
	return slices.Contains(p.Scopes, scope) && !slices.Contains(standardScopes, scope) && !v.anySensitive([]string{scope})
}

func (t *exchange) spoke(m *minting) *storage.Event {
	ev := t.event(t.r, audit.TokenIssued, audit.OK, "client_credentials")
	ev.Actor, ev.ClientID = t.client.ID, t.client.ID
	ev.Detail = detail("scope", strings.Join(m.scopes, " "))
	return ev
}

// Service authenticates a call of our own APIs by a client's own access token, without a statement: client is who calls.
// The error is one of RFC 6750 §3.1, invalid_token or insufficient_scope. A token with a person in it does not serve.
func (p *Provider) Service(w http.ResponseWriter, r *http.Request, scope string) (client string, err error) {
	v, now := p.view(), p.now()
	token, err := bearer(w, r)
	if err != nil {
		return "", err
	}
	c, err := p.findToken(r, v, token, serviceToken, now)
	if err != nil {
		return "", err
	}
	if c == nil {
		return "", bearerError(http.StatusUnauthorized, "invalid_token", "The access token is not valid.")
	}
	good, err := p.worth(r, v, c, now)
	if err != nil {
		return "", err
	}
	if good == nil || !slices.Contains(good.scopes, scope) {
		return "", insufficient(scope)
	}
	return c.client, nil
}
