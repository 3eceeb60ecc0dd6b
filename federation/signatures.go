package federation

import (
	"context"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/soglia-sso/soglia/jwks"
)

// signedWith are the algorithms a provider may sign with: asymmetric ones only. "none" proves nothing, and HS256 is keyed by
// a secret that is also used for other things (RFC 8725 §3.1, §3.2).
var signedWith = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// algorithms are the same as the library's verifier wants them.
func algorithms() (names []string) {
	for _, alg := range signedWith {
		names = append(names, string(alg))
	}
	return names
}

// signatures checks a token by the provider's keys (oidc.KeySet), and remembers why one could not be checked: the
// library's verifier only passes on the text.
type signatures struct {
	keys *jwks.Remote
	now  time.Time
	err  error
}

// VerifySignature returns what was signed.
func (s *signatures) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(jwt, signedWith)
	if err != nil {
		s.err = err
		return nil, err
	}
	var payload []byte
	header := signed.Signatures[0].Protected
	s.err = s.keys.Try(ctx, s.now, func(keys []jose.JSONWebKey) error {
		for _, key := range keys {
			if !jwks.Fits(key, header.KeyID, jose.SignatureAlgorithm(header.Algorithm)) {
				continue
			}
			if payload, err = signed.Verify(key.Key); err == nil {
				return nil
			}
		}
		return jwks.ErrNoKey
	})
	return payload, s.err
}
