package op

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/jwks"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// panelKeys are a panel's own keys, by algorithm; made once.
var panelKeys = sync.OnceValue(func() map[jose.SignatureAlgorithm]crypto.Signer {
	ec, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, ed, err2 := ed25519.GenerateKey(rand.Reader)
	r, err3 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3); err != nil {
		panic(err)
	}
	return map[jose.SignatureAlgorithm]crypto.Signer{jose.ES256: ec, jose.EdDSA: ed, jose.PS256: r, jose.RS256: r}
})

func jwksOf(keys ...jose.JSONWebKey) []byte {
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		panic(err)
	}
	return raw
}

func publicKeys() []byte {
	k := panelKeys()
	return jwksOf(jose.JSONWebKey{Key: k[jose.ES256].Public(), KeyID: "ec", Use: "sig"},
		jose.JSONWebKey{Key: k[jose.EdDSA].Public(), KeyID: "ed", Algorithm: "EdDSA"}, jose.JSONWebKey{Key: k[jose.RS256].Public(), KeyID: "rsa"})
}

// withKeys gives three clients keys instead of secrets: inline, at an address, and one of an older program.
func withKeys(c *config.Config) {
	withService(c)
	for _, id := range []string{"keyed", "remote", "legacy"} {
		client := *c.Clients["rp1"]
		client.ID, client.AuthMethods, client.SecretHashes, client.JWKS = id, []string{"private_key_jwt"}, nil, publicKeys()
		client.Scopes, client.Grants = append(slices.Clone(client.Scopes), "people"), append(slices.Clone(client.Grants), "client_credentials")
		c.Clients[id] = &client
	}
	c.Clients["remote"].JWKS, c.Clients["remote"].JWKSURI = nil, "https://panel.example/jwks"
	c.Clients["legacy"].AssertionAtToken = true
}

// said are the claims of a good assertion, with changes; a nil value removes.
func said(client string, now time.Time, changes map[string]any) map[string]any {
	c := map[string]any{"iss": client, "sub": client, "aud": issuer, "jti": secret.NewID(), "iat": now.Unix(), "exp": now.Unix() + 60}
	for name, v := range changes {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

func signed(t testing.TB, alg jose.SignatureAlgorithm, key any, typ string, claims map[string]any) string {
	t.Helper()
	o := &jose.SignerOptions{}
	if typ != "" {
		o = o.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// asserts calls the token endpoint with an assertion.
func (h *house) asserts(form url.Values, assertion string) *httptest.ResponseRecorder {
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	r := httptest.NewRequest("POST", issuer+"/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.send(r)
}

func own() url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {"people"}}
}

func TestFault10_AKeyProvesAClientForEveryGrant(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		h.person("anna")
		now := h.op.now()
		for alg, key := range panelKeys() {
			for _, typ := range []string{"", "JWT", "client-authentication+jwt"} {
				good(t, h.asserts(own(), signed(t, alg, key, typ, said("keyed", now, nil))))
			}
		}
		ec := jose.JSONWebKey{Key: panelKeys()[jose.ES256], KeyID: "ec"}
		code := h.signIn("anna", pwd).code("client_id", "keyed")
		form := codeForm(code)
		form.Set("client_id", "keyed")
		got := good(t, h.asserts(form, signed(t, jose.ES256, ec, "", said("keyed", now, nil))))
		if got.ID == "" {
			t.Error("no ID token")
		}
		good(t, h.asserts(refreshForm(got.Refresh), signed(t, jose.ES256, ec, "", said("keyed", now, map[string]any{"exp": float64(now.Unix()) + 299.5, "iat": nil}))))
	})
}

func TestFault10_EachWrongAssertionIsOneAnswer(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		h.cfg.Limits.ClientAuthFailures = 1000
		now := h.op.now()
		ec := panelKeys()[jose.ES256]
		mine, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		at := func(name string, offset time.Duration) map[string]any {
			return map[string]any{name: now.Add(offset).Unix()}
		}
		with := func(changes map[string]any) string { return signed(t, jose.ES256, ec, "", said("keyed", now, changes)) }
		hmac, err := json.Marshal(publicKeys())
		if err != nil {
			t.Fatal(err)
		}
		good(t, h.asserts(own(), with(at("nbf", 8*time.Second))))
		good(t, h.asserts(own(), with(at("iat", 10*time.Second))))
		for name, c := range map[string]struct{ assertion, why string }{
			"another key":             {signed(t, jose.ES256, mine, "", said("keyed", now, nil)), "assertion_key"},
			"another key, our kid":    {signed(t, jose.ES256, jose.JSONWebKey{Key: mine, KeyID: "ec"}, "", said("keyed", now, nil)), "assertion_key"},
			"unknown kid":             {signed(t, jose.ES256, jose.JSONWebKey{Key: ec, KeyID: "x"}, "", said("keyed", now, nil)), "assertion_key"},
			"HS256 with the JWKS":     {signed(t, jose.HS256, hmac, "", said("keyed", now, nil)), "bad_assertion"},
			"alg none":                {rebuilt(map[string]any{"alg": "none"}, strings.Split(with(nil), ".")[1], func(string) []byte { return nil }), "bad_assertion"},
			"iss of another":          {with(map[string]any{"iss": "rp1"}), "bad_assertion"},
			"no iss":                  {with(map[string]any{"iss": nil}), "bad_assertion"},
			"sub of another":          {with(map[string]any{"sub": "legacy"}), "bad_assertion"},
			"no sub":                  {with(map[string]any{"sub": nil}), "bad_assertion"},
			"unknown client":          {with(map[string]any{"sub": "nobody", "iss": "nobody"}), "unknown_client"},
			"a client with a secret":  {with(map[string]any{"sub": "rp1", "iss": "rp1"}), "wrong_method"},
			"no jti":                  {with(map[string]any{"jti": nil}), "bad_assertion"},
			"long jti":                {with(map[string]any{"jti": strings.Repeat("j", 257)}), "bad_assertion"},
			"no aud":                  {with(map[string]any{"aud": nil}), "assertion_audience"},
			"aud as a list":           {with(map[string]any{"aud": []string{issuer}}), "assertion_audience"},
			"aud of another":          {with(map[string]any{"aud": "https://evil.example"}), "assertion_audience"},
			"aud is a token endpoint": {with(map[string]any{"aud": issuer + "/token"}), "assertion_audience"},
			"no exp":                  {with(map[string]any{"exp": nil}), "assertion_times"},
			"exp passed":              {with(at("exp", 0)), "assertion_times"},
			"exp in six minutes":      {with(at("exp", 6*time.Minute)), "assertion_times"},
			"exp beyond time":         {with(map[string]any{"exp": 1e300}), "bad_assertion"},
			"exp as text":             {with(map[string]any{"exp": "soon"}), "bad_assertion"},
			"nbf a minute ahead":      {with(at("nbf", time.Minute)), "assertion_times"},
			"iat 11 s ahead":          {with(at("iat", 11*time.Second)), "assertion_times"},
			"a DPoP proof":            {signed(t, jose.ES256, ec, "dpop+jwt", said("keyed", now, nil)), "bad_assertion"},
			"a request object":        {signed(t, jose.ES256, ec, "oauth-authz-req+jwt", said("keyed", now, nil)), "bad_assertion"},
			"nonsense":                {"a.b.c", "bad_assertion"},
			"long":                    {with(map[string]any{"x": strings.Repeat("x", 5000)}), "bad_assertion"},
		} {
			time.Sleep(time.Millisecond) // records are in the order of time
			before := len(h.events())
			bad(t, h.asserts(own(), c.assertion), 401, "invalid_client")
			switch events := h.events(); {
			case len(events) > before && events[0] != "client.auth.fail "+c.why:
				t.Errorf("%s: %s, want %s", name, events[0], c.why)
			case len(events) == before && c.why != "bad_assertion":
				t.Errorf("%s: no record", name)
			}
		}
		form := own()
		form.Set("client_id", "legacy")
		bad(t, h.asserts(form, with(nil)), 401, "invalid_client")
		form = own()
		form.Set("client_secret", "x")
		bad(t, h.asserts(form, with(nil)), 400, "invalid_request")
		bad(t, h.token("rp1", url.Values{"grant_type": {"client_credentials"}, "client_assertion_type": {assertionType}, "client_assertion": {with(nil)}}), 400, "invalid_request")
		bad(t, h.token("rp2", url.Values{"client_id": {"keyed"}, "client_assertion_type": {"x"}, "client_assertion": {with(nil)}}), 400, "invalid_request")

		legacy := func(aud any) *httptest.ResponseRecorder {
			return h.asserts(own(), signed(t, jose.ES256, ec, "", said("legacy", now, map[string]any{"aud": aud})))
		}
		for _, aud := range []any{issuer, issuer + "/token", []string{issuer + "/token", "https://x.example"}, []string{issuer}} {
			good(t, legacy(aud))
		}
		bad(t, legacy([]string{"https://x.example"}), 401, "invalid_client")
		bad(t, legacy([]int{1}), 401, "invalid_client")
	})
}

func TestFault10_AnAssertionServesOnceOverInstancesAndRestarts(t *testing.T) {
	url := storagetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, url, withKeys)
		once := signed(t, jose.ES256, panelKeys()[jose.ES256], "", said("keyed", h.op.now(), map[string]any{"jti": "one"}))
		good(t, h.asserts(own(), once))
		time.Sleep(time.Millisecond)
		bad(t, h.asserts(own(), once), 401, "invalid_client")
		if h.events()[0] != "client.auth.fail assertion_replayed" {
			t.Error(h.events()[0])
		}
		second := h.second() // another instance, or this one after a restart
		h.mux = h.op.Site.Mux(second.Routes())
		bad(t, h.asserts(own(), once), 401, "invalid_client")
		other := signed(t, jose.ES256, panelKeys()[jose.ES256], "", said("legacy", h.op.now(), map[string]any{"jti": "one"}))
		good(t, h.asserts(own(), other)) // another client's jti is its own
	})
}

func TestKeysAtAnAddressAreFetchedKeptAndAskedForAgainWhenAKidIsNew(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		h.cfg.Limits.ClientAuthFailures = 1000
		fetched, answer, fail := 0, publicKeys(), error(nil)
		h.op.clientKeys.fetch = func(ctx context.Context, url string) ([]byte, error) {
			if fetched++; url != "https://panel.example/jwks" {
				t.Error(url)
			}
			return answer, fail
		}
		ec := panelKeys()[jose.ES256]
		call := func(key any) *httptest.ResponseRecorder {
			return h.asserts(own(), signed(t, jose.ES256, key, "", said("remote", h.op.now(), nil)))
		}
		asked := func(want int, why string) {
			t.Helper()
			if fetched != want {
				t.Errorf("%s: asked %d times, want %d", why, fetched, want)
			}
		}
		for range 3 {
			good(t, call(ec))
		}
		asked(1, "kept")
		next, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		fresh := jose.JSONWebKey{Key: next, KeyID: "next"}
		for range 20 {
			bad(t, call(fresh), 401, "invalid_client")
		}
		asked(1, "a stranger's kid within half a minute of the last time")
		time.Sleep(keysEvery)
		answer = jwksOf(jose.JSONWebKey{Key: next.Public(), KeyID: "next"})
		good(t, call(fresh))
		asked(2, "the client rotated")
		time.Sleep(11 * time.Minute)
		fail = errors.New("away")
		good(t, call(fresh))
		asked(3, "its server is away, the old ones serve")
		time.Sleep(24 * time.Hour)
		bad(t, call(fresh), 401, "invalid_client")
		if h.events()[0] != "client.auth.fail keys_away" {
			t.Error(h.events()[0])
		}
		private := jwksOf(jose.JSONWebKey{Key: next, KeyID: "next"})
		for name, body := range map[string][]byte{"a private key": private, "no set": []byte("[]"), "none": []byte(`{"keys":[]}`), "symmetric": []byte(`{"keys":[{"kty":"oct","k":"AAAA"}]}`), "too large": append(jwksOf(fresh.Public()), make([]byte, 1<<20)...)} {
			time.Sleep(keysEvery)
			answer, fail = body, nil
			if call(fresh).Code != 401 {
				t.Errorf("%s serves", name)
			}
		}
	})
}

// Whoever sends a kid that nobody knows has the client's keys asked for again. That may take as long as the client's server
// likes, and the client itself, whose key is known, does not wait for it.
func TestQ42_AStrangersKeyMakesNobodyWait(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		asked, answer := make(chan bool, 1), make(chan bool, 1)
		answer <- true
		h.op.clientKeys.fetch = func(context.Context, string) ([]byte, error) {
			asked <- true
			<-answer
			return publicKeys(), nil
		}
		ec := panelKeys()[jose.ES256]
		call := func(kid string) *httptest.ResponseRecorder {
			return h.asserts(own(), signed(t, jose.ES256, jose.JSONWebKey{Key: ec, KeyID: kid}, "", said("remote", h.op.now(), nil)))
		}
		good(t, call("ec"))
		<-asked
		time.Sleep(keysEvery)
		done := make(chan int)
		go func() { done <- call("stranger").Code }()
		<-asked
		good(t, call("ec"))
		answer <- true
		if status := <-done; status != 401 {
			t.Errorf("the stranger: %d", status)
		}
	})
}

func FuzzAssertion(f *testing.F) {
	ec := panelKeys()[jose.ES256]
	f.Add(signed(f, jose.ES256, ec, "JWT", said("keyed", time.Unix(1700000000, 0), nil)))
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA")
	keys, err := jwks.Parse(publicKeys())
	if err != nil {
		f.Fatal(err)
	}
	client := &client{Client: &config.Client{ID: "keyed", AuthMethods: []string{"private_key_jwt"}}}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := parseAssertion(raw)
		if err != nil {
			return
		}
		if a.subject == "" || !clean(a.subject) {
			t.Errorf("subject %q", a.subject)
		}
		if c, err := a.verify(keys, client, issuer, time.Unix(1700000000, 0)); err == nil && (c.ID == "" || c.Issuer != "keyed") {
			t.Errorf("accepted %+v", c)
		}
	})
}
