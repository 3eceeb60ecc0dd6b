package op

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// grantType is a row of the token endpoint. A client may use it when its YAML lists the name.
type grantType struct {
	name   oidc.GrantType
	answer func(*exchange) (*oidc.AccessTokenResponse, error)
}

// grantTypes are all there are; discovery tells their names.
var grantTypes = []grantType{
	{oidc.GrantTypeCode, (*exchange).redeem},
	{oidc.GrantTypeRefreshToken, (*exchange).refresh},
	{oidc.GrantTypeClientCredentials, (*exchange).clientCredentials},
}

// doToken answers POST /token (RFC 6749 §3.2). GET never gets here: the route knows only POST.
func (p *Provider) doToken(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	client, q, err := p.authenticatedForm(w, r, v)
	if err != nil {
		return err
	}
	name := oidc.GrantType(q.get("grant_type"))
	i := slices.IndexFunc(grantTypes, func(g grantType) bool { return g.name == name })
	switch {
	case name == "":
		return tokenError(oidc.InvalidRequest, "grant_type is missing.")
	case i < 0:
		return tokenError(oidc.UnsupportedGrantType, "The grant type is not supported.")
	case !client.may(name):
		return tokenError(oidc.UnauthorizedClient, "The client may not use this grant type.")
	}
	answer, err := grantTypes[i].answer(&exchange{Provider: p, r: r, view: v, client: client, params: q, now: p.now()})
	if err != nil {
		return err
	}
	return writeToken(w, answer)
}

// authenticatedForm reads what a client posts to the token, introspection and revocation endpoints, and who it is.
func (p *Provider) authenticatedForm(w http.ResponseWriter, r *http.Request, v *view) (*client, params, error) {
	if r.URL.RawQuery != "" {
		// RFC 6749 §2.3.1: secrets must not be in the URI, and the rest has no business there either (fault 7).
		return nil, params{}, tokenError(oidc.InvalidRequest, "Parameters belong in the body.")
	}
	q, err := form(w, r)
	if err != nil {
		return nil, params{}, err
	}
	if q.broken != "" || q.twice != "" || q.many {
		return nil, params{}, tokenError(oidc.InvalidRequest, "A parameter is malformed or came twice.")
	}
	client, err := p.authenticate(r, v, q)
	if err != nil {
		return nil, params{}, err
	}
	narrow(w, r, client)
	return client, q, nil
}

// narrow takes the answer away from the scripts of other panels. Until the client is known, any origin that somebody
// registered may read what is said (web.Route.CORS); from then on only the client's own.
func narrow(w http.ResponseWriter, r *http.Request, client *client) {
	if origin := r.Header.Get("Origin"); origin != "" && !slices.Contains(client.Origins, origin) {
		web.Unshare(w)
	}
}

// writeToken answers as RFC 6749 §5.1 says.
func writeToken(w http.ResponseWriter, answer *oidc.AccessTokenResponse) error {
	m := tokens.Object(len(answer.AccessToken)+len(answer.IDToken)+len(answer.RefreshToken)+256).
		Text("access_token", answer.AccessToken).Text("token_type", answer.TokenType).
		Some("refresh_token", answer.RefreshToken).Since("expires_in", int64(answer.ExpiresIn)).
		Some("id_token", answer.IDToken).Some("scope", answer.Scope.String())
	return writeJSON(w, m.End())
}

// isJSON is shared by all answers.
var isJSON = []string{"application/json"}

// writeJSON answers a program. web has said no-store already; to say it again would make of the header's eight names a map
// for sixteen, which costs as much as the log line.
func writeJSON(w http.ResponseWriter, body []byte) error {
	h := w.Header()
	h["Content-Type"] = isJSON
	if len(body) > web.Counted {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	_, err := w.Write(body)
	return err
}

// exchange is one request at the token endpoint of a client that is who it says.
type exchange struct {
	*Provider
	r      *http.Request
	view   *view
	client *client
	params params
	now    time.Time
}

// minting prepares the answer on a grant.
func (t *exchange) minting(g *storage.Grant) (*minting, error) {
	f, err := t.frozenOf(g)
	if err != nil {
		return nil, err
	}
	return t.of(g, f), nil
}

func (t *exchange) of(g *storage.Grant, f *frozen) *minting {
	return &minting{view: t.view, client: t.client, keys: t.Tokens, grant: g, frozen: f, scopes: g.Scopes, now: t.now}
}

// earlier is the earlier of two times; a zero a is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// refreshUntil is the idle limit of a refresh token that was used or made now, of a grant that ends then. Without
// offline_access it also ends with the session: storage asks for both to be alive.
func (t *exchange) refreshUntil(ends time.Time) time.Time {
	return earlier(t.now.Add(t.view.cfg.Lifetimes.RefreshIdle), ends)
}

// respond makes the answer, with an ID token where one belongs.
func (t *exchange) respond(m *minting, access, refresh string, person *storage.Person) (*oidc.AccessTokenResponse, error) {
	answer := &oidc.AccessTokenResponse{
		AccessToken: access, TokenType: oidc.BearerToken, RefreshToken: refresh, Scope: m.scopes,
		ExpiresIn: uint64(m.expires.Unix() - t.now.Unix()),
	}
	if !m.authStands || !slices.Contains(m.scopes, oidc.ScopeOpenID) {
		return answer, nil // OAuth only (fault 13), or an answer without acr
	}
	names := m.idTokenClaims()
	if person == nil && slices.ContainsFunc(names, func(n string) bool { return n != tokens.ClaimAuthn }) {
		var err error
		if person, err = t.Store.Person(t.r.Context(), m.grant.PersonID); errors.Is(err, storage.ErrNotFound) {
			return nil, invalidGrant(err)
		} else if err != nil {
			return nil, err
		}
	}
	var err error
	answer.IDToken, err = m.idToken(access, tokens.PersonClaims(nil, m.view.cfg, person, names, m.client.Claims, m.frozen.authn()))
	return answer, err
}
