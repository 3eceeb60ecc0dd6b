package op

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// userinfo answers GET and POST /userinfo (OIDC Core §5.3) with one statement: token, grant, session and person are
// alive, or the answer is 401.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	token, err := bearer(w, r)
	if err != nil {
		return err
	}
	c, err := p.findToken(r, v, token, accessToken, now)
	if err != nil {
		return err
	}
	var good *worth
	if c != nil {
		if good, err = p.worth(r, v, c, now); err != nil {
			return err
		}
	}
	if good == nil {
		return bearerError(http.StatusUnauthorized, "invalid_token", "The access token is not valid.")
	}
	client := v.clients[c.client]
	narrow(w, r, client)
	if !slices.Contains(good.scopes, oidc.ScopeOpenID) {
		return insufficient(oidc.ScopeOpenID)
	}
	if until := idleUntil(v, c.grant, now); !until.IsZero() {
		if err := p.Store.TouchSession(r.Context(), c.grant.SessionID, now, until); err != nil {
			return err
		}
	}
	return writeJSON(w, c.claims(v.cfg, client, good.scopes).End())
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

// claims are what the token's scopes and the claims parameter ask for, as far as the person has it.
func (c *liveToken) claims(cfg *config.Config, client *client, granted []string) tokens.Members {
	scopes := granted
	if len(client.ClaimsIn) > 0 && !slices.Contains(client.ClaimsIn, "userinfo") {
		scopes = nil
	}
	var wishes map[string]*claimWish
	if len(c.grant.Claims) > 0 {
		if asked, err := parseClaims(c.grant.Claims); err == nil {
			wishes = asked.UserInfo
		}
	}
	var room usual
	out := tokens.Object(tokens.Roomy).Text("sub", c.grant.PersonID)
	return tokens.PersonClaims(out, cfg, c.person, client.wanted(room[:0], granted, scopes, wishes), client.Claims, nil)
}
