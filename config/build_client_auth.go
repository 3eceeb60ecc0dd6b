package config

import (
	"slices"

	"github.com/soglia-sso/soglia/outbound"
)

// The ways a client authenticates (RFC 6749 §2.3, RFC 7523 §2.2, OIDC Core §9).
const (
	byNothing = "none"
	byBasic   = "client_secret_basic"
	byPost    = "client_secret_post"
	byKey     = "private_key_jwt"
)

// authentication builds how a client proves itself. What is left out follows from what the client has; what is written is
// meant exactly. Ways to send a secret may stand together, because each of them needs the secret; beside none or a key
// they would be a second, weaker door.
func (b *builder) authentication(path string, f FileClient, c *Client) {
	at := path + ".auth_method"
	if b.places.isBadBelow(at) {
		return
	}
	if b.twice(at, f.AuthMethod); b.places.isBadBelow(at) {
		return
	}
	secret := len(f.Secret) > 0 || b.places.isBad(path+".secret")
	keys := f.JWKS != nil || f.JWKSURI != "" || b.places.isBad(path+".jwks")
	for _, alone := range []string{byNothing, byKey} {
		if len(f.AuthMethod) > 1 && slices.Contains(f.AuthMethod, alone) {
			b.errorf(at, "", "auth_method of client %q: %s stands alone; only %s and %s can share a list", f.ID, alone, byBasic, byPost)
			return
		}
	}
	c.AuthMethods = slices.Clone(f.AuthMethod)
	switch {
	case len(c.AuthMethods) > 0:
	case f.Public:
		c.AuthMethods = []string{byNothing}
	case keys && secret:
		b.errorf(path, "", "client %q has a secret and keys: one of them must go", f.ID)
		return
	case keys:
		c.AuthMethods = []string{byKey}
	default:
		c.AuthMethods = []string{byBasic, byPost}
	}
	switch {
	case f.Public:
		b.publicClient(path, f, c, secret)
	case c.AuthMethods[0] == byNothing:
		b.errorf(at, "", "client %q needs public: true for auth_method none", f.ID)
	case c.AuthMethods[0] == byKey:
		b.assertions(path, f, secret)
	default:
		b.noKeys(path, f, "proves itself by its secret")
		if !secret && f.ID != "" {
			b.missing(path, "client %q has no secret; a program that can keep none is public: true", f.ID)
			return
		}
		c.SecretHashes = b.clientSecrets(path+".secret", f.ID, f.Secret)
	}
}

func (b *builder) publicClient(path string, f FileClient, c *Client, secret bool) {
	if secret {
		b.errorf(path+".secret", "", "client %q is public and can have no secret", f.ID)
	}
	if c.AuthMethods[0] != byNothing {
		b.errorf(path+".auth_method", "", "client %q is public: its auth_method is none", f.ID)
	}
	if c.PKCEOptional {
		b.errorf(path+".pkce", "", "client %q is public: PKCE is its only proof", f.ID)
	}
	b.noKeys(path, f, "is public")
}

// noKeys reports keys that nothing would look at.
func (b *builder) noKeys(path string, f FileClient, because string) {
	for key, there := range map[string]bool{"jwks": f.JWKS != nil, "jwks_uri": f.JWKSURI != ""} {
		if there {
			b.errorf(path+"."+key, "", "client %q %s and can have no keys", f.ID, because)
		}
	}
}

// assertions checks a client that proves itself by its key (RFC 7523 §2.2).
func (b *builder) assertions(path string, f FileClient, secret bool) {
	inline := f.JWKS != nil || b.places.isBad(path+".jwks")
	switch {
	case secret:
		b.errorf(path+".secret", "", "client %q proves itself by its key and can have no secret", f.ID)
	case inline && f.JWKSURI != "":
		b.errorf(path+".jwks_uri", "", "client %q has jwks and jwks_uri: one of them must go", f.ID)
	case !inline && f.JWKSURI == "" && f.ID != "":
		b.missing(path, "client %q needs jwks or jwks_uri for auth_method private_key_jwt", f.ID)
	}
	if f.JWKSURI != "" {
		if problem := b.wrongPeer(f.JWKSURI, outbound.Inside{}); problem != "" {
			b.errorf(path+".jwks_uri", "", "client %q: jwks_uri %q %s", f.ID, f.JWKSURI, problem)
		}
	}
}
