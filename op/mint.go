package op

import (
	"cmp"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// The prefixes tell whoever finds a secret, a scanner of repositories for instance, what it is.
const (
	prefixAccess  = "sog_at_"
	prefixRefresh = "sog_rt_"
)

// minting is one answer of the token endpoint in the making.
type minting struct {
	view       *view
	client     *client
	keys       *tokens.Keys
	grant      *storage.Grant // nil for a client that speaks for itself; so is frozen
	frozen     *frozen
	scopes     []string
	nonce      string    // of the request that the answer is to: a refresh is to none (OIDC Core §12.2)
	authStands bool      // acr, amr and auth_time are told, see acr.Renewal
	until      time.Time // tokens end here at the latest; zero = no limit
	now        time.Time
	expires    time.Time // of the access token, once made
}

// ends is when a token of that lifetime ends, in whole seconds as tokens have it.
func (m *minting) ends(lifetime time.Duration) time.Time {
	t := m.now.Add(lifetime)
	if !m.until.IsZero() && m.until.Before(t) {
		t = m.until
	}
	return t.Truncate(time.Second)
}

func (m *minting) authentication() tokens.Authentication {
	if !m.authStands {
		return tokens.Authentication{}
	}
	return m.frozen.authentication()
}

// opaque reports whether the access token is one that only we can read: by the client's choice, else when a sensitive
// scope is in it, so that it dies with the session and not at its exp.
func (m *minting) opaque() bool {
	switch m.client.AccessToken {
	case "jwt":
		return false
	case "opaque":
		return true
	}
	return m.view.anySensitive(m.scopes)
}

// accessToken makes the access token; row is what to store of an opaque one, nil for a JWT.
func (m *minting) accessToken() (token string, row *storage.AccessToken, err error) {
	if m.opaque() {
		m.expires = m.ends(m.view.cfg.Lifetimes.AccessToken)
		token = secret.New(prefixAccess)
		row = &storage.AccessToken{
			Hash: secret.Hash(token), GrantID: m.grant.ID, ClientID: m.client.ID, Scopes: m.scopes,
			Issued: m.now, Expires: m.expires,
		}
		if m.authStands {
			row.Acr, row.Amr, row.AuthTime = m.frozen.Acr, m.frozen.Amr, m.frozen.AuthTime
		}
		return token, row, nil
	}
	c := m.accessClaims(m.grant.PersonID, accessID(m.grant.ID))
	c.Sid, c.Authentication = m.grant.Sid, m.authentication()
	if m.authStands {
		c.Authn = m.frozen.authn()
	}
	token, err = m.keys.SignAccess(c, m.client.PlainTyp, accessAlg(m.view), m.now)
	return token, nil, err
}

// serviceToken is the access token of a client that speaks for itself. Its jti has no grant before it.
func (m *minting) serviceToken() (string, error) {
	return m.keys.SignAccess(m.accessClaims(m.client.ID, secret.NewID()), m.client.PlainTyp, accessAlg(m.view), m.now)
}

// accessClaims begins an access token. Its audience is the issuer: the resource it opens is our userinfo endpoint, and a
// panel that takes access tokens for ID tokens finds itself not in the audience.
func (m *minting) accessClaims(subject, id string) *tokens.Claims {
	m.expires = m.ends(m.view.cfg.Lifetimes.AccessToken)
	return &tokens.Claims{
		Issuer: m.view.cfg.Issuer, Subject: subject, Audience: []string{m.view.cfg.Issuer}, ClientID: m.client.ID,
		Scope: strings.Join(m.scopes, " "), ID: id, Issued: m.now.Unix(), Expires: m.expires.Unix(),
	}
}

// idToken makes the ID token; person are claims about the person that belong in it.
func (m *minting) idToken(accessToken string, person tokens.Members) (string, error) {
	alg := idAlg(m.view, m.client)
	hash, err := oidc.ClaimHash(accessToken, alg)
	if err != nil {
		return "", err
	}
	c := &tokens.Claims{
		Issuer: m.view.cfg.Issuer, Subject: m.grant.PersonID, Audience: []string{m.client.ID}, Issued: m.now.Unix(),
		Expires: m.ends(m.view.cfg.Lifetimes.IDToken).Unix(), Nonce: m.nonce, Party: m.client.ID, AccessHash: hash,
		Sid: m.grant.Sid, ID: secret.NewID(), Authentication: m.authentication(),
	}
	return m.keys.SignID(c, person, alg, m.now)
}

func accessAlg(v *view) jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(v.cfg.Signing.AccessToken)
}

func idAlg(v *view, c *client) jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(cmp.Or(c.IDTokenAlg, v.cfg.Signing.IDToken))
}

// accessID is the jti of an access token: unique, and begins with the id of its grant, by which liveness is read.
func accessID(grant string) string { return grant + "." + secret.NewID() }

// authentication is what the decision found: how sure we are, since when and by what.
func (f *frozen) authentication() tokens.Authentication {
	return tokens.Authentication{AuthTime: f.AuthTime.Unix(), Acr: f.Acr, Amr: f.Amr}
}

func (f *frozen) authn() *tokens.Authn {
	if len(f.Channels) == 0 && f.IDP == "" {
		return nil
	}
	return &tokens.Authn{Channels: f.Channels, IDP: f.IDP}
}
