package op

import (
	"encoding/json"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/storage"
)

// What a client may not have by a scope it does not get by naming the claim (OIDC Core §5.5): not without the scope in the
// YAML, not when it is taken out, not past a level, not past the person's word.
func TestTheClaimsParameterOpensNoMoreThanTheScopes(t *testing.T) {
	const wish = `{"userinfo":{"email":{"essential":true}},"id_token":{"email":null}}`
	for name, c := range map[string]struct {
		scope string
		setup func(*config.Config)
		later func(*config.Config)
		want  bool
	}{
		"the scope is the client's":     {scope: "openid", want: true},
		"the scope is not":              {scope: "openid", setup: without("email")},
		"it was taken away since":       {scope: "openid", later: without("email")},
		"it was granted, and is away":   {scope: "openid email", later: without("email")},
		"it has a floor":                {scope: "openid", setup: floored},
		"it got a floor since":          {scope: "openid", later: floored},
		"the person was asked of it":    {scope: "openid email", setup: asking, want: true},
		"the person was not":            {scope: "openid", setup: asking},
		"the person is to be asked now": {scope: "openid", later: asking},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, c.setup, func(t *testing.T, h *house) {
				h.person("anna")
				allowed := &storage.Consent{PersonID: "anna", ClientID: "rp1", Scopes: []string{"openid", "email"}, Created: h.op.now(), Updated: h.op.now()}
				if err := h.store.PutConsent(t.Context(), allowed); err != nil {
					t.Fatal(err)
				}
				got := h.redeem(h.signIn("anna", pwd).code("scope", c.scope, "claims", wish))
				if c.later != nil {
					h.reload(c.later)
				} else if _, there := claims(t, got.ID)["email"]; there != c.want {
					t.Errorf("in the ID token: %v", there)
				}
				var said map[string]any
				if err := json.Unmarshal(h.userinfo(got.Access).Body.Bytes(), &said); err != nil {
					t.Fatal(err)
				}
				if _, there := said["email"]; there != c.want {
					t.Errorf("at userinfo: %v", said)
				}
			})
		})
	}
}

func floored(c *config.Config) { c.Scopes["email"] = config.Scope{Name: "email", Level: "mfa"} }

func asking(c *config.Config) { c.Clients["rp1"].Consent = consent.First }
