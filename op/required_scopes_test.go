package op

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
)

func requiresDNS(c *config.Config) { c.Clients["rp1"].RequireScopes = []string{"dns"} }

// dns is a scope that its YAML drops; required, it is asked for, whatever a request says and by whatever road it comes.
func TestNobodyComesWithoutARequiredScope(t *testing.T) {
	inBubble(t, requiresDNS, func(t *testing.T, h *house) {
		h.person("anna")
		thief, owner := h.signIn("anna", pwd), h.signIn("anna", pwd, totp("anna"))
		for name, changes := range map[string][]string{
			"taken out": nil, "asked for": {"scope", "openid dns"}, "alone": {"scope", "email"}, "a lower level by name": {"acr_values", "sfa"}, "to a form": {"response_mode", "form_post"},
		} {
			if to := thief.authorize(changes...).Header().Get("Location"); !strings.HasPrefix(to, "/login/") {
				t.Errorf("%s: %q", name, to)
			}
			r := httptest.NewRequest(http.MethodPost, issuer+"/authorize", strings.NewReader(authRequest(changes...).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if to := thief.get(h.send(r).Header().Get("Location")).Header().Get("Location"); !strings.HasPrefix(to, "/login/") {
				t.Errorf("%s by POST: %q", name, to)
			}
			refusedWith(t, thief.authorize(append([]string{"prompt", "none"}, pairsWithout(changes, "response_mode")...)...), "interaction_required")
		}
		got := h.redeem(owner.code())
		if got.Scope != "openid dns" || claims(t, got.ID)["acr"] != "mfa" {
			t.Errorf("%q %v", got.Scope, claims(t, got.ID))
		}
	})
}

// pairsWithout is a list of pairs without one of them.
func pairsWithout(pairs []string, name string) (out []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != name {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	return out
}

// A grant that was made before the scope was required, or that lost it, is worth nothing at any endpoint.
func TestAGrantWithoutARequiredScopeIsWorthNothing(t *testing.T) {
	for name, c := range map[string]struct {
		setup, later func(*config.Config)
		scope        string
		events       []acr.Event
		want         bool
	}{
		"it has it":               {setup: requiresDNS, later: func(*config.Config) {}, scope: "openid", events: []acr.Event{pwd, totp("anna")}, want: true},
		"required since, granted": {later: requiresDNS, scope: "openid dns", events: []acr.Event{pwd, totp("anna")}, want: true},
		"required since, dropped": {later: requiresDNS, scope: "openid dns", events: []acr.Event{pwd}},
		"required since, not asked for, though the level is there": {later: requiresDNS, scope: "openid", events: []acr.Event{pwd, totp("anna")}},
		"its floor was raised": {setup: requiresDNS, later: func(c *config.Config) { c.Scopes["dns"] = config.Scope{Name: "dns", Level: "phr"} }, scope: "openid", events: []acr.Event{pwd, totp("anna")}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, c.setup, func(t *testing.T, h *house) {
				h.person("anna")
				b := h.signIn("anna", append([]acr.Event(nil), c.events...)...)
				got, code := h.redeem(b.code("scope", c.scope)), b.code("scope", c.scope)
				h.reload(c.later)
				if w := h.userinfo(got.Access); (w.Code == 200) != c.want {
					t.Errorf("userinfo: %d", w.Code)
				}
				if active := h.introspect("rp1", got.Access) != nil; active != c.want {
					t.Errorf("introspection: %v", active)
				}
				if w := h.token("rp1", refreshForm(got.Refresh)); (w.Code == 200) != c.want {
					t.Errorf("refresh: %d %s", w.Code, w.Body)
				} else if !c.want {
					bad(t, w, 400, "invalid_grant")
				}
				if w := h.token("rp1", codeForm(code)); (w.Code == 200) != c.want {
					t.Errorf("an open code: %d %s", w.Code, w.Body)
				}
			})
		})
	}
}

// The gate asks by itself, whatever a decision was made on.
func TestTheGateRefusesWithoutARequiredScope(t *testing.T) {
	inBubble(t, requiresDNS, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		asked := acr.Request{ID: "y", Client: "rp1", Scopes: []acr.Scope{{Name: "openid"}}}
		granted := acr.Decide(h.cfg.Policy, asked, acr.Person{ID: "anna", HasPassword: true},
			acr.Evidence{Session: b.session.ID, Version: 1, Events: []acr.Event{{ID: "e", Method: acr.Password, At: h.op.now()}}}, h.op.now()).Granted
		given, _, err := consent.Ask(context.Background(), h.store, h.cfg.Clients["rp1"], consent.State{}, granted)
		if err != nil || !given.Covers(granted) {
			t.Fatal(err)
		}
		pass := passage{client: h.op.view().clients["rp1"], asked: asked, answer: &request.Answer{}}
		if _, err := h.op.gate.issue(context.Background(), granted, given, pass); err != errGate {
			t.Errorf("a decision that was not asked for it: %v", err)
		}
	})
}
