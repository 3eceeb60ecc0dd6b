package gatewaytest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"sync"
)

// claims are those of Vonage's tokens, in both directions.
type claims struct {
	IssuedAt    int64  `json:"iat"`
	Expires     int64  `json:"exp,omitempty"`
	ID          string `json:"jti"`
	Issuer      string `json:"iss,omitempty"`
	PayloadHash string `json:"payload_hash,omitempty"`
	APIKey      string `json:"api_key,omitempty"`
	Application string `json:"application_id"`
}

var b64 = base64.RawURLEncoding

func signHS256(key string, c claims) string {
	signed := b64.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64.EncodeToString(toJSON(c))
	return signed + "." + b64.EncodeToString(hs256(key, signed))
}

func hs256(key, signed string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signed))
	return h.Sum(nil)
}

// rightHS256 says whether a token is signed with the key.
func rightHS256(key, token string) bool {
	i := strings.LastIndex(token, ".")
	if i < 0 {
		return false
	}
	signature, err := b64.DecodeString(token[i+1:])
	return err == nil && hmac.Equal(signature, hs256(key, token[:i]))
}

// application is a key pair: the sender has the private half.
type application struct {
	pem    string
	public *rsa.PublicKey
}

// applicationKey is one for all fakes, because making one takes its time.
var applicationKey = sync.OnceValue(func() application {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return application{string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), &key.PublicKey}
})

// read opens a token of the application, RS256.
func (a application) read(token string) (claims, bool) {
	var c claims
	var head struct {
		Alg string `json:"alg"`
	}
	part := strings.Split(token, ".")
	if len(part) != 3 {
		return c, false
	}
	for i, into := range []any{&head, &c} {
		b, err := b64.DecodeString(part[i])
		if err != nil || json.Unmarshal(b, into) != nil {
			return c, false
		}
	}
	signature, err := b64.DecodeString(part[2])
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	return c, err == nil && head.Alg == "RS256" && rsa.VerifyPKCS1v15(a.public, crypto.SHA256, sum[:], signature) == nil
}
