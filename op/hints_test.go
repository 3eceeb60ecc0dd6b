package op

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/config"
)

// hinted checks an error and what it says beside its code; "" wants the words that say nothing.
func hinted(t *testing.T, name string, w *httptest.ResponseRecorder, code, hint string) {
	t.Helper()
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Error != code {
		t.Errorf("%s: %d %s", name, w.Code, w.Body)
	}
	plain := e.Description == "Client authentication failed." || e.Description == "The code or refresh token is not valid."
	if plain != (hint == "") || !strings.Contains(e.Description, hint) {
		t.Errorf("%s says %q, want %q", name, e.Description, hint)
	}
}

// Who had the right secret or key is told what was wrong beside it; everybody else reads the same as ever (B10).
func TestQ49AnErrorNamesItsCauseToWhoHadTheRightSecret(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		byPost := func(client, secret string) *httptest.ResponseRecorder {
			return h.token("rp2", url.Values{}, func(r *http.Request) {
				q := codeForm("x", "client_id", client, "client_secret", secret)
				*r = *httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(q.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			})
		}
		basic := func(client, secret string) *httptest.ResponseRecorder {
			return h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth(client, secret) })
		}
		hinted(t, "a right secret by post", byPost("rp1", "rp1-secret"), "invalid_client", "client_secret_basic")
		hinted(t, "a wrong one by post", byPost("rp1", "wrong"), "invalid_client", "")
		hinted(t, "a right secret by basic", basic("rp2", "rp2-secret"), "invalid_client", "client_secret_post")
		hinted(t, "a wrong one by basic", basic("rp2", "wrong"), "invalid_client", "")
		hinted(t, "a public client by basic", basic("rp3", ""), "invalid_client", "")
		hinted(t, "an unknown client", byPost("nobody", "wrong"), "invalid_client", "")
		hinted(t, "another client_id beside it", h.token("rp1", codeForm("x", "client_id", "rp2")), "invalid_client", "no other client_id")

		code := func(changes ...string) *httptest.ResponseRecorder {
			return h.token("rp1", codeForm(b.code(), changes...))
		}
		hinted(t, "no verifier", code("code_verifier", ""), "invalid_grant", "code_verifier is missing")
		hinted(t, "another verifier", code("code_verifier", strings.Repeat("v", 43)), "invalid_grant", "does not fit")
		hinted(t, "another redirect_uri", code("redirect_uri", "https://rp.example/second?x=1"), "invalid_grant", "redirect_uri is not")
		hinted(t, "no code of ours", h.token("rp1", codeForm("x")), "invalid_grant", "")
		hinted(t, "somebody else's code", h.token("rp2", codeForm(b.code())), "invalid_grant", "")
		old := b.code("client_id", "old", "redirect_uri", "https://old.example/cb", "code_challenge", "", "code_challenge_method", "")
		hinted(t, "a verifier too many", h.token("old", codeForm(old, "redirect_uri", "https://old.example/cb")), "invalid_grant", "had no code_challenge")
		app := b.code("client_id", "rp3", "redirect_uri", "http://127.0.0.1:1/cb")
		hinted(t, "a public client, which anyone can play", h.token("rp3", codeForm(app, "redirect_uri", "http://127.0.0.1:1/cb", "code_verifier", "")), "invalid_grant", "")

		key := panelKeys()[jose.ES256]
		assert := func(change map[string]any) *httptest.ResponseRecorder {
			return h.asserts(own(), signed(t, jose.ES256, key, "", said("keyed", h.op.now(), change)))
		}
		hinted(t, "aud", assert(map[string]any{"aud": issuer + "/token"}), "invalid_client", "aud is not the issuer")
		hinted(t, "exp", assert(map[string]any{"exp": h.op.now().Add(time.Hour).Unix()}), "invalid_client", "exp is over or more than")
		hinted(t, "another key", h.asserts(own(), signed(t, jose.ES256, jose.JSONWebKey{Key: key, KeyID: "another"}, "", said("keyed", h.op.now(), nil))), "invalid_client", "")
		once := signed(t, jose.ES256, key, "", said("keyed", h.op.now(), nil))
		good(t, h.asserts(own(), once))
		hinted(t, "jti", h.asserts(own(), once), "invalid_client", "jti was used before")
	})
}

// Mail servers want a user name from introspection. It is in the scope profile: whoever may look at a token that has it could
// ask userinfo with that very token.
func TestQ49IntrospectionHasTheUserNameWithTheScopeProfile(t *testing.T) {
	change := func(c *config.Config) {
		mail := *c.Clients["old"]
		mail.ID, mail.SecretHashes, mail.Introspect = "mail", c.Clients["rp1"].SecretHashes, config.Introspect{Clients: []string{"rp1"}}
		c.Clients["mail"] = &mail
	}
	inBubble(t, change, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		ask := func(token string) map[string]any {
			var out map[string]any
			w := h.at("/introspect", "old", url.Values{"token": {token}}, func(r *http.Request) { r.SetBasicAuth("mail", "rp1-secret") })
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		full, bare := h.redeem(b.code("scope", "openid profile offline_access")), h.redeem(b.code("scope", "openid email"))
		for who, said := range map[string]map[string]any{"a mail server": ask(full.Access), "the panel": h.introspect("rp1", full.Access), "the panel, of its refresh token": h.introspect("rp1", full.Refresh)} {
			if said["active"] != true || said["username"] != "anna-name" {
				t.Errorf("%s: %v", who, said)
			}
		}
		if said := ask(bare.Access); said["active"] != true || said["username"] != nil {
			t.Errorf("without the scope: %v", said)
		}
		h.reload(without("profile"))
		if said := ask(full.Access); said["active"] != true || said["username"] != nil {
			t.Errorf("the scope was taken away since: %v", said)
		}
	})
}

// An ID token from a refresh answers no authorization request, so it has no nonce (OIDC Core §12.2).
func TestQ51ARefreshedIDTokenHasNoNonce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd).code("nonce", "n-1"))
		if n := claims(t, got.ID)["nonce"]; n != "n-1" {
			t.Errorf("the first has %v", n)
		}
		for range 2 {
			time.Sleep(time.Minute)
			got = good(t, h.token("rp1", refreshForm(got.Refresh)))
			if n, there := claims(t, got.ID)["nonce"]; there {
				t.Errorf("a refreshed one has %v", n)
			}
		}
	})
}
