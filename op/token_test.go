package op

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

func TestB01_Fault12_ACodeUsedTwiceEndsWhatItGave(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		code := b.code("scope", "openid offline_access")
		got := h.redeem(code)
		time.Sleep(40 * time.Second) // thirty seconds later, too
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
		bad(t, h.userinfo(got.Access), 401, "invalid_token")
		bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
		if !slices.Contains(h.events(), "token.revoked code_replay") {
			t.Error(h.events())
		}
	})
}

func TestB02_ACodeBelongsToItsClientAndRedirectURI(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		code := h.signIn("anna", pwd).code()
		bad(t, h.token("rp2", codeForm(code)), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(code, "redirect_uri", "https://rp.example/second?x=1")), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(code, "redirect_uri", "")), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm("sog_ac_nothing")), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm("")), 400, "invalid_request")
		h.redeem(code) // the owner still has it
	})
}

func TestB04_Fault02_TheVerifierIsDemandedOfEveryone(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		code := b.code()
		for _, v := range []string{"", "wrong-verifier-of-enough-characters-to-be-one-012", challengeOf(verifier), verifier + " ", strings.Repeat("a", 200)} {
			bad(t, h.token("rp1", codeForm(code, "code_verifier", v)), 400, "invalid_grant")
		}
		h.redeem(code)
		old := b.code("client_id", "old", "redirect_uri", "https://old.example/cb", "code_challenge", "", "code_challenge_method", "")
		bad(t, h.token("old", codeForm(old, "redirect_uri", "https://old.example/cb")), 400, "invalid_grant") // verifier without challenge
		good(t, h.token("old", codeForm(old, "redirect_uri", "https://old.example/cb", "code_verifier", "")))
		public := b.code("client_id", "rp3", "redirect_uri", "http://127.0.0.1:5000/cb")
		bad(t, h.token("rp3", codeForm(public, "redirect_uri", "http://127.0.0.1:5000/cb", "code_verifier", "")), 400, "invalid_grant")
		bad(t, h.token("rp3", codeForm(public, "redirect_uri", "http://127.0.0.1:5001/cb")), 400, "invalid_grant")
		good(t, h.token("rp3", codeForm(public, "redirect_uri", "http://127.0.0.1:5000/cb")))
	})
}

func TestB06_ACodeLastsAMinuteAndALateOneEndsNothing(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		first := h.redeem(b.code())
		code := b.code()
		time.Sleep(61 * time.Second)
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
		if h.userinfo(first.Access).Code != 200 || slices.Contains(h.events(), "token.revoked code_replay") {
			t.Error("a late code ended something")
		}
	})
}

func TestB07_Fault07_Fault08_ClientAuthentication(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		form := codeForm("x")
		body := func(change ...string) func(*http.Request) {
			return func(r *http.Request) {
				q := codeForm("x", change...)
				*r = *httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(q.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
		}
		auth := func(user, pass string) func(*http.Request) {
			return func(r *http.Request) { r.SetBasicAuth(user, pass) }
		}
		for name, c := range map[string]struct {
			w      *httptest.ResponseRecorder
			status int
			code   string
		}{
			"wrong secret":               {h.token("rp1", form, auth("rp1", "wrong")), 401, "invalid_client"},
			"unknown client":             {h.token("rp1", form, auth("nobody", "wrong")), 401, "invalid_client"},
			"empty secret":               {h.token("rp1", form, auth("rp1", "")), 401, "invalid_client"},
			"no client at all":           {h.token("rp1", form, body()), 401, "invalid_client"},
			"basic client by post":       {h.token("rp1", form, body("client_id", "rp1", "client_secret", "rp1-secret")), 401, "invalid_client"},
			"post client by basic":       {h.token("rp1", form, auth("rp2", "rp2-secret")), 401, "invalid_client"},
			"confidential client alone":  {h.token("rp1", form, body("client_id", "rp1")), 401, "invalid_client"},
			"public client with secret":  {h.token("rp1", form, body("client_id", "rp3", "client_secret", "x")), 401, "invalid_client"},
			"both methods":               {h.token("rp1", codeForm("x", "client_id", "rp1", "client_secret", "rp1-secret")), 400, "invalid_request"},
			"another client in the body": {h.token("rp1", codeForm("x", "client_id", "rp2")), 401, "invalid_client"},
			"an assertion":               {h.token("rp1", form, body("client_assertion", "a.b.c", "client_assertion_type", "x")), 401, "invalid_client"},
			"a bearer token":             {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }), 401, "invalid_client"},
			"garbage in Basic":           {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Authorization", "Basic %%%") }), 401, "invalid_client"},
			"two headers":                {h.token("rp1", form, func(r *http.Request) { r.Header.Add("Authorization", "Basic eDp5") }), 400, "invalid_request"},
			"secret in the query":        {h.token("rp1", form, func(r *http.Request) { r.URL.RawQuery = "client_secret=rp1-secret&client_id=rp1" }), 400, "invalid_request"},
			"JSON":                       {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), 400, "invalid_request"},
			"no content type":            {h.token("rp1", form, func(r *http.Request) { r.Header.Del("Content-Type") }), 400, "invalid_request"},
			"a parameter twice":          {h.token("rp1", url.Values{"grant_type": {"authorization_code", "refresh_token"}}), 400, "invalid_request"},
			"GET":                        {h.token("rp1", form, func(r *http.Request) { r.Method = http.MethodGet }), 405, "method_not_allowed"},
			"HEAD":                       {h.token("rp1", form, func(r *http.Request) { r.Method = http.MethodHead }), 405, ""},
			"the right one":              {h.token("rp1", form), 400, "invalid_grant"},
			"same client_id in the body": {h.token("rp1", codeForm("x", "client_id", "rp1")), 400, "invalid_grant"},
		} {
			if c.code == "" {
				if c.w.Code != c.status {
					t.Errorf("%s: %d", name, c.w.Code)
				}
				continue
			}
			bad(t, c.w, c.status, c.code)
			if challenge := c.w.Header().Get("WWW-Authenticate"); c.status == 401 && name != "no client at all" && !strings.Contains(name, "post") &&
				!strings.Contains(name, "alone") && !strings.Contains(name, "public") && name != "an assertion" && !strings.HasPrefix(challenge, "Basic") {
				t.Errorf("%s: WWW-Authenticate %q", name, challenge)
			}
		}
		if !slices.Contains(h.events(), "client.auth.fail wrong_secret") || !slices.Contains(h.events(), "client.auth.fail unknown_client") {
			t.Error(h.events())
		}
	})
}

func TestBasicCredentialsAreFormDecoded(t *testing.T) {
	c, ok := basic("basic " + "YSUzQWI6YyUyQmQrZQ==") // a%3Ab:c%2Bd+e
	if !ok || c.id != "a:b" || c.secret != "c+d e" {
		t.Errorf("%+v %v", c, ok)
	}
}

func TestB10_TwentyWrongSecretsShutThatClientAtThatAddressOnly(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		wrong := func(r *http.Request) { r.SetBasicAuth("rp1", "wrong") }
		unknown := h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth("nobody", "wrong") })
		for range 20 {
			w := h.token("rp1", codeForm("x"), wrong)
			bad(t, w, 401, "invalid_client")
			if w.Body.String() == "" || len(w.Header()) != len(unknown.Header()) {
				t.Error("known and unknown clients differ")
			}
		}
		w := h.token("rp1", codeForm(b.code()))
		bad(t, w, 429, "too_many_requests")
		if w.Header().Get("Retry-After") == "" {
			t.Error("Retry-After")
		}
		good(t, h.token("rp1", codeForm(b.code()), func(r *http.Request) { r.RemoteAddr = "198.51.100.7:1" }))
		bad(t, h.token("rp2", codeForm("x")), 400, "invalid_grant") // another client, same address
		if !slices.Contains(h.events(), "limit.hit client_auth") {
			t.Error(h.events())
		}
		time.Sleep(11 * time.Minute)
		good(t, h.token("rp1", codeForm(b.code())))
	})
}

func TestB11_EveryAnswerIsJSONAndNotStored(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		ok := h.token("rp1", codeForm(h.signIn("anna", pwd).code()))
		got := good(t, ok)
		for _, w := range []*httptest.ResponseRecorder{ok, h.token("rp1", codeForm("x")), h.userinfo(got.Access), h.userinfo("x")} {
			if w.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Error(w.Header())
			}
		}
	})
}

func TestB12_Fault15_OtherGrantTypesAreUnsupportedAndAbsentFromDiscovery(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		for _, grant := range []string{"password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
			"urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x"} {
			bad(t, h.token("rp1", url.Values{"grant_type": {grant}, "username": {"a"}, "password": {"b"}}), 400, "unsupported_grant_type")
		}
		bad(t, h.token("rp1", url.Values{}), 400, "invalid_request")
		bad(t, h.token("old", refreshForm("x")), 400, "unauthorized_client")
		bad(t, h.token("rp1", url.Values{"grant_type": {"client_credentials"}}), 400, "unauthorized_client") // never by default
		var d map[string]any
		if err := json.Unmarshal(h.browser().get("/.well-known/openid-configuration").Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(d["grant_types_supported"]); got != "[authorization_code refresh_token client_credentials]" {
			t.Error(got)
		}
	})
}

func TestB13_ACodeDiesWithPersonAndSession(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		p := h.person("anna")
		b := h.signIn("anna", pwd)
		code := b.code()
		if err := h.store.EndSession(context.Background(), b.session.ID, "test", h.op.now()); err != nil {
			t.Fatal(err)
		}
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
		b = h.signIn("anna", pwd)
		code = b.code()
		p.Disabled = true
		if err := h.store.UpdatePerson(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
		if loc := b.authorize().Header().Get("Location"); !strings.HasPrefix(loc, "/login/") {
			t.Errorf("a disabled person is signed in: %q", loc)
		}
	})
}

func TestC01_TheIDTokenHoldsWhatItMustAndNothingElse(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		signed := h.op.now()
		time.Sleep(time.Minute)
		nonce := `n"<€>+ /=`
		got := h.redeem(b.code("nonce", nonce))
		id := claims(t, got.ID)
		now := float64(time.Now().Unix())
		for name, want := range map[string]any{
			"iss": issuer, "sub": "anna", "azp": "rp1", "nonce": nonce, "acr": "mfa", "iat": now, "exp": now + 600, "auth_time": float64(signed.Unix()),
		} {
			if id[name] != want {
				t.Errorf("%s is %v, want %v", name, id[name], want)
			}
		}
		if aud := id["aud"].([]any); len(aud) != 1 || aud[0] != "rp1" {
			t.Error(aud)
		}
		allowed := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "jti", "sid"}
		for name, v := range id {
			if !slices.Contains(allowed, name) || v == nil || v == "" {
				t.Errorf("claim %s: %v", name, v)
			}
		}
		if header := jwtHeader(t, got.ID); header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] == "" || header["jwk"] != nil {
			t.Error(header)
		}
		again := claims(t, h.redeem(b.code()).ID)
		if again["sid"] != id["sid"] || again["jti"] == id["jti"] || again["auth_time"] != id["auth_time"] {
			t.Errorf("%v\n%v", id, again)
		}
		other := good(t, h.token("rp2", codeForm(b.code("client_id", "rp2", "redirect_uri", "https://rp2.example/cb"), "redirect_uri", "https://rp2.example/cb")))
		if o := claims(t, other.ID); o["sid"] == id["sid"] || o["sub"] != "anna" || jwtHeader(t, other.ID)["alg"] != "ES256" {
			t.Error("sid differs by panel, sub does not, the algorithm is the client's")
		}
		if strings.Contains(b.cookies["__Host-soglia_session"], id["sid"].(string)) {
			t.Error("sid from the cookie")
		}
		native := good(t, h.token("rp3", codeForm(b.code("client_id", "rp3", "redirect_uri", "http://127.0.0.1:1/cb", "nonce", ""), "redirect_uri", "http://127.0.0.1:1/cb")))
		if n := claims(t, native.ID); n["nonce"] != nil || jwtHeader(t, native.ID)["alg"] != "EdDSA" {
			t.Error("no nonce, none in the token; EdDSA")
		}
	})
}

func TestFault11_AccessTokensSayHowSureWeAre(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		got := h.redeem(b.code("scope", "openid email"))
		at, id := claims(t, got.Access), claims(t, got.ID)
		for _, name := range []string{"acr", "auth_time", "sid", "sub", "iss"} {
			if at[name] != id[name] {
				t.Errorf("%s: %v and %v", name, at[name], id[name])
			}
		}
		if at["client_id"] != "rp1" || at["scope"] != "openid email" || at["aud"].([]any)[0] != issuer || at["jti"] == nil {
			t.Error(at)
		}
		if header := jwtHeader(t, got.Access); header["typ"] != "at+jwt" || header["alg"] != "ES256" {
			t.Error(header)
		}
		if opaque := h.redeem(b.code("scope", "openid billing")); !strings.HasPrefix(opaque.Access, "sog_at_") || h.userinfo(opaque.Access).Code != 200 {
			t.Error("a floored scope makes the token opaque")
		}
	})
}

func TestTokensOfALevelThatLapsesEndWithIt(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Policy.Levels[1].Lasts = 5 * time.Minute }, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd, totp("anna")).code("acr_values", "mfa"))
		if got.Expires > 300 || claims(t, got.ID)["exp"].(float64) > float64(time.Now().Unix()+300) {
			t.Errorf("%d", got.Expires)
		}
	})
}

func TestCORSIsForRegisteredOriginsWithoutCredentials(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		ask := func(origin, method, path string) http.Header {
			r := httptest.NewRequest(method, issuer+path, nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "POST")
			return h.send(r).Header()
		}
		for _, path := range []string{"/token", "/userinfo", "/jwks", "/.well-known/openid-configuration"} {
			if got := ask("https://spa.example", "OPTIONS", path).Get("Access-Control-Allow-Origin"); got != "https://spa.example" {
				t.Errorf("%s: %q", path, got)
			}
			if got := ask("https://evil.example", "OPTIONS", path).Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%s: %q", path, got)
			}
		}
		if got := ask("https://spa.example", "GET", "/jwks"); got.Get("Access-Control-Allow-Origin") == "" || got.Get("Access-Control-Allow-Credentials") != "" {
			t.Error(got)
		}
		from := func(client string) string {
			return h.token(client, codeForm("x"), func(r *http.Request) { r.Header.Set("Origin", "https://spa.example") }).Header().Get("Access-Control-Allow-Origin")
		}
		if from("rp1") == "" || from("rp2") != "" {
			t.Error("an origin is its client's alone")
		}
	})
}
