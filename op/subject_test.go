package op

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
)

func TestFault16_ASubjectWithAColonGoesThroughEveryToken(t *testing.T) {
	for _, sub := range []string{"crm:4711", "a:b:c", ":", "urn:example:person:1", "x:" + strings.Repeat("9", 200), "anna.@:%+ &=|"} {
		inBubble(t, nil, func(t *testing.T, h *house) {
			h.person(sub)
			b := h.signIn(sub, pwd, totp(sub))
			plain := h.redeem(b.code("scope", "openid email offline_access"))
			if said := claims(t, plain.Access)["sub"]; said != sub {
				t.Errorf("%q: the JWT says %q", sub, said)
			}
			if said := h.introspect("rp1", plain.Access); said["sub"] != sub {
				t.Errorf("%q: introspection of the JWT says %v", sub, said)
			}
			got := h.redeem(b.code("scope", "openid email billing offline_access")) // a floored scope: the access token is opaque
			for round := range 3 {                                                  // of the code, and of two refreshes
				if said := claims(t, got.ID)["sub"]; said != sub || strings.Contains(got.Access, ".") {
					t.Errorf("%q, round %d: the ID token says %q", sub, round, said)
				}
				for _, token := range []string{got.Access, got.Refresh} {
					if said := h.introspect("rp1", token); said["sub"] != sub {
						t.Errorf("%q, round %d: introspection says %v", sub, round, said)
					}
				}
				var info map[string]any
				if w := h.userinfo(got.Access); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &info) != nil || info["sub"] != sub {
					t.Errorf("%q, round %d: userinfo says %d %s", sub, round, w.Code, w.Body)
				}
				if again := b.code("id_token_hint", got.ID); claims(t, h.redeem(again).ID)["sub"] != sub {
					t.Errorf("%q as a hint is somebody else", sub)
				}
				got = good(t, h.token("rp1", refreshForm(got.Refresh)))
			}
			demand, err := json.Marshal(map[string]any{"id_token": map[string]any{"sub": map[string]any{"value": sub}}})
			if err != nil {
				t.Fatal(err)
			}
			if b.code("claims", string(demand)) == "" {
				t.Error("asked for by name")
			}
			head, _, _ := strings.Cut(sub, ":")
			part, err := json.Marshal(map[string]any{"id_token": map[string]any{"sub": map[string]any{"value": head + "?"}}})
			if err != nil {
				t.Fatal(err)
			}
			refusedWith(t, b.authorize("prompt", "none", "claims", string(part)), acr.ErrLoginRequired)
			w := h.at("/revoke", "rp1", url.Values{"token": {got.Refresh}})
			if w.Code != 200 || h.introspect("rp1", got.Access) != nil {
				t.Errorf("%q: %d, and the grant lives", sub, w.Code)
			}
			w = b.get("/end_session?" + logoutQuery("id_token_hint", got.ID, "post_logout_redirect_uri", bye).Encode())
			if w.Header().Get("Location") != bye || b.signedIn() {
				t.Errorf("%q: the hint of this very session signs out at once: %d %q", sub, w.Code, w.Header().Get("Location"))
			}
		})
	}
}

// spaced are ways to write a list of two that a split on single spaces gets wrong. The second half holds characters which
// Unicode calls white space and RFC 6749 appendix A.4 calls nothing.
var spaced = map[string]func(a, b string) string{
	"several":  func(a, b string) string { return a + "   " + b },
	"leading":  func(a, b string) string { return "  " + a + " " + b },
	"trailing": func(a, b string) string { return a + " " + b + "  " },
	"twice":    func(a, b string) string { return a + " " + b + "  " + a },
	"no-break": func(a, b string) string { return "\u00a0" + a + "\u00a0 " + b },
	"line":     func(a, b string) string { return a + "\u2028" + b + "\u3000" },
}

func TestFault16_ListsAreSplitAsFieldsAre(t *testing.T) {
	inBubble(t, withService, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		for name, list := range spaced {
			got := h.redeem(b.code("scope", list("openid", "email")))
			if got.Scope != "openid email" || claims(t, got.Access)["scope"] != "openid email" {
				t.Errorf("%s: scope %q", name, got.Scope)
			}
			w := h.token("rp1", refreshForm(got.Refresh, list("openid", "email")))
			if again := good(t, w); again.Scope != "openid email" {
				t.Errorf("%s: refreshed scope %q", name, again.Scope)
			}
			if own := good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}, "scope": {list("people", "reports")}})); own.Scope != "people reports" {
				t.Errorf("%s: a back end's scope %q", name, own.Scope)
			}
			levels := h.redeem(b.code("acr_values", list("mfa", "sfa")))
			if said := claims(t, levels.ID)["acr"]; said != "mfa" {
				t.Errorf("%s: acr %q", name, said)
			}
			if to := b.authorize("prompt", list("login", "consent")).Header().Get("Location"); !strings.HasPrefix(to, "/login/") {
				t.Errorf("%s: prompt leads to %q", name, to)
			}
			refusedWith(t, b.authorize("prompt", list("none", "login")), "invalid_request")
		}
		if q := answerOf(t, b.authorize("prompt", "  none ", "acr_values", "   ", "ui_locales", "  en  it ")); q.Get("code") == "" {
			t.Errorf("a list of one, and one of none: %v", q)
		}
		refusedWith(t, b.authorize("scope", "   "), "invalid_scope")
	})
}

// Tabs and line ends are in no list of OAuth (RFC 6749 appendix A): they are refused as such (A17), not made a member.
func TestFault16_TabsAreNoSeparators(t *testing.T) {
	inBubble(t, withService, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		refresh := h.redeem(b.code()).Refresh
		for _, space := range []string{"\t", " \t ", "\n", "\r\n", "\v", "\f"} {
			for _, name := range []string{"scope", "acr_values", "prompt", "ui_locales"} {
				refusedWith(t, b.authorize(name, "openid"+space+"mfa"), "invalid_request")
			}
			bad(t, h.token("rp1", refreshForm(refresh, "openid"+space+"email")), 400, "invalid_request")
			bad(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}, "scope": {"people" + space + "reports"}}), 400, "invalid_request")
		}
		good(t, h.token("rp1", refreshForm(refresh)))
	})
}

func TestFault16_ListsInTheClaimsParameterAreTakenWhole(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Clients["rp1"].DefaultAcrValues = nil }, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		v := h.op.view()
		for raw, want := range map[string][]string{
			`{"id_token":{"acr":{"essential":true,"values":["mfa","sfa"]}}}`:    {"mfa", "sfa"},
			`{"id_token":{"acr":{"essential":true,"values":["mfa  sfa",""]}}}`:  {"mfa  sfa", ""},
			`{"id_token":{"acr":{"essential":true,"value":" mfa\u00a0sfa\t"}}}`: {" mfa\u00a0sfa\t"},
		} {
			a, err := v.readAuthorization(parseParams(authRequest("claims", raw).Encode()))
			if err != nil {
				t.Fatal(err)
			}
			if r, err := h.op.requirement(v, a); err != nil || !slices.Equal(r.Essential, want) {
				t.Errorf("%s: %q, %v", raw, r.Essential, err)
			}
		}
		// JSON has lists of its own: a value with spaces names no level, and an unknown level is never met.
		refusedWith(t, b.authorize("claims", `{"id_token":{"acr":{"essential":true,"values":["sfa mfa",""]}}}`), acr.ErrUnmet)
	})
}
