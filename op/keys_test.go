package op

import (
	"bytes"
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/config"
)

// rebuilt is a JWT with another header and signature.
func rebuilt(header map[string]any, payload string, sign func(input string) []byte) string {
	raw, err := json.Marshal(header)
	if err != nil {
		panic(err)
	}
	input := base64.RawURLEncoding.EncodeToString(raw) + "." + payload
	return input + "." + base64.RawURLEncoding.EncodeToString(sign(input))
}

func TestC02_TamperedTokensAreRefusedWithoutLookingAnywhereElse(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		fetched := false
		h.op.clientKeys.fetch = func(context.Context, string) ([]byte, error) {
			fetched = true
			return nil, errors.New("away")
		}
		h.person("anna")
		token := h.redeem(h.signIn("anna", pwd).code()).Access
		if h.userinfo(token).Code != 200 { // and from now on it is remembered as signed
			t.Fatal("the real one works")
		}
		payload := strings.Split(token, ".")[1]
		kid := jwtHeader(t, token)["kid"]
		mine, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		rs256 := func(input string) []byte {
			sum := sha256.Sum256([]byte(input))
			sig, err := rsa.SignPKCS1v15(nil, mine, crypto.SHA256, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return sig
		}
		none := func(string) []byte { return nil }
		var public []byte
		for _, k := range testKeys() {
			public = k.Public
		}
		hs256 := func(input string) []byte {
			m := hmac.New(sha256.New, public)
			m.Write([]byte(input))
			return m.Sum(nil)
		}
		attacker := jose.JSONWebKey{Key: mine.Public(), KeyID: "x"}
		for name, bad := range map[string]string{
			"alg none":           rebuilt(map[string]any{"alg": "none", "typ": "at+jwt", "kid": kid}, payload, none),
			"HS256":              rebuilt(map[string]any{"alg": "HS256", "typ": "at+jwt", "kid": kid}, payload, hs256),
			"jwk":                rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "jwk": attacker}, payload, rs256),
			"foreign key":        rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid}, payload, rs256),
			"kid as a path":      rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": "../../x"}, payload, rs256),
			"kid as SQL":         rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": "' OR 1=1"}, payload, rs256),
			"kid of 10 kB":       rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": strings.Repeat("k", 10000)}, payload, rs256),
			"no kid":             rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt"}, payload, rs256),
			"jku":                rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid, "jku": "http://127.0.0.1/"}, payload, rs256),
			"x5u":                rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid, "x5u": "http://127.0.0.1/"}, payload, rs256),
			"crit":               rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid, "crit": []string{"x"}, "x": 1}, payload, rs256),
			"b64 as text":        rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid, "b64": false, "crit": []string{"b64"}}, payload, rs256),
			"x5c":                rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid, "x5c": []string{"AAAA"}}, payload, rs256),
			"HS256, ES256's kid": rebuilt(map[string]any{"alg": "HS256", "typ": "JWT", "kid": kid}, payload, hs256),
			"None":               rebuilt(map[string]any{"alg": "None", "typ": "at+jwt", "kid": kid}, payload, none),
			"no alg":             rebuilt(map[string]any{"typ": "at+jwt", "kid": kid}, payload, none),
			"alg as a list":      rebuilt(map[string]any{"alg": []string{"ES256"}, "typ": "at+jwt", "kid": kid}, payload, none),
			"kid as a number":    rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": 1}, payload, rs256),
			"kid with NUL":       rebuilt(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": kid.(string) + "\x00"}, payload, rs256),
			"ES256 of zeros":     rebuilt(map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": kid}, payload, func(string) []byte { return make([]byte, 64) }),
			"ES256 in DER":       rebuilt(map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": kid}, payload, func(string) []byte { return []byte{0x30, 6, 2, 1, 1, 2, 1, 1} }),
			"no signature":       strings.Join(strings.Split(token, ".")[:2], ".") + ".",
			"two parts":          strings.Join(strings.Split(token, ".")[:2], "."),
			"padded":             token + "=",
			"a space inside":     strings.Replace(token, ".", ". ", 1),
			"cut":                token[:len(token)-4],
			"another payload":    strings.Replace(token, payload, base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"eve"}`)), 1),
			"aud with numbers":   rebuilt(map[string]any{"alg": "none"}, base64.RawURLEncoding.EncodeToString([]byte(`{"aud":[1]}`)), none),
			"10,000 dots":        strings.Repeat(".", 10000),
			"twenty kilobytes":   strings.Repeat("a", 20<<10),
			"JSON":               `{"payload":"` + payload + `","signatures":[]}`,
			"five parts":         "a.b.c.d.e",
			"opaque, not there":  "sog_at_x",
		} {
			w := h.userinfo(bad)
			if w.Code != 401 || !strings.Contains(w.Header().Get("WWW-Authenticate"), `error="invalid_token"`) {
				t.Errorf("%s: %d %v", name, w.Code, w.Header())
			}
			h.cfg.Limits.ClientAuthFailures = 1000
			if w := h.at("/introspect", "rp1", url.Values{"token": {bad}}); w.Code != 200 || w.Body.String() != inactive {
				t.Errorf("%s: introspection %d %s", name, w.Code, w.Body)
			}
			if w := h.at("/revoke", "rp1", url.Values{"token": {bad}}); w.Code != 200 || w.Body.String() != "{}" {
				t.Errorf("%s: revocation %d %s", name, w.Code, w.Body)
			}
			if loc := h.browser().authorize("id_token_hint", bad).Header().Get("Location"); !strings.Contains(loc, "error=invalid_request") {
				t.Errorf("%s: as a hint %q", name, loc)
			}
		}
		if h.userinfo(token).Code != 200 {
			t.Error("the real one works")
		}
		if fetched {
			t.Error("an address in a token was asked")
		}
	})
}

func TestC05_TimesOfATokenAreChecked(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		token := h.redeem(h.signIn("anna", pwd).code()).Access
		with := func(name string, offset time.Duration) string {
			c := claims(t, token)
			c[name] = time.Now().Add(offset).Unix()
			return forged(t, jose.ES256, "at+jwt", c)
		}
		odd := func(name string, value any) string {
			c := claims(t, token)
			if c[name] = value; value == nil {
				delete(c, name)
			}
			return forged(t, jose.ES256, "at+jwt", c)
		}
		for name, c := range map[string]struct {
			token string
			ok    bool
		}{
			"exp passed": {with("exp", -time.Second), false}, "nbf in an hour": {with("nbf", time.Hour), false}, "iat in an hour": {with("iat", time.Hour), false},
			"nbf in a minute": {with("nbf", time.Minute), true}, "iat in a minute": {with("iat", time.Minute), true}, "as issued": {token, true},
			"nbf in 61 seconds": {with("nbf", 61*time.Second), false}, "iat in 61 seconds": {with("iat", 61*time.Second), false},
			"exp now": {with("exp", 0), false}, "exp in a second": {with("exp", time.Second), true}, "exp an hour ago": {with("exp", -time.Hour), false},
			"exp as text": {odd("exp", "2999"), false}, "no exp": {odd("exp", nil), false}, "exp below nothing": {odd("exp", -1), false},
			"exp beyond numbers": {odd("exp", 1e300), false}, "nbf as a list": {odd("nbf", []int{1}), false},
		} {
			for range 2 { // the second time it may be remembered
				if got := h.userinfo(c.token).Code == 200; got != c.ok {
					t.Errorf("%s: %v", name, got)
				}
				if got := h.introspect("rp1", c.token) != nil; got != c.ok {
					t.Errorf("%s: active %v", name, got)
				}
			}
		}
		ahead := claims(t, h.redeem(h.signIn("anna", pwd).code()).ID) // a hint may be old but not from tomorrow
		ahead["iat"] = time.Now().Add(time.Hour).Unix()
		refusedWith(t, h.browser().authorize("id_token_hint", forged(t, jose.RS256, "JWT", ahead)), "invalid_request")
		time.Sleep(10 * time.Minute)
		bad(t, h.userinfo(token), 401, "invalid_token")
	})
}

func TestFault04_EachTokenServesOnlyItsPurpose(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code())
		bad(t, h.userinfo(got.ID), 401, "invalid_token")
		refusedWith(t, b.authorize("id_token_hint", got.Access), "invalid_request")
		ownPage(t, b.get("/end_session?id_token_hint="+got.Access), 400, "invalid_id_token_hint")
		if answerOf(t, b.authorize("id_token_hint", got.ID, "prompt", "none")).Get("code") == "" {
			t.Error("the person's own hint")
		}
		h.person("bruno")
		refusedWith(t, h.signIn("bruno", pwd).authorize("id_token_hint", got.ID, "prompt", "none"), "login_required")
		time.Sleep(2 * time.Hour)
		h.signInto(b, "anna", pwd)
		if answerOf(t, b.authorize("id_token_hint", got.ID)).Get("code") == "" {
			t.Error("an expired hint serves")
		}
	})
}

func TestC06_ATokenComesInOnePlaceAndNeverInTheQuery(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		token := h.redeem(h.signIn("anna", pwd).code()).Access
		send := func(method, query, body string, header bool) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, issuer+"/userinfo"+query, strings.NewReader(body))
			if body != "" {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			if header {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return h.send(r)
		}
		for _, w := range []*httptest.ResponseRecorder{send("GET", "", "", true), send("POST", "", "", true), send("POST", "", "access_token="+token, false)} {
			if w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		}
		bad(t, send("GET", "?access_token="+token, "", false), 400, "invalid_request")
		bad(t, send("GET", "?access_token="+token, "", true), 400, "invalid_request")
		bad(t, send("POST", "", "access_token="+token, true), 400, "invalid_request")
		bad(t, send("POST", "", "access_token="+token+"&access_token="+token, false), 400, "invalid_request")
		for _, query := range []string{"?access%5Ftoken=", "?%61ccess_token=", "?a=b&access_token=", "?access_token=x&access_token=", "?ACCESS%5ftoken=x&access%5ftoken=", "?%zz&access%5Ftoken="} {
			for _, header := range []bool{false, true} { // however its name is written
				bad(t, send("GET", query+token, "", header), 400, "invalid_request")
				bad(t, send("POST", query+token, "", header), 400, "invalid_request")
			}
		}
		both := func(kind string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", issuer+"/userinfo", strings.NewReader("access_token="+token))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Authorization", "Bearer "+token)
			return h.send(r)
		}
		for _, kind := range []string{"application/x-www-form-urlencoded; charset=utf-8", "Application/X-WWW-Form-Urlencoded"} {
			bad(t, both(kind), 400, "invalid_request")
		}
		r := httptest.NewRequest("GET", issuer+"/userinfo", nil)
		r.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + token}
		bad(t, h.send(r), 400, "invalid_request")
		r = httptest.NewRequest("GET", issuer+"/userinfo", nil)
		r.SetBasicAuth("rp1", token)
		bad(t, h.send(r), 401, "invalid_token")
		bad(t, h.at("/introspect", "rp1", url.Values{"token": {token}}, func(r *http.Request) { r.URL.RawQuery = "token=" + token }), 400, "invalid_request")
		if strings.Contains(h.log.String(), token) {
			t.Error("the token is in the log")
		}
		w := send("GET", "", "", false)
		if w.Code != 401 || strings.Contains(w.Header().Get("WWW-Authenticate"), "error=") || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("no token: %d %v (RFC 6750 §3.1)", w.Code, w.Header())
		}
	})
}

func TestC07_TheJWKSHoldsPublicMembersOnly(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		w := h.browser().get("/jwks")
		var set struct{ Keys []map[string]any }
		if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || len(set.Keys) != 3 {
			t.Fatalf("%v %s", err, w.Body)
		}
		var kids []string
		for _, k := range set.Keys {
			for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
				if k[private] != nil {
					t.Errorf("%s in %v", private, k)
				}
			}
			kids = append(kids, k["kid"].(string))
			if k["use"] != "sig" || k["alg"] == nil {
				t.Error(k)
			}
		}
		if slices.Sort(kids); len(slices.Compact(kids)) != 3 {
			t.Error("kids are not unique")
		}
		if w.Header().Get("Cache-Control") != "public, max-age=300" || w.Header().Get("Etag") == "" {
			t.Error(w.Header())
		}
		r := httptest.NewRequest(http.MethodGet, issuer+"/jwks", nil)
		r.Header.Set("If-None-Match", w.Header().Get("Etag"))
		if again := h.send(r); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%d", again.Code)
		}
		r.Header.Set("If-None-Match", `"other"`)
		if again := h.send(r); again.Code != 200 || !bytes.Equal(again.Body.Bytes(), w.Body.Bytes()) || len(again.Result().Cookies()) > 0 {
			t.Errorf("%d %s", again.Code, again.Body)
		}
		for _, k := range testKeys() { // nothing of what is sealed, and nothing that unseals it
			if len(k.Sealed) == 0 || bytes.Contains(w.Body.Bytes(), k.Sealed) {
				t.Error("a sealed key")
			}
		}
	})
}

func TestKeysAreMadeAtTheStartAndRotatedInTime(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Signing.RotateEvery = 90 * 24 * time.Hour }, func(t *testing.T, h *house) {
		// The keys of the tests are a day old; 89 days after they were born their successors are published, and sign a day later.
		h.person("anna")
		run := func() { // for three minutes; three months of polling take a while even in a bubble
			ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
			defer stop()
			h.op.Tokens.Run(ctx, h.op.Log)
		}
		kid := func() any { return jwtHeader(t, h.redeem(h.signIn("anna", pwd).code()).ID)["kid"] }
		published := func() int { return strings.Count(h.browser().get("/jwks").Body.String(), `"kid"`) }
		first := kid()
		time.Sleep(88*24*time.Hour + 2*time.Hour)
		run()
		if published() != 6 || kid() != first {
			t.Fatalf("%d published, and the old one signs", published())
		}
		old := h.redeem(h.signIn("anna", pwd).code())
		time.Sleep(24 * time.Hour)
		if second := kid(); second == first {
			t.Error("the new one signs")
		}
		if b := h.signIn("anna", pwd); answerOf(t, b.authorize("id_token_hint", old.ID)).Get("code") == "" {
			t.Error("the old key verifies what it signed")
		}
		time.Sleep(13 * time.Hour)
		run()
		if published() != 3 {
			t.Errorf("%d published after the old ones served their time", published())
		}
	})
}
