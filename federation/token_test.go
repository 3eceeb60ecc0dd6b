package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func TestK08IDTokensThatMustNotBeBelieved(t *testing.T) {
	at := func(d time.Duration) any { return time.Now().Add(d).Unix() }
	for name, lie := range map[string]claimSet{
		"nonce of another":        {"nonce": "another"},
		"no nonce":                {"nonce": nil},
		"iss of another":          {"iss": "https://evil.example"},
		"iss with a slash":        {"iss": issuer + "/"},
		"aud of another":          {"aud": "another"},
		"no aud":                  {"aud": nil},
		"a second audience":       {"aud": []string{clientID, "another"}, "azp": clientID},
		"azp of another":          {"azp": "another"},
		"azp a number":            {"azp": 7},
		"expired":                 {"exp": at(-time.Second)},
		"no exp":                  {"exp": nil},
		"from the future":         {"iat": at(2 * time.Minute)},
		"an old one":              {"iat": at(-time.Hour)},
		"no iat":                  {"iat": nil},
		"not yet":                 {"nbf": at(time.Hour)},
		"at_hash of another":      {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
		"no sub":                  {"sub": nil},
		"empty sub":               {"sub": ""},
		"sub of 256 characters":   {"sub": strings.Repeat("s", 256)},
		"sub not ASCII":           {"sub": "marì"},
		"sub with a line feed":    {"sub": "a\nb"},
		"auth_time in the future": {"auth_time": at(time.Hour)},
		"sub a number":            {"sub": 7},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.idp.idToken = func(c claimSet) {
				for k, v := range lie {
					c[k] = v
				}
			}
			if i, err := b.signIn(); !errors.Is(err, ErrInvalid) {
				t.Errorf("%+v, %v", i, err)
			}
		})
	}
}

func TestASubjectOf255CharactersIsOne(t *testing.T) {
	b := newBench(t)
	b.idp.idToken = func(c claimSet) {
		c["sub"] = strings.Repeat("s", 255)
		c["azp"] = clientID
		c["aud"] = []string{clientID}
	}
	if i, err := b.signIn(); err != nil || len(i.Subject) != 255 {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestK08SignaturesThatProveNothing(t *testing.T) {
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, sign := range map[string]func(*idp, claimSet) string{
		"alg none": func(p *idp, c claimSet) string {
			payload, _ := json.Marshal(c)
			b64 := base64.RawURLEncoding.EncodeToString
			return b64([]byte(`{"alg":"none"}`)) + "." + b64(payload) + "."
		},
		"HS256 with the client secret": func(p *idp, c claimSet) string {
			return p.signed(c, jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.Repeat("s3cret", 6))})
		},
		"HS256 with the public key": func(p *idp, c claimSet) string {
			raw, _ := json.Marshal(jose.JSONWebKey{Key: p.key.Public()})
			return p.signed(c, jose.SigningKey{Algorithm: jose.HS256, Key: raw})
		},
		"a stranger's key by our kid": func(p *idp, c claimSet) string {
			return p.signed(c, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: stranger, KeyID: "k1"}})
		},
		"a stranger's key brought along": func(p *idp, c claimSet) string {
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: stranger}, &jose.SignerOptions{EmbedJWK: true})
			if err != nil {
				p.t.Error(err)
			}
			payload, _ := json.Marshal(c)
			jws, err := signer.Sign(payload)
			if err != nil {
				p.t.Error(err)
				return ""
			}
			raw, _ := jws.CompactSerialize()
			return raw
		},
		"no token":     func(*idp, claimSet) string { return "" },
		"not a JWT":    func(*idp, claimSet) string { return strings.Repeat(".", 10000) },
		"cut short":    func(p *idp, c claimSet) string { return "a.b" },
		"claims array": func(p *idp, c claimSet) string { return p.signedBytes([]byte(`[1,2]`)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.idp.sign = func(c claimSet) string { return sign(b.idp, c) }
			if i, err := b.signIn(); !errors.Is(err, ErrInvalid) {
				t.Errorf("%+v, %v", i, err)
			}
		})
	}
}

func (p *idp) signedBytes(payload []byte) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k1"}}, nil)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	raw, _ := jws.CompactSerialize()
	return raw
}

func TestOnlyTrueMeansVerified(t *testing.T) {
	for _, c := range []struct {
		address, verified any
		want              []Email
	}{
		{"a@example.com", true, []Email{{Address: "a@example.com", Verified: true}}},
		{"a@example.com", false, []Email{{Address: "a@example.com", Verified: false}}},
		{"a@example.com", "true", []Email{{Address: "a@example.com", Verified: false}}},
		{"a@example.com", json.RawMessage("null"), []Email{{Address: "a@example.com", Verified: false}}},
		{"a@example.com", nil, []Email{{Address: "a@example.com", Verified: false}}},
		{"a@example.com", 1, []Email{{Address: "a@example.com", Verified: false}}},
		{"a@example.com", []bool{true}, []Email{{Address: "a@example.com", Verified: false}}},
		{nil, true, nil},
		{json.RawMessage("null"), true, nil},
		{7, true, nil},
		{"", true, nil},
		{"a@example.com\r\nBcc: b@example.com", true, []Email{{Address: "a@example.comBcc: b@example.com", Verified: true}}},
	} {
		b := newBench(t)
		b.idp.idToken = func(set claimSet) { set["email"], set["email_verified"] = c.address, c.verified }
		i, err := b.signIn()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, i.Emails); diff != "" {
			t.Errorf("%v, %v: %s", c.address, c.verified, diff)
		}
	}
}

func TestOddClaimsCostOnlyThemselves(t *testing.T) {
	b := newBench(t)
	b.idp.idToken = func(c claimSet) {
		c["name"], c["given_name"], c["locale"] = 7, strings.Repeat("é", 4096), claimSet{"x": 1}
		c["family_name"], c["acr"], c["amr"], c["auth_time"] = "Ro\u202essi\x00", []string{"x"}, "pwd", "yesterday"
	}
	i, err := b.signIn()
	if err != nil {
		t.Fatal(err)
	}
	want := Name{GivenName: strings.Repeat("é", 255), FamilyName: "Rossi"}
	if i.Name != want || i.Acr != "" || i.Amr != nil || !i.AuthTime.IsZero() {
		t.Errorf("%+v", i)
	}
}

func TestAddressesComeFromUserinfoWhenTheTokenHasNone(t *testing.T) {
	b := newBench(t)
	b.idp.userinfo = claimSet{
		"sub": "248289761001", "email": "u@example.com", "email_verified": true, "given_name": "Mario",
		"acr": "loa9", "amr": []string{"hwk"}, "auth_time": 1, "name": "Not this one",
	}
	b.idp.idToken = func(c claimSet) { c["email"] = nil; c["email_verified"] = true }
	i, err := b.signIn()
	if err != nil {
		t.Fatal(err)
	}
	if len(i.Emails) != 1 || i.Emails[0] != (Email{Address: "u@example.com", Verified: true}) || i.Name != (Name{Name: "Mario Rossi", GivenName: "Mario"}) {
		t.Errorf("%+v", i)
	}
	if i.Acr != "loa2" || len(i.Amr) != 2 || i.AuthTime.Unix() == 1 {
		t.Errorf("evidence from userinfo: %+v", i)
	}
	b.idp.userinfo["sub"] = "another"
	if _, err := b.signIn(); !errors.Is(err, ErrInvalid) {
		t.Errorf("userinfo of another subject: %v", err)
	}
}

func TestK10TheProviderTellsTwoSubjectsApart(t *testing.T) {
	b := newBench(t)
	one, err := b.signIn()
	if err != nil {
		t.Fatal(err)
	}
	b.idp.idToken = func(c claimSet) { c["sub"] = "another" } // the same mailbox, recycled
	two, err := b.signIn()
	if err != nil {
		t.Fatal(err)
	}
	if one.Subject == two.Subject || one.Emails[0] != two.Emails[0] {
		t.Errorf("%+v, %+v", one, two)
	}
}
