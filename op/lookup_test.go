package op

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// Whoever asks for an access token is never given a refresh or service token, nor the other way round.
func TestATokenIsFoundOnlyWhereItsKindIsTaken(t *testing.T) {
	inBubble(t, withService, func(t *testing.T, h *house) {
		h.person("anna")
		jwt := h.redeem(h.signIn("anna", pwd).code())
		opaque := h.redeem(h.signIn("anna", pwd, totp("anna")).code("scope", "openid billing"))
		if !strings.HasPrefix(opaque.Access, prefixAccess) || strings.HasPrefix(jwt.Access, prefixAccess) {
			t.Fatal("one of each form is needed")
		}
		own := good(t, h.token("backend", url.Values{"grant_type": {"client_credentials"}})).Access
		all := accessToken | refreshToken | serviceToken
		for token, kind := range map[string]tokenKinds{jwt.Access: accessToken, opaque.Access: accessToken, jwt.Refresh: refreshToken, own: serviceToken} {
			for takes := range all + 1 {
				c, err := h.op.findToken(httptest.NewRequest("GET", issuer, nil), h.op.view(), token, takes, h.op.now())
				if err != nil {
					t.Fatal(err)
				}
				if (c != nil) != (takes&kind != 0) || c != nil && c.kind != kind {
					t.Errorf("%.12s, of kind %b, where %b are taken: %+v", token, kind, takes, c)
				}
			}
		}
		if c, err := h.op.findToken(httptest.NewRequest("GET", issuer, nil), h.op.view(), jwt.ID, all, h.op.now()); c != nil || err != nil {
			t.Errorf("an ID token: %+v %v", c, err)
		}
	})
}

func TestDiscoveryTellsTheGrantTypesThereAre(t *testing.T) {
	inBubble(t, withService, func(t *testing.T, h *house) {
		var said oidc.DiscoveryConfiguration
		if err := json.Unmarshal(h.browser().get(pathDiscovery).Body.Bytes(), &said); err != nil || len(said.GrantTypesSupported) != len(grantTypes) {
			t.Fatalf("%v %v", err, said.GrantTypesSupported)
		}
		for _, name := range append(said.GrantTypesSupported, "password") {
			want := "unsupported_grant_type"
			for _, g := range grantTypes {
				if g.name == name {
					want = "unauthorized_client"
				}
			}
			h.cfg.Clients["rp1"].Grants = nil
			bad(t, h.token("rp1", url.Values{"grant_type": {string(name)}}), 400, want)
		}
	})
}
