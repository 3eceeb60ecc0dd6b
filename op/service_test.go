package op

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
)

// withService adds a back end that speaks for itself.
func withService(c *config.Config) {
	c.Scopes["people"], c.Scopes["reports"] = config.Scope{Name: "people"}, config.Scope{Name: "reports"}
	backend := *c.Clients["rp1"]
	backend.ID, backend.RedirectURIs = "backend", nil
	backend.SecretHashes = [][]byte{secret.Hash("backend-secret")}
	backend.Scopes = []string{"openid", "people", "reports", "billing", "offline_access"}
	backend.Grants = []string{"client_credentials"}
	c.Clients["backend"] = &backend
}

func TestABackEndSpeaksForItself(t *testing.T) {
	inBubble(t, withService, func(t *testing.T, h *house) {
		ask := func(client string, scope string) *httptest.ResponseRecorder {
			q := url.Values{"grant_type": {"client_credentials"}}
			if scope != "" {
				q.Set("scope", scope)
			}
			return h.token(client, q)
		}
		w := ask("backend", "")
		got := good(t, w)
		c := claims(t, got.Access)
		if head := jwtHeader(t, got.Access); head["typ"] != "at+jwt" || head["alg"] != "ES256" {
			t.Error(head)
		}
		if c["sub"] != "backend" || c["client_id"] != "backend" || c["scope"] != "people reports" || got.Scope != "people reports" || c["iss"] != issuer {
			t.Error(c, got)
		}
		for _, absent := range []string{"acr", "amr", "auth_time", "sid", "urn:soglia:authn"} {
			if _, there := c[absent]; there {
				t.Errorf("there is no person in it, but %s", absent)
			}
		}
		if got.Refresh != "" || got.ID != "" || got.Expires != 600 || got.Type != "Bearer" {
			t.Errorf("%+v", got)
		}
		if !slices.Equal(h.events(), []string{"token.issued client_credentials"}) {
			t.Error(h.events())
		}
		if got := good(t, ask("backend", "people unknown")); got.Scope != "people" {
			t.Error(got.Scope)
		}
		for _, scope := range []string{"openid", "offline_access", "people openid", "billing", "email", "unknown", strings.Repeat("s ", 5) + "dns"} {
			bad(t, ask("backend", scope), 400, "invalid_scope")
		}
		bad(t, ask("rp1", ""), 400, "unauthorized_client")
		refusedWithPage := h.browser().authorize("client_id", "backend", "redirect_uri", "https://rp.example/cb")
		ownPage(t, refusedWithPage, 400, "invalid_redirect_uri")

		if said := h.introspect("backend", got.Access); said["sub"] != "backend" || said["scope"] != "people reports" || said["acr"] != nil {
			t.Error(said)
		}
		if h.introspect("rp1", got.Access) != nil {
			t.Error("another client sees it")
		}
		bad(t, h.userinfo(got.Access), 401, "invalid_token")
		h.cfg = changed(h.cfg, func(c *config.Config) { c.Clients["backend"].Grants = []string{"authorization_code"} })
		if h.introspect("backend", got.Access) != nil {
			t.Error("the grant was taken away: its tokens are dead here")
		}
		bad(t, ask("backend", ""), 400, "unauthorized_client")
		h.cfg = changed(h.cfg, func(c *config.Config) { c.Clients["backend"].Grants = []string{"client_credentials"} })
		time.Sleep(10 * time.Minute)
		if h.introspect("backend", got.Access) != nil {
			t.Error("active after its end")
		}
	})
}

func TestOurOwnAPIsKnowABackEndByItsToken(t *testing.T) {
	inBubble(t, withService, func(t *testing.T, h *house) {
		h.person("anna")
		own := good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}, "scope": {"people"}})).Access
		call := func(scope, token string) (string, error) {
			r := httptest.NewRequest("PUT", issuer+"/people/1", nil)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return h.op.Service(httptest.NewRecorder(), r, scope)
		}
		if client, err := call("people", own); client != "backend" || err != nil {
			t.Error(client, err)
		}
		if _, err := call("reports", own); codeOf(err) != "insufficient_scope" {
			t.Error(err)
		}
		person := h.redeem(h.signIn("anna", pwd).code())
		for name, token := range map[string]string{"none": "", "a person's": person.Access, "an ID token": person.ID, "a refresh token": person.Refresh, "nonsense": "x"} {
			if client, err := call("people", token); client != "" || codeOf(err) != "invalid_token" {
				t.Errorf("%s: %q %v", name, client, err)
			}
		}
	})
}

// changed is a configuration after a reload.
func changed(c *config.Config, change func(*config.Config)) *config.Config {
	next := *c
	next.Clients = map[string]*config.Client{}
	for id, client := range c.Clients {
		one := *client
		next.Clients[id] = &one
	}
	change(&next)
	return &next
}

// A scope that got a floor opens by a person's level alone: a client that had it for itself has it no longer.
func TestAServiceTokenLosesAScopeThatGotAFloor(t *testing.T) {
	inBubble(t, func(c *config.Config) {
		api(c)
		c.Scopes["jobs"], c.Scopes["mails"] = config.Scope{Name: "jobs"}, config.Scope{Name: "mails"}
		rp := c.Clients["rp1"]
		rp.Scopes, rp.Grants = append(rp.Scopes, "jobs", "mails"), append(rp.Grants, "client_credentials")
	}, func(t *testing.T, h *house) {
		got := good(t, h.token("rp1", url.Values{"grant_type": {"client_credentials"}, "scope": {"jobs mails"}}))
		h.reload(raised("jobs", "mfa"))
		if said := h.asAPI(got.Access); !strings.Contains(said, `"scope":"mails"`) {
			t.Error(said)
		}
		h.reload(raised("mails", "mfa"))
		if said := h.asAPI(got.Access); said != string(notActive) {
			t.Error(said)
		}
	})
}
