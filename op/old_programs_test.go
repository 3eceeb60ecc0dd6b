package op

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
)

// RFC 9207 for all but a client whose YAML says otherwise: no answer to that one has iss, of whatever kind and by whatever road.
func TestOmitIssLeavesItOutOfEveryAnswer(t *testing.T) {
	omits := func(c *config.Config) { c.Clients["rp1"].OmitIss = true }
	inBubble(t, omits, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		byPost := func(changes ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, issuer+"/authorize", strings.NewReader(authRequest(changes...).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return b.get(b.h.send(r).Header().Get("Location"))
		}
		for name, w := range map[string]*httptest.ResponseRecorder{
			"a code":                    b.authorize(),
			"a code by POST":            byPost(),
			"a code to a form":          b.authorize("response_mode", "form_post"),
			"a refusal":                 h.browser().authorize("prompt", "none"),
			"a refusal to a form":       h.browser().authorize("prompt", "none", "response_mode", "form_post"),
			"a malformed request":       b.authorize("code_challenge", ""),
			"a malformed one to a form": b.authorize("code_challenge", "", "response_mode", "form_post"),
		} {
			answer := w.Header().Get("Location") + w.Body.String()
			if strings.Contains(answer, `"iss"`) || strings.Contains(answer, "iss="+url.QueryEscape(issuer)) {
				t.Errorf("%s has iss: %d %s", name, w.Code, answer)
			}
			if !strings.Contains(answer, "state=st") && !strings.Contains(answer, `name="state" value="st"`) {
				t.Errorf("%s: %d %s", name, w.Code, answer)
			}
		}
		other := b.authorize("client_id", "old", "redirect_uri", "https://old.example/cb")
		if q := answerOf(t, other); q.Get("iss") != issuer {
			t.Errorf("another client: %v", q)
		}
	})
}

// access_token_typ: JWT: the token is good for all that an access token is good for, and for nothing else.
func TestAnAccessTokenOfTypJWTIsNoHint(t *testing.T) {
	old := func(c *config.Config) {
		c.Clients["rp1"].PlainTyp = true
		c.Clients["rp1"].Grants = append(c.Clients["rp1"].Grants, "client_credentials")
		c.Clients["rp1"].Scopes = append(c.Clients["rp1"].Scopes, "zones")
	}
	inBubble(t, old, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code("scope", "openid email"))
		if head, of := jwtHeader(t, got.Access), claims(t, got.Access); head["typ"] != "JWT" || of["client_id"] != "rp1" || of["aud"].([]any)[0] != issuer {
			t.Errorf("%v %v", head, of)
		}
		if w := h.userinfo(got.Access); w.Code != 200 || !strings.Contains(w.Body.String(), "email") {
			t.Errorf("userinfo: %d %s", w.Code, w.Body)
		}
		if h.introspect("rp1", got.Access) == nil {
			t.Error("introspection does not know it")
		}
		refreshed := good(t, h.token("rp1", refreshForm(got.Refresh)))
		service := good(t, h.token("rp1", url.Values{"grant_type": {"client_credentials"}, "scope": {"zones"}}))
		for name, token := range map[string]string{"first": got.Access, "refreshed": refreshed.Access, "service": service.Access} {
			if jwtHeader(t, token)["typ"] != "JWT" {
				t.Errorf("%s: %v", name, jwtHeader(t, token))
			}
			refusedWith(t, b.authorize("id_token_hint", token), "invalid_request")
			ownPage(t, b.get("/end_session?"+logoutQuery("id_token_hint", token).Encode()), 400, "invalid_id_token_hint")
		}
		if w := h.userinfo(got.ID); w.Code != 401 {
			t.Errorf("an ID token opens userinfo: %d", w.Code)
		}
		if h.introspect("rp1", got.ID) != nil {
			t.Error("an ID token is active")
		}
		answerOf(t, b.authorize("id_token_hint", got.ID))

		h.reload(func(c *config.Config) { c.Clients["rp1"].PlainTyp = false })
		if jwtHeader(t, good(t, h.token("rp1", refreshForm(refreshed.Refresh))).Access)["typ"] != "at+jwt" {
			t.Error("the option is taken back")
		}
		if h.userinfo(got.Access).Code != 200 {
			t.Error("what was issued before is still good")
		}
	})
}
