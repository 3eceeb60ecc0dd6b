package op

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// userinfo answers GET and POST /userinfo (OIDC Core §5.3) with one statement: token, grant, session and person are
// alive, or the answer is 401.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	if len(v.origins) > 0 {
		w.Header()["Vary"] = varyOrigin
	}
	token, err := bearer(w, r)
	if err != nil {
		return err
	}
	b, err := p.present(r, v, token, now)
	if errors.Is(err, errToken) || errors.Is(err, storage.ErrNotFound) {
		return bearerError(http.StatusUnauthorized, "invalid_token", "The access token is not valid.")
	}
	if err != nil {
		return err
	}
	client := v.panels[b.grant.ClientID]
	if client == nil { // taken out of the configuration since
		return bearerError(http.StatusUnauthorized, "invalid_token", "The access token is not valid.")
	}
	allowOrigin(w, r, client)
	if !slices.Contains(b.scopes, oidc.ScopeOpenID) {
		return insufficient(oidc.ScopeOpenID)
	}
	if until := idleUntil(v, b.grant, now); !until.IsZero() {
		if err := p.Store.TouchSession(r.Context(), b.grant.SessionID, now, until); err != nil {
			return err
		}
	}
	claims, err := b.claims(client)
	if err != nil {
		return err
	}
	return writeJSON(w, claims.end())
}

// bearer finds the token: in the header, or in the body of a form, never in both and never in the query
// (RFC 6750 §2, OAuth 2.1 §5.1; C06).
func bearer(w http.ResponseWriter, r *http.Request) (string, error) {
	if r.URL.RawQuery != "" && carriesToken(r.URL.RawQuery) {
		return "", bearerError(http.StatusBadRequest, "invalid_request", "The access token must not be in the query.")
	}
	header := r.Header.Values("Authorization")
	token := ""
	if r.Method == http.MethodPost && strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/x-www-form-urlencoded") {
		q, err := form(w, r)
		if err != nil {
			return "", err
		}
		if token = q.get("access_token"); q.twice != "" || token != "" && len(header) > 0 {
			return "", bearerError(http.StatusBadRequest, "invalid_request", "The access token came more than once.")
		}
	}
	switch {
	case len(header) > 1:
		return "", bearerError(http.StatusBadRequest, "invalid_request", "The access token came more than once.")
	case len(header) == 1:
		scheme, rest, _ := strings.Cut(header[0], " ")
		if !strings.EqualFold(scheme, oidc.BearerToken) {
			return "", bearerError(http.StatusUnauthorized, "", "A bearer token is needed.")
		}
		token = strings.TrimSpace(rest)
	}
	if token == "" {
		return "", bearerError(http.StatusUnauthorized, "", "A bearer token is needed.")
	}
	return token, nil
}

// carriesToken reports whether a query holds an access token, however its name is escaped.
func carriesToken(query string) bool {
	name, err := url.QueryUnescape(query)
	return err != nil || strings.Contains(name, "access_token")
}

// bearerOf is a token that is good: its grant, its person, its scopes.
type bearerOf struct {
	grant  *storage.Grant
	person *storage.Person
	scopes []string
}

// present looks a token up. An ID token is not one: its typ says so (fault 4).
func (p *Provider) present(r *http.Request, v *view, token string, now time.Time) (*bearerOf, error) {
	if strings.HasPrefix(token, prefixAccess) {
		row, g, person, err := p.Store.AccessToken(r.Context(), secret.Hash(token), now)
		if err != nil {
			return nil, err
		}
		return &bearerOf{grant: g, person: person, scopes: row.Scopes}, nil
	}
	c, err := p.readAccessToken(v, token, now)
	if err != nil {
		return nil, err
	}
	id, _, ok := strings.Cut(c.ID, ".")
	if !ok {
		return nil, errToken
	}
	g, person, err := p.Store.LiveGrant(r.Context(), id, now)
	if err != nil {
		return nil, err
	}
	if g.PersonID != c.Subject || g.ClientID != c.ClientID {
		return nil, errToken
	}
	return &bearerOf{grant: g, person: person, scopes: strings.Fields(c.Scope)}, nil
}

// claims are what the token's scopes and the claims parameter ask for, as far as the person has it.
func (b *bearerOf) claims(client *panel) (members, error) {
	scopes := b.scopes
	if len(client.ClaimsIn) > 0 && !slices.Contains(client.ClaimsIn, "userinfo") {
		scopes = nil
	}
	var wishes map[string]*claimWish
	if len(b.grant.Claims) > 0 {
		if c, err := parseClaims(b.grant.Claims); err == nil {
			wishes = c.UserInfo
		}
	}
	out := object(512).text("sub", b.grant.PersonID)
	return out.claimsOf(b.person, wanted(scopes, wishes), nil)
}
