package op

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
)

// reload puts another configuration in force, as `soglia reload` does; what is running keeps the old one.
func (h *house) reload(change func(*config.Config)) {
	next := *h.cfg
	next.Scopes, next.Clients = maps.Clone(h.cfg.Scopes), maps.Clone(h.cfg.Clients)
	for id, c := range next.Clients {
		mine := *c
		next.Clients[id] = &mine
	}
	policy := *h.cfg.Policy
	policy.Levels = slices.Clone(policy.Levels)
	next.Policy = &policy
	change(&next)
	h.cfg = &next
}

func without(scope string) func(*config.Config) {
	return func(c *config.Config) {
		c.Clients["rp1"].Scopes = slices.DeleteFunc(slices.Clone(c.Clients["rp1"].Scopes), func(s string) bool { return s == scope })
	}
}

func raised(scope, level string) func(*config.Config) {
	return func(c *config.Config) {
		s := c.Scopes[scope]
		s.Level = level
		c.Scopes[scope] = s
	}
}

// api is a resource server that may look at rp1's tokens.
func api(c *config.Config) {
	server := *c.Clients["old"]
	server.ID, server.SecretHashes, server.Introspect = "api", c.Clients["rp1"].SecretHashes, config.Introspect{Clients: []string{"rp1", "backend"}}
	c.Clients["api"] = &server
}

func (h *house) asAPI(token string) string {
	w := h.at("/introspect", "old", url.Values{"token": {token}}, func(r *http.Request) { r.SetBasicAuth("api", "rp1-secret") })
	return w.Body.String()
}

// forms is every form of an access token.
var forms = map[string]func(*config.Config){
	"opaque": func(*config.Config) {},
	"JWT":    func(c *config.Config) { c.Clients["rp1"].AccessToken = "jwt" },
}

// says is what an access token is worth: its scope, acr, and what userinfo answers.
func (h *house) says(token string) string {
	h.t.Helper()
	said := h.introspect("rp1", token)
	scope, level := "inactive", "-"
	if said != nil {
		scope, _ = said["scope"].(string)
		if said["acr"] != nil {
			level = said["acr"].(string)
		}
		if (said["acr"] == nil) != (said["amr"] == nil) || (said["acr"] == nil) != (said["auth_time"] == nil) {
			h.t.Errorf("all three or none: %v", said)
		}
	}
	return scope + " | " + level + " | " + http.StatusText(h.userinfo(token).Code)
}

// Q44: a level that lasts as long as the session ends with it, whatever lives on by offline_access: what introspection and
// userinfo say of an access token is what a refresh would say of its grant.
func TestQ44AFlooredScopeDiesWithTheSession(t *testing.T) {
	for form, change := range forms {
		t.Run(form, func(t *testing.T) {
			inBubble(t, change, func(t *testing.T, h *house) {
				h.person("anna")
				b := h.signIn("anna", pwd, totp("anna"))
				first := h.redeem(b.code("scope", "openid offline_access billing"))
				alone := good(t, h.token("rp1", refreshForm(first.Refresh, "billing")))
				if got := h.says(first.Access); got != "openid offline_access billing | mfa | OK" {
					t.Fatalf("to begin with: %s", got)
				}
				if err := h.ends(b.session); err != nil {
					t.Fatal(err)
				}
				if got := h.says(first.Access); got != "openid offline_access | - | OK" {
					t.Errorf("after the sign-out: %s", got)
				}
				if got := h.says(alone.Access); got != "inactive | - | Unauthorized" {
					t.Errorf("with nothing left: %s", got)
				}
				if said := h.introspect("rp1", alone.Refresh); said["scope"] != "openid offline_access" || said["acr"] != nil {
					t.Errorf("the refresh token: %v", said)
				}
			})
		})
	}
}

// Q44, the same weakness without a sign-out: the factor is gone, the level lapsed, a scope's max_age is over.
func TestQ44AnAccessTokenIsWorthWhatItsEvidenceIsWorthNow(t *testing.T) {
	for name, c := range map[string]struct {
		scope string
		setup func(*config.Config)
		fall  func(h *house)
		want  string
	}{
		"nothing happens": {scope: "openid billing", fall: func(*house) {}, want: "openid billing | mfa | OK"},
		"factor removed": {scope: "openid billing", fall: func(h *house) {
			if err := h.store.RemoveFactor(h.t.Context(), "anna", "anna-totp"); err != nil {
				h.t.Fatal(err)
			}
		}, want: "openid | - | OK"},
		"level lapsed": {scope: "openid billing", setup: func(c *config.Config) {
			c.Policy.Levels[1].Lasts, c.Lifetimes.AccessToken = 5*time.Minute, time.Hour
		}, fall: func(h *house) {
			h.reload(func(c *config.Config) { c.Policy.Levels[1].Lasts = time.Minute })
			time.Sleep(2 * time.Minute)
		}, want: "openid | - | OK"},
		"only the level asked by name": {scope: "openid", fall: func(h *house) {
			if err := h.store.RemoveFactor(h.t.Context(), "anna", "anna-totp"); err != nil {
				h.t.Fatal(err)
			}
		}, want: "openid | - | OK"},
	} {
		for form, change := range forms {
			t.Run(name+", "+form, func(t *testing.T) {
				inBubble(t, func(cfg *config.Config) {
					change(cfg)
					if c.setup != nil {
						c.setup(cfg)
					}
				}, func(t *testing.T, h *house) {
					h.person("anna")
					got := h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", c.scope, "acr_values", "mfa"))
					c.fall(h)
					if said := h.says(got.Access); said != c.want {
						t.Errorf("%s, want %s", said, c.want)
					}
				})
			})
		}
	}
}

// Q44: whoever takes access tokens is never shown another kind as one.
func TestQ44ARefreshOrServiceTokenIsNoAccessToken(t *testing.T) {
	inBubble(t, func(c *config.Config) { withService(c); api(c) }, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
		own := good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}}))
		if said := h.asAPI(got.Access); !strings.HasPrefix(said, `{"active":true`) {
			t.Fatal(said)
		}
		if said := h.asAPI(got.Refresh); said != inactive {
			t.Errorf("a resource server is shown a refresh token as good: %s", said)
		}
		for name, token := range map[string]string{"refresh": got.Refresh, "service": own.Access, "ID": got.ID} {
			if w := h.userinfo(token); w.Code != http.StatusUnauthorized {
				t.Errorf("userinfo takes a %s token: %d", name, w.Code)
			}
		}
		if said := h.asAPI(own.Access); strings.Contains(said, `"acr"`) || strings.Contains(said, `"sid"`) {
			t.Errorf("a service token speaks of a sign-in: %s", said)
		}
	})
}

// Q65: what the YAML takes away is gone at the next use of a grant, and what it gives back is there again.
func TestQ65GrantsAreJudgedByTheYAMLOfToday(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*config.Config)
		refresh string // scope and acr of the refreshed answer, or the error
		token   string // what the access token from before is worth
	}{
		"nothing":                       {func(*config.Config) {}, "openid email offline_access billing | mfa", "openid email offline_access billing | mfa | OK"},
		"a scope is taken away":         {without("email"), "openid offline_access billing | mfa", "openid offline_access billing | mfa | OK"},
		"a floored scope is taken away": {without("billing"), "openid email offline_access | mfa", "openid email offline_access | mfa | OK"},
		"a scope's floor is raised":     {raised("billing", "phr"), "openid email offline_access | -", "openid email offline_access | - | OK"},
		"a scope gets a floor":          {raised("email", "phr"), "openid offline_access billing | -", "openid offline_access billing | - | OK"},
		"a scope gets a max_age": {func(c *config.Config) {
			s := c.Scopes["billing"]
			s.MaxAge = time.Second
			c.Scopes["billing"] = s
		}, "openid email offline_access | -", "openid email offline_access | - | OK"},
		"the client's floor is raised": {func(c *config.Config) { c.Clients["rp1"].RequireAcr = "phr" }, "invalid_grant", "inactive | - | Unauthorized"},
		"a level lasts less":           {func(c *config.Config) { c.Policy.Levels[1].Lasts = time.Second }, "openid email offline_access | -", "openid email offline_access | - | OK"},
		"a level takes other factors":  {func(c *config.Config) { c.Policy.Levels[1].Second = []acr.Method{acr.Passkey} }, "openid email offline_access | -", "openid email offline_access | - | OK"},
		"the asked name means more now": {func(c *config.Config) {
			c.Policy.Levels[1].Aliases, c.Policy.Levels[2].Aliases = nil, c.Policy.Levels[1].Aliases
		}, "openid email offline_access billing | -", "openid email offline_access billing | - | OK"},
	} {
		for form, change := range forms {
			t.Run(name+", "+form, func(t *testing.T) {
				inBubble(t, change, func(t *testing.T, h *house) {
					h.person("anna")
					got := h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", "openid email offline_access billing", "acr_values", refeds(name)))
					time.Sleep(2 * time.Second)
					before := h.cfg
					h.reload(c.change)
					if said := h.says(got.Access); said != c.token {
						t.Errorf("the access token: %s, want %s", said, c.token)
					}
					w := h.token("rp1", refreshForm(got.Refresh))
					if c.refresh == "invalid_grant" {
						bad(t, w, 400, "invalid_grant")
					} else {
						next := good(t, w)
						level := "-"
						if next.ID != "" {
							level, _ = claims(t, next.ID)["acr"].(string)
						}
						if said := next.Scope + " | " + level; said != c.refresh {
							t.Errorf("refreshed: %s, want %s", said, c.refresh)
						}
						if said := h.says(next.Access); !strings.HasPrefix(said, c.refresh) {
							t.Errorf("its access token: %s", said)
						}
						got.Refresh = next.Refresh
					}
					h.cfg = before
					if back := good(t, h.token("rp1", refreshForm(got.Refresh))); back.Scope != "openid email offline_access billing" || back.ID == "" {
						t.Errorf("given back: %+v", back)
					}
				})
			})
		}
	}
}

// refeds asks by the alias where that is the point.
func refeds(name string) string {
	if strings.HasPrefix(name, "the asked name") {
		return "https://refeds.org/profile/mfa"
	}
	return "mfa"
}

// Q65: with the client or offline_access the grant goes at its next use, and does not come back with them.
func TestQ65AGrantEndsWithItsClientOrOfflineAccess(t *testing.T) {
	gone := func(c *config.Config) { delete(c.Clients, "rp1") }
	noRefresh := func(c *config.Config) { c.Clients["rp1"].Grants = []string{"authorization_code"} }
	for name, c := range map[string]struct {
		change func(*config.Config)
		use    func(h *house, got tokenAnswer)
	}{
		"the client, at userinfo":      {gone, func(h *house, got tokenAnswer) { bad(h.t, h.userinfo(got.Access), 401, "invalid_token") }},
		"the client, at introspection": {gone, func(h *house, got tokenAnswer) { wantInactive(h.t, h.asAPI(got.Access)) }},
		"offline_access, at refresh": {without("offline_access"), func(h *house, got tokenAnswer) {
			bad(h.t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
		}},
		"offline_access, at userinfo":            {without("offline_access"), func(h *house, got tokenAnswer) { bad(h.t, h.userinfo(got.Access), 401, "invalid_token") }},
		"offline_access, at introspection":       {without("offline_access"), func(h *house, got tokenAnswer) { wantInactive(h.t, h.asAPI(got.Access)) }},
		"the right to refresh, at introspection": {noRefresh, func(h *house, got tokenAnswer) { wantInactive(h.t, h.asAPI(got.Access)) }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, api, func(t *testing.T, h *house) {
				h.person("anna")
				got := h.redeem(h.signIn("anna", pwd).code("scope", "openid offline_access"))
				time.Sleep(time.Second)
				before := h.cfg
				h.reload(c.change)
				c.use(h, got)
				h.cfg = before
				bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
				wantInactive(t, h.asAPI(got.Access))
				if n := len(slices.DeleteFunc(h.events(), func(e string) bool { return !strings.HasPrefix(e, "token.revoked ") })); n != 1 {
					t.Errorf("%d records of the end: %v", n, h.events())
				}
			})
		})
	}
}

func wantInactive(t testing.TB, said string) {
	t.Helper()
	if said != inactive {
		t.Errorf("active: %s", said)
	}
}

// Q65: a code is redeemed by the YAML of the moment, here and at another instance.
func TestQ65ACodeIsRedeemedByTheYAMLOfToday(t *testing.T) {
	for _, where := range []string{"where it was made", "elsewhere"} {
		t.Run(where, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, h *house) {
				h.person("anna")
				b := h.signIn("anna", pwd, totp("anna"))
				first := h.mux
				second := h.second()
				before := h.cfg
				redeem := func(change func(*config.Config)) string {
					h.cfg, h.mux = before, first
					code := b.code("scope", "openid email billing")
					if where == "elsewhere" {
						h.mux = h.op.Site.Mux(second.Routes())
					}
					h.reload(change)
					w := h.token("rp1", codeForm(code))
					if w.Code != http.StatusOK {
						bad(t, w, 400, "invalid_grant")
						return "invalid_grant"
					}
					got := good(t, w)
					return got.Scope + " " + claims(t, got.ID)["acr"].(string)
				}
				for _, c := range []struct {
					change func(*config.Config)
					want   string
				}{
					{func(*config.Config) {}, "openid email billing mfa"},
					{without("email"), "openid billing mfa"},
					{without("billing"), "openid email mfa"},
					{raised("billing", "phr"), "invalid_grant"}, // an answer without an ID token is none: the panel asks again
					{func(c *config.Config) { c.Clients["rp1"].RequireAcr = "phr" }, "invalid_grant"},
				} {
					if got := redeem(c.change); got != c.want {
						t.Errorf("%s, want %s", got, c.want)
					}
				}
			})
		})
	}
}

// Q65: an open request is finished by the floors of the moment; what it asked for itself stays.
func TestQ65AnOpenRequestIsFinishedByTheYAMLOfToday(t *testing.T) {
	for name, c := range map[string]struct {
		params []string
		change func(*config.Config)
		events []acr.Event
		want   string // the scope and acr, or where the browser is sent
	}{
		"nothing":                      {[]string{"scope", "openid email"}, func(*config.Config) {}, []acr.Event{pwd}, "openid email sfa"},
		"the client's floor is raised": {nil, func(c *config.Config) { c.Clients["rp1"].RequireAcr = "mfa" }, []acr.Event{pwd}, "/login/"},
		"… and met":                    {nil, func(c *config.Config) { c.Clients["rp1"].RequireAcr = "mfa" }, []acr.Event{pwd, totp("anna")}, "openid mfa"},
		"a scope gets a floor":         {[]string{"scope", "openid email"}, raised("email", "mfa"), []acr.Event{pwd}, "/login/"},
		"a floor is taken away":        {[]string{"scope", "openid billing"}, raised("billing", ""), []acr.Event{pwd}, "openid billing sfa"},
		"a scope is taken away":        {[]string{"scope", "openid email"}, without("email"), []acr.Event{pwd}, "openid sfa"},
		"offline_access is taken away": {[]string{"scope", "openid offline_access"}, without("offline_access"), []acr.Event{pwd}, "openid sfa"},
		"its one scope is taken away":  {[]string{"scope", "email"}, without("email"), []acr.Event{pwd}, "invalid_scope"},
		"it asked for more itself":     {[]string{"scope", "openid billing", "acr_values", "mfa"}, raised("billing", ""), []acr.Event{pwd}, "/login/"},
		"the default names are raised": {nil, func(c *config.Config) { c.Clients["rp1"].DefaultAcrValues = []string{"mfa"} }, []acr.Event{pwd}, "/login/"},
		"… but it wished for its own":  {[]string{"claims", `{"id_token":{"acr":{"value":"sfa"}}}`}, func(c *config.Config) { c.Clients["rp1"].DefaultAcrValues = []string{"mfa"} }, []acr.Event{pwd}, "openid sfa"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, h *house) {
				h.person("anna")
				b := h.browser()
				to := b.authorize(c.params...).Header().Get("Location")
				h.signInto(b, "anna", c.events...)
				h.reload(c.change)
				w := b.get("/authorize/" + strings.TrimPrefix(to, "/login/"))
				if strings.HasPrefix(w.Header().Get("Location"), "/login/") {
					if c.want != "/login/" {
						t.Errorf("asked for more, want %s", c.want)
					}
					return
				}
				answer := answerOf(t, w)
				got := answer.Get("error")
				if code := answer.Get("code"); code != "" {
					out := h.redeem(code)
					got = out.Scope
					if out.ID != "" {
						got += " " + claims(t, out.ID)["acr"].(string)
					}
				}
				if got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
			})
		})
	}
}

// Q65: a service token has no grant; its scope is that of its client today.
func TestQ65AServiceTokenHasItsClientsScopesOfToday(t *testing.T) {
	inBubble(t, func(c *config.Config) { withService(c); api(c) }, func(t *testing.T, h *house) {
		own := good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}}))
		if own.Scope == "" {
			t.Fatal("a token without scope shows nothing")
		}
		name := strings.Fields(own.Scope)[0]
		h.reload(func(c *config.Config) {
			c.Clients["backend"].Scopes = slices.DeleteFunc(slices.Clone(c.Clients["backend"].Scopes), func(s string) bool { return s == name })
		})
		if said := h.asAPI(own.Access); strings.Contains(said, name) {
			t.Errorf("%s was taken away: %s", name, said)
		}
	})
}

// Q44, Q64: a code is worth what its evidence is worth when it is redeemed, also where it was made a moment ago.
func TestQ44ACodeIsWorthWhatItsEvidenceIsWorthNow(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		code := h.signIn("anna", pwd, totp("anna")).code("scope", "openid billing")
		time.Sleep(time.Second)
		if err := h.store.RemoveFactor(t.Context(), "anna", "anna-totp"); err != nil {
			t.Fatal(err)
		}
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
	})
}
