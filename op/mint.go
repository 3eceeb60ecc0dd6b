package op

import (
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// The prefixes tell whoever finds a secret, a scanner of repositories for instance, what it is.
const (
	prefixAccess  = "sog_at_"
	prefixRefresh = "sog_rt_"
)

// accessClaims is an access token (RFC 9068 §2.2). Its audience is the issuer: the resource it opens is our userinfo
// endpoint, and a panel that takes access tokens for ID tokens finds itself not in the audience.
type accessClaims struct {
	Issuer   string
	Subject  string
	Audience []string
	ClientID string
	Scope    string
	ID       string
	Issued   int64
	Expires  int64
	Sid      string
	authClaims
	Authn *authnClaim
}

// roomy is what most tokens fit into without growing.
const roomy = 768

func (c *accessClaims) members() (members, error) {
	m := object(roomy).text("iss", c.Issuer).text("sub", c.Subject).texts("aud", c.Audience).
		text("client_id", c.ClientID).text("scope", c.Scope).text("jti", c.ID).
		number("iat", c.Issued).number("exp", c.Expires).some("sid", c.Sid)
	return c.authClaims.of(m).authn(c.Authn)
}

// idClaims is an ID token (OIDC Core §2).
type idClaims struct {
	Issuer     string
	Subject    string
	Audience   []string
	Expires    int64
	Issued     int64
	Nonce      string
	Party      string
	AccessHash string
	Sid        string
	ID         string
	authClaims
	more members // claims about the person
}

func (c *idClaims) members() members {
	m := object(roomy).text("iss", c.Issuer).text("sub", c.Subject).texts("aud", c.Audience).
		number("exp", c.Expires).number("iat", c.Issued).some("nonce", c.Nonce).text("azp", c.Party).
		some("at_hash", c.AccessHash).some("sid", c.Sid).text("jti", c.ID)
	return c.authClaims.of(m).all(c.more)
}

// authClaims say how sure we are; all three or none of them (OIDC Core §12.2, RFC 9068 §2.2.1).
type authClaims struct {
	AuthTime int64    `json:"auth_time,omitempty"`
	Acr      string   `json:"acr,omitempty"`
	Amr      []string `json:"amr,omitempty"`
}

func (c authClaims) of(m members) members {
	return m.since("auth_time", c.AuthTime).some("acr", c.Acr).texts("amr", c.Amr)
}

// authnClaim names what amr has no words for: the channels of codes, and the social provider of the first step.
type authnClaim struct {
	Channels []string `json:"channels,omitempty"`
	IDP      string   `json:"idp,omitempty"`
}

const claimAuthn = "urn:soglia:authn"

func (m members) authn(c *authnClaim) (members, error) {
	if c == nil {
		return m, nil
	}
	return m.value(claimAuthn, c)
}

func (f *frozen) authn() *authnClaim {
	if len(f.Channels) == 0 && f.IDP == "" {
		return nil
	}
	return &authnClaim{Channels: f.Channels, IDP: f.IDP}
}

// minting is one answer of the token endpoint in the making.
type minting struct {
	view    *view
	client  *client
	keys    *keySet
	grant   *storage.Grant
	frozen  *frozen
	scopes  []string
	auth    bool      // with acr, amr, auth_time
	until   time.Time // tokens end here at the latest; zero = no limit
	now     time.Time
	expires time.Time // of the access token, once made
}

// ends is when a token of that lifetime ends, in whole seconds as tokens have it.
func (m *minting) ends(lifetime time.Duration) time.Time {
	t := m.now.Add(lifetime)
	if !m.until.IsZero() && m.until.Before(t) {
		t = m.until
	}
	return t.Truncate(time.Second)
}

func (m *minting) authClaims() authClaims {
	if !m.auth {
		return authClaims{}
	}
	return authClaims{AuthTime: m.frozen.AuthTime.Unix(), Acr: m.frozen.Acr, Amr: m.frozen.Amr}
}

// opaque reports whether the access token is one that only we can read: by the client's choice, else when a sensitive
// scope is in it, so that it dies with the session and not at its exp (design.md §4).
func (m *minting) opaque() bool {
	switch m.client.AccessToken {
	case "jwt":
		return false
	case "opaque":
		return true
	}
	return m.view.floored(m.scopes)
}

// accessToken makes the access token; row is what to store of an opaque one, nil for a JWT.
func (m *minting) accessToken() (token string, row *storage.AccessToken, err error) {
	m.expires = m.ends(m.view.cfg.Lifetimes.AccessToken)
	auth := m.authClaims()
	if m.opaque() {
		token = secret.New(prefixAccess)
		row = &storage.AccessToken{
			Hash: secret.Hash(token), GrantID: m.grant.ID, ClientID: m.client.ID, Scopes: m.scopes,
			Issued: m.now, Expires: m.expires,
		}
		if m.auth {
			row.Acr, row.Amr, row.AuthTime = auth.Acr, auth.Amr, m.frozen.AuthTime
		}
		return token, row, nil
	}
	c := accessClaims{
		Issuer: m.view.cfg.Issuer, Subject: m.grant.PersonID, Audience: []string{m.view.cfg.Issuer}, ClientID: m.client.ID,
		Scope: oidc.SpaceDelimitedArray(m.scopes).String(), ID: accessID(m.grant.ID), Issued: m.now.Unix(),
		Expires: m.expires.Unix(), Sid: m.grant.Sid, authClaims: auth,
	}
	if m.auth {
		c.Authn = m.frozen.authn()
	}
	token, err = m.signAccess(c)
	return token, nil, err
}

// signAccess signs an access token and remembers it: this instance need not verify what it has made.
func (m *minting) signAccess(c accessClaims) (string, error) {
	key, err := m.keys.signer(accessAlg(m.view), m.now)
	if err != nil {
		return "", err
	}
	claims, err := c.members()
	if err != nil {
		return "", err
	}
	token, err := key.access.sign(claims)
	if err == nil {
		m.keys.proven.minted(digestOf(token), slices.Index(m.keys.keys, key), mark{key, &returned{
			Issuer: c.Issuer, Subject: c.Subject, Audience: c.Audience, Expires: c.Expires, Issued: c.Issued, ID: c.ID,
			ClientID: c.ClientID, Scope: c.Scope, Sid: c.Sid, authClaims: c.authClaims, Authn: c.Authn,
		}})
	}
	return token, err
}

// idToken makes the ID token; extra are claims about the person that belong in it.
func (m *minting) idToken(accessToken string, extra members) (string, error) {
	key, err := m.keys.signer(idAlg(m.view, m.client), m.now)
	if err != nil {
		return "", err
	}
	hash, err := oidc.ClaimHash(accessToken, key.alg)
	if err != nil {
		return "", err
	}
	c := idClaims{
		Issuer: m.view.cfg.Issuer, Subject: m.grant.PersonID, Audience: []string{m.client.ID}, Issued: m.now.Unix(),
		Expires: m.ends(m.view.cfg.Lifetimes.IDToken).Unix(), Nonce: m.grant.Nonce, Party: m.client.ID, AccessHash: hash,
		Sid: m.grant.Sid, ID: secret.NewID(), authClaims: m.authClaims(), more: extra,
	}
	return key.id.sign(c.members())
}

func accessAlg(v *view) jose.SignatureAlgorithm {
	if a := v.cfg.Signing.AccessToken; a != "" {
		return jose.SignatureAlgorithm(a)
	}
	return jose.ES256
}

// idAlg is RS256 unless YAML says otherwise: OIDC Core §15.1 makes it mandatory, Registration §2 the default.
func idAlg(v *view, p *client) jose.SignatureAlgorithm {
	for _, a := range []string{p.IDTokenAlg, v.cfg.Signing.IDToken} {
		if a != "" {
			return jose.SignatureAlgorithm(a)
		}
	}
	return jose.RS256
}

// accessID is the jti of an access token: unique, and begins with the id of its grant, by which liveness is read.
func accessID(grant string) string { return grant + "." + secret.NewID() }
