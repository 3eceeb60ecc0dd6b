package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	jose "github.com/go-jose/go-jose/v4"
)

var claims = func() []byte {
	return must(json.Marshal(map[string]any{
		"iss": "https://sso.example.com", "sub": "248289761001", "aud": []string{"panel"}, "exp": 1893456000, "iat": 1790000000,
		"auth_time": 1790000000, "nonce": "n-0S6_WzA2Mj", "acr": "mfa", "amr": []string{"pwd", "otp"}, "sid": "08a5019c-17e1-4977-8f42-65a12843ea02", "at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng",
	}))
}()

// signers returns, by name, functions making a compact JWS over the claims.
func signers() map[string]func() string {
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rk := must(rsa.GenerateKey(rand.Reader, 2048))
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	b64 := base64.RawURLEncoding
	head := func(alg string) string {
		return b64.EncodeToString([]byte(`{"alg":"`+alg+`","kid":"k1","typ":"at+jwt"}`)) + "."
	}
	hEC, hRS, hED := head("ES256"), head("RS256"), head("EdDSA")
	joseSigner := func(alg jose.SignatureAlgorithm, key any) func() string {
		return func() string { // one signer per token, as most servers do
			s := must(jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, (&jose.SignerOptions{}).WithType("at+jwt")))
			return must(must(s.Sign(claims)).CompactSerialize())
		}
	}
	return map[string]func() string{
		"es256-jose": joseSigner(jose.ES256, ec), "rs256-jose": joseSigner(jose.RS256, rk), "eddsa-jose": joseSigner(jose.EdDSA, ed),
		"es256": func() string {
			in := hEC + b64.EncodeToString(claims)
			d := sha256.Sum256([]byte(in))
			r, s, err := ecdsa.Sign(rand.Reader, ec, d[:])
			must(0, err)
			var sig [64]byte
			r.FillBytes(sig[:32])
			s.FillBytes(sig[32:])
			return in + "." + b64.EncodeToString(sig[:])
		},
		"rs256": func() string {
			in := hRS + b64.EncodeToString(claims)
			d := sha256.Sum256([]byte(in))
			return in + "." + b64.EncodeToString(must(rsa.SignPKCS1v15(nil, rk, crypto.SHA256, d[:])))
		},
		"eddsa": func() string {
			in := hED + b64.EncodeToString(claims)
			return in + "." + b64.EncodeToString(ed25519.Sign(ed, []byte(in)))
		},
	}
}
