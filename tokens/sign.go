package tokens

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// signer makes compact JWS (RFC 7515 §7.1) with one key and one typ. go-jose would marshal and encode the same protected
// header twice for each token, a seventh of what the whole answer of client_credentials costs; everything that is read or
// verified goes through it.
type signer struct {
	alg    jose.SignatureAlgorithm
	key    crypto.Signer
	header string // encoded, with its dot

	longest int // signature, encoded, with its dot
}

func newSigner(alg jose.SignatureAlgorithm, key crypto.Signer, kid, typ string) (*signer, error) {
	header, err := json.Marshal(struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
		Typ string `json:"typ"`
	}{string(alg), kid, typ})
	size := 64
	if alg == jose.RS256 {
		size = rsaBits / 8
	}
	return &signer{alg, key, base64.RawURLEncoding.EncodeToString(header) + ".", 1 + base64.RawURLEncoding.EncodedLen(size)}, err
}

// sign signs an object of claims, which must not be ended yet.
func (s *signer) sign(claims Members) (string, error) {
	payload := claims.End()
	out := make([]byte, 0, len(s.header)+base64.RawURLEncoding.EncodedLen(len(payload))+s.longest)
	out = base64.RawURLEncoding.AppendEncode(append(out, s.header...), payload)
	signature, err := s.signature(out)
	if err != nil {
		return "", err
	}
	return string(base64.RawURLEncoding.AppendEncode(append(out, '.'), signature)), nil
}

// signature signs as RFC 7518 §3.3, §3.4 and RFC 8037 §3.1 say.
func (s *signer) signature(input []byte) ([]byte, error) {
	if s.alg == jose.EdDSA {
		return s.key.Sign(nil, input, crypto.Hash(0))
	}
	sum := sha256.Sum256(input)
	out, err := s.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil || s.alg == jose.RS256 {
		return out, err
	}
	return joined(out)
}

var errSignature = errors.New("tokens: a signature that is none")

// joined is R and S of a P-256 signature, each in 32 bytes, as JWS wants them instead of ASN.1 (RFC 7518 §3.4).
func joined(der []byte) ([]byte, error) {
	var pair cryptobyte.String
	var r, s []byte
	input := cryptobyte.String(der)
	if !input.ReadASN1(&pair, asn1.SEQUENCE) || !input.Empty() || !pair.ReadASN1Integer(&r) || !pair.ReadASN1Integer(&s) ||
		!pair.Empty() || len(r) > 32 || len(s) > 32 {
		return nil, errSignature
	}
	out := make([]byte, 64)
	copy(out[32-len(r):], r)
	copy(out[64-len(s):], s)
	return out, nil
}
