package certification_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestAlways(t *testing.T) { run(t, always, plan{client: "first"}) }

// always are the lines of every plan.
var always = []line{
	{"iss is exact, in discovery, in the answer and in the ID token", func(t *try) {
		doc := metadata(t.T)
		got := t.signs() // which looks at the answer
		if doc["issuer"] != any(issuer) || got.claims["iss"] != any(issuer) || doc["authorization_response_iss_parameter_supported"] != any(true) {
			t.Errorf("%v, %v", doc["issuer"], got.claims["iss"])
		}
	}},
	{"the issuer and every endpoint of discovery are https", func(t *try) {
		endpoints := 0
		for name, value := range metadata(t.T) {
			if address, _ := value.(string); name == "issuer" || strings.HasSuffix(name, "_endpoint") || strings.HasSuffix(name, "_uri") {
				if endpoints++; !strings.HasPrefix(address, "https://") {
					t.Errorf("%s: %v", name, value)
				}
			}
		}
		if endpoints < 6 {
			t.Errorf("%d of them", endpoints)
		}
	}},
	{"every key of the JWKS has a kid of its own and no private member", func(t *try) {
		_, _, set := call(t.T, http.MethodGet, metadata(t.T)["jwks_uri"].(string), nil, nil)
		seen := map[any]bool{"": true, nil: true}
		keys, _ := set["keys"].([]any)
		for _, each := range keys {
			key, _ := each.(map[string]any)
			if seen[key["kid"]] {
				t.Errorf("kid %v", key["kid"])
			}
			seen[key["kid"]] = true
			for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
				if _, there := key[private]; there {
					t.Errorf("key %v has %s", key["kid"], private)
				}
			}
			text, _ := json.Marshal(key)
			var k jose.JSONWebKey
			if err := json.Unmarshal(text, &k); err != nil || !k.Valid() || !k.IsPublic() {
				t.Errorf("key %v: %v", key["kid"], err)
			}
		}
		if len(keys) == 0 {
			t.Error("no keys")
		}
	}},
	{"RS256 is offered and the default for ID tokens", func(t *try) {
		offered, _ := metadata(t.T)["id_token_signing_alg_values_supported"].([]any)
		if !slices.Contains(offered, any("RS256")) {
			t.Errorf("offered %v", offered)
		}
		verify(t.T, t.signs().id, jose.RS256)
	}},
	{"an ID token of the scope openid alone holds members of the protocol only", func(t *try) {
		allowed := strings.Fields("iss sub aud exp iat auth_time nonce acr amr azp at_hash c_hash s_hash jti sid")
		for name := range t.signs().claims {
			if !slices.Contains(allowed, name) {
				t.Errorf("it holds %s", name)
			}
		}
	}},
	{"acr is a string that is not empty", func(t *try) {
		if acr, _ := t.signs().claims["acr"].(string); acr == "" {
			t.Errorf("acr %q", acr)
		}
	}},
	{"no claim is null or empty, of a person of whom little is known either", func(t *try) {
		everything := []string{"scope", "openid profile email address phone"}
		bare := t.again()
		bare.person = "bea"
		for _, got := range []*signed{t.signs(everything...), bare.signs(everything...)} {
			_, info := t.userinfo(got.access)
			for _, set := range []map[string]any{got.claims, info} {
				for name, value := range set {
					empty, _ := json.Marshal(value)
					if slices.Contains([]string{"null", `""`, "{}", "[]"}, string(empty)) {
						t.Errorf("%s is %s", name, empty)
					}
				}
			}
		}
	}},
	{"updated_at is in seconds", func(t *try) {
		_, info := t.userinfo(t.signs("scope", "openid profile").access)
		at, _ := info["updated_at"].(float64)
		if now := float64(time.Now().Unix()); at > now || at < now-24*60*60 {
			t.Errorf("updated_at %v", info["updated_at"])
		}
	}},
	{"token answers have expires_in and are not stored", func(t *try) {
		got := t.signs()
		if in, _ := got.answer["expires_in"].(float64); in <= 0 {
			t.Errorf("expires_in %v", got.answer["expires_in"])
		}
		if got.header.Get("Cache-Control") != "no-store" || !strings.EqualFold(got.answer["token_type"].(string), "Bearer") {
			t.Errorf("%v %v", got.header, got.answer["token_type"])
		}
	}},
	{"codes have 128 bits or more", func(t *try) {
		first, second := t.signs().code, t.signs().code
		same := 0
		for same < min(len(first), len(second)) && first[same] == second[same] {
			same++
		}
		if len(first)-same < 22 { // of 64 letters, six bits each
			t.Errorf("%q, %q", first, second)
		}
	}},
}
