package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// What we sign must be, for a library that is not ours, a JWS of that key, algorithm and typ, every time: one R or S in
// 256 is a byte shorter than the others.
func TestWhatIsSignedIsAJWSForTheLibrary(t *testing.T) {
	generate := map[jose.SignatureAlgorithm]func() (crypto.Signer, error){
		jose.ES256: func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		jose.RS256: func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, rsaBits) },
		jose.EdDSA: func() (crypto.Signer, error) { _, key, err := ed25519.GenerateKey(rand.Reader); return key, err },
	}
	times := map[jose.SignatureAlgorithm]int{jose.ES256: 2000, jose.RS256: 10, jose.EdDSA: 10}
	for alg, newKey := range generate {
		key, err := newKey()
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSigner(alg, key, `a "kid"`, typAccess)
		if err != nil {
			t.Fatal(err)
		}
		for i := range times[alg] {
			token, err := s.sign(Object(0).Number("n", int64(i)).Text("more", "m"))
			if err != nil {
				t.Fatal(err)
			}
			jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{alg})
			if err != nil {
				t.Fatalf("%s: %v: %s", alg, err, token)
			}
			payload, err := jws.Verify(key.Public())
			if err != nil {
				t.Fatalf("%s: %v: %s", alg, err, token)
			}
			var got struct {
				N    int
				More string
			}
			h := jws.Signatures[0].Protected
			if json.Unmarshal(payload, &got) != nil || got.N != i || got.More != "m" || h.KeyID != `a "kid"` || h.ExtraHeaders[jose.HeaderType] != typAccess {
				t.Fatalf("%s: %s, %+v", alg, payload, h)
			}
		}
	}
}

func TestNoSignatureIsMadeOfWhatIsNone(t *testing.T) {
	for _, der := range []string{"", "\x30\x00", "\x30\x06\x02\x01\x01\x02\x01\x01\x00", "\x30\x06\x02\x01\xff\x02\x01\x01", "\x30\x03\x02\x01\x01"} {
		if out, err := joined([]byte(der)); err == nil {
			t.Errorf("%x became %x", der, out)
		}
	}
	if out, err := joined([]byte("\x30\x06\x02\x01\x05\x02\x01\x07")); err != nil || out[31] != 5 || out[63] != 7 {
		t.Errorf("%x, %v", out, err)
	}
}
