package op

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

func TestSilentHopGivesCodeTokensAndUserinfo(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		w := b.authorize("scope", "openid profile email")
		q := answerOf(t, w)
		if w.Code != http.StatusFound || q.Get("state") != "st" || q.Get("iss") != issuer || q.Get("code") == "" {
			t.Fatalf("%d %v", w.Code, q)
		}
		if len(w.Result().Cookies()) != 0 {
			t.Error("a silent hop needs no cookie")
		}
		got := h.redeem(q.Get("code"))
		if got.Type != "Bearer" || got.Expires != 600 || got.Refresh == "" || got.Scope != "openid profile email" {
			t.Errorf("%+v", got)
		}
		id := claims(t, got.ID)
		if id["acr"] != "sfa" || id["nonce"] != "no" || id["sub"] != "anna" {
			t.Errorf("%v", id)
		}
		ui := h.userinfo(got.Access)
		var out map[string]any
		if err := json.Unmarshal(ui.Body.Bytes(), &out); err != nil || ui.Code != 200 {
			t.Fatalf("%d %s", ui.Code, ui.Body)
		}
		if out["sub"] != "anna" || out["email"] != "Anna@anna.example" || out["email_verified"] != true || out["secret"] != nil {
			t.Errorf("%v", out)
		}
		if !slices.Contains(h.events(), "token.issued") || !slices.Contains(h.events(), "authz.granted") {
			t.Errorf("%v", h.events())
		}
	})
}
