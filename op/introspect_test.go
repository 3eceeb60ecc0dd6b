package op

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// at calls another endpoint the way token does.
func (h *house) at(path, client string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	return h.token(client, form, append(change, func(r *http.Request) { r.URL.Path = path })...)
}

const inactive = `{"active":false}`

// introspect is what the endpoint says of a token; nil when it is not active.
func (h *house) introspect(client, token string) map[string]any {
	h.t.Helper()
	w := h.at("/introspect", client, url.Values{"token": {token}})
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json" {
		h.t.Fatalf("introspection: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w.Body.String() == inactive {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out["active"] != true {
		h.t.Fatalf("%v %s", err, w.Body)
	}
	return out
}

func TestIntrospectionSaysWhatTheTokensSay(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		for name, scope := range map[string]string{"JWT": "openid email offline_access", "opaque": "openid dns"} {
			got := h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", scope, "acr_values", "https://refeds.org/profile/mfa"))
			id := claims(t, got.ID)
			time.Sleep(2 * time.Second)
			for kind, token := range map[string]string{"access": got.Access, "refresh": got.Refresh} {
				said := h.introspect("rp1", token)
				for _, c := range []string{"iss", "sub", "acr", "auth_time", "sid"} {
					if said[c] == nil || said[c] != id[c] {
						t.Errorf("%s %s: %s is %v, in the ID token %v", name, kind, c, said[c], id[c])
					}
				}
				if said["acr"] != "https://refeds.org/profile/mfa" || len(said["amr"].([]any)) != 3 || said["client_id"] != "rp1" || said["scope"] != scope {
					t.Errorf("%s %s: %v", name, kind, said)
				}
				if kind == "access" && (said["token_type"] != "Bearer" || said["exp"].(float64)-said["iat"].(float64) != 600) || kind == "refresh" && said["token_type"] != nil {
					t.Errorf("%s %s: %v", name, kind, said)
				}
				if said["username"] != nil || said["email"] != nil {
					t.Errorf("%s %s: it is about the token, not the person: %v", name, kind, said)
				}
			}
		}
	})
}

func TestD08_IntrospectionTellsStrangersNothing(t *testing.T) {
	change := func(c *config.Config) {
		server := func(id string, who config.Introspect) {
			api := *c.Clients["old"]
			api.ID, api.SecretHashes, api.Introspect = id, c.Clients["rp1"].SecretHashes, who
			c.Clients[id] = &api
		}
		server("api", config.Introspect{Clients: []string{"rp1"}})
		server("api-all", config.Introspect{All: true})
	}
	inBubble(t, change, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
		asApi := func(id string) func(*http.Request) {
			return func(r *http.Request) { r.SetBasicAuth(id, "rp1-secret") }
		}
		for _, token := range []string{got.Access, got.Refresh} {
			if h.introspect("rp2", token) != nil || h.introspect("strong", token) != nil {
				t.Error("an unrelated client sees it")
			}
			if h.introspect("rp1", token) == nil {
				t.Error("its own client does not see it")
			}
			for _, id := range []string{"api", "api-all"} {
				w := h.at("/introspect", "old", url.Values{"token": {token}}, asApi(id))
				if strings.HasPrefix(w.Body.String(), `{"active":true`) != (token == got.Access) { // a refresh token is its own client's alone
					t.Errorf("%s: %s", id, w.Body)
				}
			}
		}
		other := good(t, h.token("rp2", codeForm(h.signIn("anna", pwd).code("client_id", "rp2", "redirect_uri", "https://rp2.example/cb"), "redirect_uri", "https://rp2.example/cb")))
		if w := h.at("/introspect", "old", url.Values{"token": {other.Access}}, asApi("api")); w.Body.String() != inactive {
			t.Errorf("a resource server of rp1 sees rp2's: %s", w.Body)
		}
		bad(t, h.at("/introspect", "rp3", url.Values{"token": {got.Access}}), 401, "invalid_client") // public
		bad(t, h.at("/introspect", "rp1", url.Values{"token": {got.Access}}, func(r *http.Request) { r.Header.Del("Authorization") }), 401, "invalid_client")
		bad(t, h.at("/introspect", "rp1", url.Values{"token": {got.Access}}, func(r *http.Request) { r.SetBasicAuth("rp1", "wrong") }), 401, "invalid_client")
		bad(t, h.at("/introspect", "rp1", url.Values{}), 400, "invalid_request")
		bad(t, h.at("/introspect", "rp1", url.Values{"token": {"x"}}, func(r *http.Request) { r.URL.RawQuery = "token=" + got.Access }), 400, "invalid_request")
		for name, token := range map[string]string{
			"an ID token": got.ID, "nothing": "x", "opaque, not there": "sog_at_x", "refresh, not there": "sog_rt_x", "a code": "sog_ac_x",
			"long": strings.Repeat("a.", 10000), "tampered": got.Access[:len(got.Access)-4] + "AAAA", "dots": "..", "JSON": `{"active":true}`,
			"alg none": rebuilt(map[string]any{"alg": "none", "typ": "at+jwt"}, strings.Split(got.Access, ".")[1], func(string) []byte { return nil }), // C02
		} {
			if h.introspect("rp1", token) != nil {
				t.Errorf("%s is active", name)
			}
		}
	})
}

func TestWhatEndedIsNotActive(t *testing.T) {
	inBubble(t, rotating, func(t *testing.T, h *house) {
		h.person("anna")
		for name, scope := range map[string]string{"JWT": "openid", "opaque": "openid dns"} {
			b := h.signIn("anna", pwd, totp("anna"))
			got := h.redeem(b.code("scope", scope))
			next := good(t, h.token("rp1", refreshForm(got.Refresh)))
			if h.introspect("rp1", got.Refresh) != nil {
				t.Errorf("%s: a used refresh token is active", name)
			}
			if h.introspect("rp1", next.Refresh) == nil || h.introspect("rp1", got.Access) == nil {
				t.Errorf("%s: asking about the used one ended the family", name)
			}
			if err := h.ends(b.session); err != nil {
				t.Fatal(err)
			}
			if h.introspect("rp1", next.Access) != nil || h.introspect("rp1", next.Refresh) != nil {
				t.Errorf("%s: active after the session ended", name)
			}
		}
		got := h.redeem(h.signIn("anna", pwd).code())
		time.Sleep(11 * time.Minute)
		if h.introspect("rp1", got.Access) != nil {
			t.Error("active after its end")
		}
	})
}

func TestIntrospectionKeepsTheSessionAliveAndWritesAtMostOnceAMinute(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code())
		for range 7 { // the idle limit is an hour
			time.Sleep(9 * time.Minute)
			if n := h.store.Count(func() { h.introspect("rp1", got.Access) }); n.Statements != 2 {
				t.Errorf("%+v after nine minutes, want the touch", n)
			}
			if n := h.store.Count(func() { h.introspect("rp1", got.Access) }); n.Statements != 1 || n.Commits != 0 {
				t.Errorf("%+v a moment later", n)
			}
			got = good(t, h.token("rp1", refreshForm(got.Refresh)))
		}
		if answerOf(t, b.authorize("prompt", "none")).Get("code") == "" {
			t.Error("work in the panel kept the session")
		}
	})
}

// The budget of introspection, and that of client_credentials, on PostgreSQL.
func TestStatementBudgetsOfIntrospectionAndClientCredentials(t *testing.T) {
	h := newHouse(t, storagetest.Postgres(t), withService)
	h.person("anna")
	spend := func(what string, want sql.Counts, f func()) {
		t.Helper()
		if got := h.store.Count(f); got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	for name, scope := range map[string]string{"JWT": "openid offline_access", "opaque": "openid dns"} {
		got := h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", scope))
		spend("introspect "+name, sql.Counts{Statements: 1}, func() { h.introspect("rp1", got.Access) })
		spend("introspect refresh of "+name, sql.Counts{Statements: 1}, func() { h.introspect("rp1", got.Refresh) })
	}
	var own tokenAnswer
	spend("client_credentials", sql.Counts{Statements: 1, Commits: 1}, func() {
		own = good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}}))
	})
	spend("introspect a client's own", sql.Counts{}, func() { h.introspect("backend", own.Access) })
	for _, mode := range []string{"", "skip"} {
		h.cfg.Clients["rp1"].Consent = mode
		b := h.signIn("anna", pwd)
		spend("a silent hop where nobody is asked", sql.Counts{Statements: 2, Commits: 1}, func() { b.code() })
	}
}

func TestD04_RevocationEndsWhatItSaysAndOnlyOnesOwn(t *testing.T) {
	inBubble(t, func(c *config.Config) { withService(c); rotating(c) }, func(t *testing.T, h *house) {
		h.person("anna")
		revoke := func(client, token string) {
			t.Helper()
			if w := h.at("/revoke", client, url.Values{"token": {token}, "token_type_hint": {"access_token"}}); w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		}
		issue := func(scope string) tokenAnswer {
			t.Helper()
			return h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", scope))
		}
		alive := func(token string) bool { return h.introspect("rp1", token) != nil }
		for _, scope := range []string{"openid offline_access", "openid dns"} {
			got := issue(scope)
			before := len(h.events())
			for _, token := range []string{got.Access, got.Refresh, "x", "sog_rt_x", "", got.ID} {
				if token != "" {
					revoke("rp2", token)
					revoke("rp3", token) // public clients revoke too (RFC 7009 §2.1), their own
				}
			}
			if !alive(got.Access) || !alive(got.Refresh) || len(h.events()) != before {
				t.Errorf("%s: a foreign client ended something", scope)
			}
			time.Sleep(time.Millisecond) // records are in the order of time
			revoke("rp1", got.Refresh)
			if alive(got.Access) || alive(got.Refresh) || !slices.Contains(h.events()[:1], "token.revoked client") {
				t.Errorf("%s: a refresh token ends its grant; %v", scope, h.events()[:1])
			}
			revoke("rp1", got.Refresh)
			bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
			bad(t, h.userinfo(got.Access), 401, "invalid_token")
		}
		opaque := issue("openid dns")
		revoke("rp1", opaque.Access)
		if alive(opaque.Access) || !alive(opaque.Refresh) {
			t.Error("an opaque access token ends alone")
		}
		jwt := issue("openid")
		revoke("rp1", jwt.Access)
		if alive(jwt.Access) || alive(jwt.Refresh) {
			t.Error("a JWT access token ends its grant")
		}
		used := issue("openid")
		next := good(t, h.token("rp1", refreshForm(used.Refresh)))
		revoke("rp1", used.Refresh)
		if alive(next.Refresh) {
			t.Error("a used refresh token still names its family")
		}
		own := good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}}))
		bad(t, h.at("/revoke", "backend", url.Values{"token": {own.Access}}), 400, "unsupported_token_type")
		bad(t, h.at("/revoke", "rp1", url.Values{}), 400, "invalid_request")
		bad(t, h.at("/revoke", "rp1", url.Values{"token": {"x"}}, func(r *http.Request) { r.SetBasicAuth("rp1", "no") }), 401, "invalid_client")
		if w := h.browser().get("/revoke?token=x"); w.Code != 405 {
			t.Errorf("GET: %d", w.Code)
		}
	})
}
