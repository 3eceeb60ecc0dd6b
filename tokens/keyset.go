package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Algorithms are those a key is kept for, all three from the start: a client whose YAML changes to another one can be served
// at once, without waiting for a key to be published.
var Algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}

// rsaBits is the size of RSA keys. Larger ones take seven times as long and protect nobody better.
const rsaBits = 2048

// The typ of what we sign: RFC 9068 §2.1 keeps access tokens and ID tokens apart, OIDC Back-Channel Logout 1.0 §2.4 logout
// tokens from both.
const (
	typID     = "JWT"
	typAccess = "at+jwt"
	typLogout = "logout+jwt"
)

// signingKey is one key, parsed once, with a signer for each typ.
type signingKey struct {
	row    *storage.Key
	alg    jose.SignatureAlgorithm
	public crypto.PublicKey
	id     *signer
	access *signer
	logout *signer
}

// keySet is everything that can sign or verify at one generation. Nothing in it changes but what it remembers.
type keySet struct {
	keys       []*signingKey          // oldest first
	byID       map[string]*signingKey // by kid
	jwks       *JWKS
	generation int64
	proven     *proven
}

// signer returns the key that signs with alg at now: the youngest active one.
func (s *keySet) signer(alg jose.SignatureAlgorithm, now time.Time) (*signingKey, error) {
	for i := len(s.keys) - 1; i >= 0; i-- {
		k := s.keys[i]
		if k.alg == alg && k.signs(now) {
			return k, nil
		}
	}
	return nil, fmt.Errorf("tokens: no active %s key", alg)
}

func (k *signingKey) signs(now time.Time) bool {
	return !k.row.ActiveFrom.After(now) && (k.row.RetiredAt.IsZero() || k.row.RetiredAt.After(now))
}

// gone reports whether the key has left the JWKS.
func (k *signingKey) gone(now time.Time) bool {
	return !k.row.GoneAt.IsZero() && !k.row.GoneAt.After(now)
}

// openKey opens a stored key and prepares its signers.
func openKey(box *secret.Box, row *storage.Key) (*signingKey, error) {
	der, err := box.Open(row.Sealed, "key", row.ID)
	if err != nil {
		return nil, fmt.Errorf("tokens: signing key %s does not open: is secrets.master_key the one of this database? %w", row.ID, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(der) // checks and precomputes RSA keys
	if err != nil {
		return nil, fmt.Errorf("tokens: signing key %s: %w", row.ID, err)
	}
	k := &signingKey{row: row, alg: jose.SignatureAlgorithm(row.Alg)}
	key, ok := private.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("tokens: signing key %s cannot sign", row.ID)
	}
	k.public = key.Public()
	if k.id, err = newSigner(k.alg, key, row.ID, typID); err == nil {
		k.access, err = newSigner(k.alg, key, row.ID, typAccess)
	}
	if err == nil {
		k.logout, err = newSigner(k.alg, key, row.ID, typLogout)
	}
	return k, err
}

// makeKey generates a key and seals it.
func makeKey(box *secret.Box, alg jose.SignatureAlgorithm, created, activeFrom time.Time) (*storage.Key, error) {
	var private crypto.Signer
	var err error
	switch alg {
	case jose.RS256:
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		err = fmt.Errorf("tokens: no keys for %s", alg)
	}
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return nil, err
	}
	kid := secret.NewID()
	return &storage.Key{
		ID: kid, Alg: string(alg), Sealed: box.Seal(der, "key", kid), Public: public, Created: created, ActiveFrom: activeFrom,
	}, nil
}

// JWKS is a JSON Web Key Set as it is published. Nobody changes it.
type JWKS struct {
	Body   []byte        // JSON
	MaxAge time.Duration // how long it may be kept
}

// renderJWKS writes public members only, each key with kid, alg and use.
func renderJWKS(keys []*signingKey, now time.Time, maxAge time.Duration) (*JWKS, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		if !k.gone(now) {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.public, KeyID: k.row.ID, Algorithm: string(k.alg), Use: "sig"})
		}
	}
	body, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	return &JWKS{body, maxAge}, nil
}
