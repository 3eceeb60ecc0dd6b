package stepup

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Tokens that are not for this panel, or not genuine. Each differs in one thing from one that opens.
func TestForgedAndForeignJWTs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer()
		p := newPanel(t, i, JWT("panel", "app"), Require("mfa", MaxAge(time.Hour), Scope("dns")))
		now, k := time.Now().Unix(), i.keys[0]
		at := func(changes ...any) string { return k.sign("at+jwt", good(changes...)) }
		for what, token := range map[string]string{
			"as it should be": at(), "of the other client": at("client_id", "app"), "audience as a text": at("aud", iss), "the long typ": k.sign("application/at+jwt", good()),
			"a clock that is fast": at("iat", now+29, "auth_time", now+29),
		} {
			if status, challenge := p.open(token); status != 200 {
				t.Errorf("%s: %d %s", what, status, challenge)
			}
		}
		parts := strings.Split(at(), ".")
		low := strings.Split(at("acr", "sfa"), ".")
		thief := newKey("k1")
		bare := func(header map[string]any) string {
			raw, _ := json.Marshal(header)
			return base64.RawURLEncoding.EncodeToString(raw) + "." + parts[1] + "."
		}
		public, _ := json.Marshal(jose.JSONWebKey{Key: k.key.Public()})
		for what, token := range map[string]string{
			"an ID token":                   k.sign("JWT", good()),
			"no typ":                        k.sign("", good()),
			"a logout token":                k.sign("logout+jwt", good()),
			"alg none":                      bare(map[string]any{"alg": "none", "typ": "at+jwt", "kid": "k1"}),
			"no signature":                  parts[0] + "." + parts[1] + ".",
			"the public key as a secret":    signWith(jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: "k1"}}, "at+jwt", good()),
			"a key of one's own":            thief.sign("at+jwt", good()),
			"a key that nobody knows":       newKey("k9").sign("at+jwt", good()),
			"no kid":                        key1{"", k.key}.sign("at+jwt", good()),
			"a level put in":                low[0] + "." + parts[1] + "." + low[2],
			"another issuer":                at("iss", iss+"/"),
			"no issuer":                     at("iss", nil),
			"another audience":              at("aud", "https://other.test"),
			"no audience":                   at("aud", nil),
			"an audience of another kind":   at("aud", 7),
			"another client":                at("client_id", "forum"),
			"no client":                     at("client_id", nil),
			"no sub":                        at("sub", nil),
			"no jti":                        at("jti", nil),
			"no iat":                        at("iat", nil),
			"no exp":                        at("exp", nil),
			"exp now":                       at("exp", now),
			"exp in the past":               at("exp", now-1),
			"exp as a text":                 at("exp", fmt.Sprint(now+600)),
			"exp beyond all time":           at("exp", 1e300),
			"exp before all time":           at("exp", -1),
			"not yet":                       at("nbf", now+31),
			"made in the future":            at("iat", now+31),
			"signed in in the future":       at("auth_time", now+31),
			"acr as a list":                 at("acr", []string{"mfa"}),
			"scope as a list":               at("scope", []string{"dns"}),
			"opaque":                        "sog_at_dGhlIHRva2Vu",
			"three parts of nothing":        "a.b.c",
			"five parts":                    "a.b.c.d.e",
			"parameters that must be known": critical(k),
			"a payload that is none":        signWith(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.key, KeyID: "k1"}}, "at+jwt", nil),
		} {
			p.refused(what, token, 401, "invalid_token")
		}
	})
}

func critical(k key1) string {
	o := new(jose.SignerOptions).WithType("at+jwt").WithHeader("crit", []string{"urn:x"}).WithHeader("urn:x", true)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.key, KeyID: k.kid}}, o)
	if err != nil {
		panic(err)
	}
	payload, _ := json.Marshal(good())
	jws, err := s.Sign(payload)
	if err != nil {
		panic(err)
	}
	out, _ := jws.CompactSerialize()
	return out
}

// A rotated key is found at once, and strangers who name keys of their own do not make the issuer work.
func TestKeysRotateAndAreAskedForSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer()
		p := newPanel(t, i, JWT("panel"), Require("mfa"))
		open := func(what string, k key1, want int) {
			t.Helper()
			if status, challenge := p.open(k.sign("at+jwt", good())); status != want {
				t.Errorf("%s: %d %s", what, status, challenge)
			}
		}
		open("the first key", i.keys[0], 200)
		time.Sleep(11 * time.Second)
		next := newKey("k2")
		i.keys = append(i.keys, next)
		open("the next key", next, 200)
		open("the key before", i.keys[0], 200)
		if n := i.count("/jwks"); n != 2 {
			t.Errorf("the keys were asked for %d times, want 2", n)
		}
		for n := range 200 {
			open("a stranger's", newKey(fmt.Sprint("s", n)), 401)
		}
		if n := i.count("/jwks"); n > 3 {
			t.Errorf("strangers made us ask %d times", n-2)
		}
		i.keys = i.keys[1:]
		time.Sleep(11 * time.Minute)
		open("a key that was taken back", i.keys[0], 200)
		if n := i.count("/.well-known/openid-configuration"); n != 2 {
			t.Errorf("discovery was read %d times", n)
		}
	})
}

// The keys come from where discovery says, and only by https.
func TestDiscoveryIsNotBelievedBlindly(t *testing.T) {
	for what, doc := range map[string]string{
		"another issuer":      `{"issuer": "https://evil.test", "jwks_uri": "https://evil.test/jwks"}`,
		"no keys":             `{"issuer": "` + iss + `"}`,
		"keys by http":        `{"issuer": "` + iss + `", "jwks_uri": "http://sso.example.test/jwks"}`,
		"no JSON":             `<html>`,
		"a document too long": `{"issuer": "` + iss + `", "x": "` + strings.Repeat("x", maxReply) + `"}`,
	} {
		i := newIssuer()
		i.change = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/.well-known/") {
				return false
			}
			_, _ = w.Write([]byte(doc))
			return true
		}
		newPanel(t, i, JWT("panel"), Require("mfa")).refused(what, i.keys[0].sign("at+jwt", good()), 503, "")
	}
	i := newIssuer()
	i.change = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "https://evil.test"+r.URL.Path, http.StatusFound)
		return true
	}
	newPanel(t, i, JWT("panel"), Require("mfa")).refused("a redirect", i.keys[0].sign("at+jwt", good()), 503, "")
	if n := i.count("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("the redirect was followed: %d", n)
	}
}
