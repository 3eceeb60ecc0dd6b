package op

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
)

func asksAPage(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if loc := w.Header().Get("Location"); !strings.HasPrefix(loc, "/login/") {
		t.Errorf("no page was asked: %d %q %s", w.Code, loc, w.Body)
	}
}

func TestE04_AcrValues(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		weak, strong := h.signIn("anna", pwd), h.signIn("anna", pwd, totp("anna"))
		got := func(b *browser, values string) any {
			return claims(t, h.redeem(b.code("acr_values", values)).ID)["acr"]
		}
		asksAPage(t, weak.authorize("acr_values", "mfa"))
		asksAPage(t, weak.authorize("acr_values", "mfa sfa"))
		asksAPage(t, weak.authorize("acr_values", "unknown mfa"))
		if got(weak, "sfa mfa") != "sfa" || got(weak, "unknown") != "sfa" || got(strong, "sfa mfa") != "sfa" || got(strong, "mfa sfa") != "mfa" {
			t.Error("the first requested name held")
		}
		if alias := "https://refeds.org/profile/mfa"; got(strong, alias) != alias {
			t.Error("an alias asked is an alias answered")
		}
	})
}

func TestE05_EssentialAcr(t *testing.T) {
	essential := func(values string) string {
		return `{"id_token":{"acr":{"essential":true,"values":[` + values + `]}}}`
	}
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		asksAPage(t, b.authorize("claims", essential(`"mfa"`)))
		refusedWith(t, b.authorize("claims", essential(`"phr"`)), acr.ErrUnmet)
		refusedWith(t, b.authorize("claims", essential(`"urn:x"`)), acr.ErrUnmet)
		refusedWith(t, b.authorize("claims", essential(`5`)), acr.ErrUnmet)
		refusedWith(t, b.authorize("claims", essential(`"mfa"`), "prompt", "none"), acr.ErrInteractionRequired)
		asksAPage(t, b.authorize("claims", essential(`"urn:x","mfa"`), "acr_values", "sfa"))
		if claims(t, h.redeem(b.code("claims", `{"id_token":{"acr":null}}`)).ID)["acr"] != "sfa" {
			t.Error("acr as a voluntary claim")
		}
	})
}

func TestE06_ASensitiveScopeAsksByItself(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		weak, strong := h.signIn("anna", pwd), h.signIn("anna", pwd, totp("anna"))
		asksAPage(t, weak.authorize("scope", "openid billing"))
		refusedWith(t, weak.authorize("scope", "openid billing", "prompt", "none"), acr.ErrInteractionRequired)
		if got := h.redeem(weak.code("scope", "openid dns")); got.Scope != "openid" {
			t.Errorf("drop: %+v", got)
		}
		if got := h.redeem(strong.code("scope", "openid billing dns")); got.Scope != "openid billing dns" || claims(t, got.ID)["acr"] != "mfa" {
			t.Errorf("%+v", got)
		}
	})
}

func TestE07_MaxAgeAndPromptLogin(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		first := claims(t, h.redeem(b.code("max_age", "10000")).ID)["auth_time"]
		time.Sleep(2 * time.Minute)
		asksAPage(t, b.authorize("max_age", "60"))
		asksAPage(t, b.authorize("max_age", "0"))
		asksAPage(t, b.authorize("prompt", "login"))
		asksAPage(t, b.authorize("prompt", "select_account"))
		refusedWith(t, b.authorize("max_age", "60", "prompt", "none"), acr.ErrLoginRequired)
		if again := claims(t, h.redeem(b.code("max_age", "10000")).ID)["auth_time"]; again != first {
			t.Error("a silent answer moved auth_time")
		}
	})
}

func TestTheClaimsParameterIsHonoured(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code("claims", `{"userinfo":{"name":{"essential":true},"nothing":null,"sub":null},"id_token":{"email":null}}`))
		id := claims(t, got.ID)
		if id["email"] != "Anna@anna.example" || id["name"] != nil {
			t.Error(id)
		}
		var ui map[string]any
		if err := json.Unmarshal(h.userinfo(got.Access).Body.Bytes(), &ui); err != nil || ui["name"] != "Anna Rossi" || ui["email"] != nil || len(ui) != 2 {
			t.Error(err, ui)
		}
		sub := func(who string) string { return `{"id_token":{"sub":{"value":"` + who + `"}}}` }
		if b.code("claims", sub("anna")) == "" {
			t.Error("this person")
		}
		refusedWith(t, b.authorize("claims", sub("bruno"), "prompt", "none"), acr.ErrLoginRequired)
		for _, broken := range []string{`[]`, `"x"`, `{"id_token":[]}`, strings.Repeat(`{"id_token":`, 600), `{"id_token":{"acr":{"essential":"yes"}}}`} {
			refusedWith(t, b.authorize("claims", broken), "invalid_request")
		}
	})
}

func TestFullClaimSetsOfEachScope(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for scope, names := range config.StandardClaims {
			var ui map[string]any
			if err := json.Unmarshal(h.userinfo(h.redeem(b.code("scope", "openid "+scope)).Access).Body.Bytes(), &ui); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if v := ui[name]; v == nil || v == "" {
					t.Errorf("%s has no %s: %v", scope, name, ui)
				}
			}
			if len(ui) != len(names)+1 {
				t.Errorf("%s gives more than its own: %v", scope, ui)
			}
		}
		// claims_in: [id_token, userinfo]
		code := b.code("client_id", "old", "redirect_uri", "https://old.example/cb", "scope", "openid email")
		if id := claims(t, good(t, h.token("old", codeForm(code, "redirect_uri", "https://old.example/cb"))).ID); id["email"] == nil {
			t.Error(id)
		}
	})
}

func TestTheChannelAndTheProviderAreNamed(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		p := h.person("anna")
		if err := h.store.RemoveFactor(t.Context(), "anna", "anna-totp"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // what happens in the same microsecond counts as before
		b := h.signIn("anna", pwd, acr.Event{Method: acr.Email, Credential: p.Contacts[0].ID, Address: p.Contacts[0].Canonical})
		got := h.redeem(b.code("scope", "openid email", "acr_values", "mfa"))
		for _, token := range []string{got.ID, got.Access} {
			c, _ := claims(t, token)["urn:soglia:authn"].(map[string]any)
			if ch, _ := c["channels"].([]any); !slices.Contains(ch, any("email")) {
				t.Errorf("%v", claims(t, token))
			}
		}
		if alone := h.redeem(b.code("acr_values", "mfa")); claims(t, alone.ID)["urn:soglia:authn"] != nil {
			t.Error("with openid alone the ID token holds only what the specification names")
		}
	})
}

func TestFault09_DiscoverySaysWhatWorks(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		w := h.browser().get("/.well-known/openid-configuration")
		var d map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]any{
			"issuer": issuer, "introspection_endpoint": issuer + "/introspect", "revocation_endpoint": issuer + "/revoke", "claims_parameter_supported": true, "request_uri_parameter_supported": false,
			"authorization_response_iss_parameter_supported": true,
		} {
			if d[name] != want {
				t.Errorf("%s: %v", name, d[name])
			}
		}
		for name, want := range map[string]string{
			"acr_values_supported": "sfa mfa https://refeds.org/profile/mfa phr", "response_types_supported": "code", "response_modes_supported": "query form_post",
			"code_challenge_methods_supported": "S256", "token_endpoint_auth_methods_supported": "client_secret_basic client_secret_post private_key_jwt none",
			"id_token_signing_alg_values_supported": "RS256 ES256 EdDSA", "subject_types_supported": "public",
			"token_endpoint_auth_signing_alg_values_supported": "ES256 PS256 EdDSA RS256",
			"introspection_endpoint_auth_methods_supported":    "client_secret_basic client_secret_post private_key_jwt",
			"revocation_endpoint_auth_methods_supported":       "client_secret_basic client_secret_post private_key_jwt none",
			"grant_types_supported":                            "authorization_code refresh_token client_credentials",
			"prompt_values_supported":                          "none login consent select_account",
		} {
			var got []string
			list, _ := d[name].([]any)
			for _, v := range list {
				got = append(got, v.(string))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v", name, d[name])
			}
		}
		for _, absent := range []string{"registration_endpoint", "device_authorization_endpoint", "check_session_iframe", "request_parameter_supported"} {
			if d[absent] != nil {
				t.Errorf("%s: %v", absent, d[absent])
			}
		}
		for name, v := range d {
			if s, ok := v.(string); ok && strings.HasSuffix(name, "_endpoint") {
				if u, err := url.Parse(s); err != nil || u.Scheme != "https" || h.browser().get(u.Path).Code == 404 {
					t.Errorf("%s: %s", name, s)
				}
			}
		}
		if h.browser().get("/.well-known/oauth-authorization-server").Body.String() != w.Body.String() {
			t.Error("RFC 8414 says the same")
		}
	})
}
