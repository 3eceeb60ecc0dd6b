package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// Some providers write 1, or an object where a link belongs. The ID token alone would do for a sign-in.
func TestQ29OddUserinfoCostsOnlyItself(t *testing.T) {
	for name, c := range map[string]struct {
		userinfo claimSet
		want     []Email
	}{
		"1 for true":        {claimSet{"email": "u@example.com", "email_verified": 1}, []Email{{Address: "u@example.com"}}},
		"an object":         {claimSet{"email": "u@example.com", "email_verified": true, "profile": claimSet{"url": "x"}}, []Email{{Address: "u@example.com", Verified: true}}},
		"no text for email": {claimSet{"email": []string{"u@example.com"}, "email_verified": true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.idp.userinfo = c.userinfo
			b.idp.userinfo["sub"] = "248289761001"
			b.idp.idToken = func(c claimSet) { c["email"], c["email_verified"] = nil, nil }
			i, err := b.signIn()
			if err != nil {
				t.Fatal(err)
			}
			if len(i.Emails) != len(c.want) || len(c.want) == 1 && i.Emails[0] != c.want[0] {
				t.Errorf("%+v", i.Emails)
			}
		})
	}
}

// A key that cannot be read stands beside the good one (RFC 7517 §5: such keys are left out).
func TestQ30AMalformedKeyIsLeftOut(t *testing.T) {
	b := newBench(t)
	b.idp.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/keys" {
			return false
		}
		good, err := json.Marshal(jose.JSONWebKey{Key: b.idp.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"})
		if err != nil {
			t.Error(err)
		}
		w.Write([]byte(`{"keys":[{"kty":"RSA","kid":"bad","n":"AQAB","e":"AQAB","x5c":["not base64 !"]},7,{"kty":"new"},` + string(good) + `]}`))
		return true
	}
	if _, err := b.signIn(); err != nil {
		t.Fatal(err)
	}
}

// Each ID token with a kid that nobody knows made one more fetch of the provider's keys.
func TestQ72UnknownKeysMakeOneFetchAMinute(t *testing.T) {
	b := newBench(t)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b.idp.sign = func(c claimSet) string {
		return b.idp.signed(c, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: other, KeyID: "k" + rand.Text()}})
	}
	for range 12 {
		if _, err := b.signIn(); !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
	}
	if n := b.idp.count("/keys"); n > 1 {
		t.Errorf("%d fetches for twelve tokens", n)
	}
	b.idp.sign = nil
	if _, err := b.signIn(); err != nil {
		t.Errorf("the good key is not known any more: %v", err)
	}
}
