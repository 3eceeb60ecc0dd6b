package tokens

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Claims are what we say in an access token (RFC 9068 §2.2), an ID token (OIDC Core §2) and an answer of introspection
// (RFC 7662 §2.2), and what we read of a token that comes back. Empty ones are left out. Times are seconds since 1970.
type Claims struct {
	Issuer     string   `json:"iss"`
	Subject    string   `json:"sub"`
	Audience   Audience `json:"aud"`
	ClientID   string   `json:"client_id"`
	Party      string   `json:"azp"`
	Scope      string   `json:"scope"`
	TokenType  string   `json:"-"` // introspection only
	ID         string   `json:"jti"`
	Issued     int64    `json:"iat"`
	Expires    int64    `json:"exp"`
	NotBefore  int64    `json:"nbf"` // only read: ours are good at once
	Nonce      string   `json:"-"`
	AccessHash string   `json:"-"`
	Sid        string   `json:"sid"`
	Authentication
	Authn *Authn `json:"urn:soglia:authn"`
}

// Authentication says how sure we are; all three or none of them (OIDC Core §12.2, RFC 9068 §2.2.1).
type Authentication struct {
	AuthTime int64    `json:"auth_time,omitempty"`
	Acr      string   `json:"acr,omitempty"`
	Amr      []string `json:"amr,omitempty"`
}

// Authn names what amr has no words for: the channels of codes, and the social provider of the first step.
type Authn struct {
	Channels []string `json:"channels,omitempty"`
	IDP      string   `json:"idp,omitempty"`
}

// ClaimAuthn is the name of the claim that holds [Authn].
const ClaimAuthn = "urn:soglia:authn"

// Audience is one string or several (RFC 7519 §4.1.3).
type Audience []string

// UnmarshalJSON reads either form.
func (a *Audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = Audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// Roomy is a size, in bytes, that most tokens and answers about them fit into, so that the buffer does not grow.
const Roomy = 512

// Members adds the claims to an object.
func (c *Claims) Members(m Members) Members {
	return m.Some("iss", c.Issuer).Some("sub", c.Subject).Texts("aud", c.Audience).Some("client_id", c.ClientID).
		Some("azp", c.Party).Some("scope", c.Scope).Some("token_type", c.TokenType).Some("jti", c.ID).
		Since("iat", c.Issued).Since("exp", c.Expires).Some("nonce", c.Nonce).Some("at_hash", c.AccessHash).
		Some("sid", c.Sid).Since("auth_time", c.AuthTime).Some("acr", c.Acr).Texts("amr", c.Amr).authn(c.Authn)
}

// SignAccess signs an access token and remembers it: this instance need not verify what it has made. plain gives it the typ of
// an ID token, JWT, for verifiers older than RFC 9068. Nobody may change the claims afterwards.
func (k *Keys) SignAccess(c *Claims, plain bool, alg jose.SignatureAlgorithm, now time.Time) (string, error) {
	set := k.set()
	key, err := set.signer(alg, now)
	if err != nil {
		return "", err
	}
	with := key.access
	if plain {
		with = key.id
	}
	token, err := with.sign(c.Members(Object(Roomy)))
	if err == nil {
		sum := DigestOf(token)
		set.proven.signed.Put(sum, int32(slices.Index(set.keys, key)))
		set.proven.fresh.Put(sum, verified{key, c})
	}
	return token, err
}

// SignID signs an ID token; more are claims about the person, without an opening brace.
func (k *Keys) SignID(c *Claims, more Members, alg jose.SignatureAlgorithm, now time.Time) (string, error) {
	key, err := k.set().signer(alg, now)
	if err != nil {
		return "", err
	}
	return key.id.sign(c.Members(Object(Roomy)).All(more))
}
