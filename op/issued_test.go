package op

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/tokens"
)

// A code is as good at another instance, or after a reload or restart, as where it was made, and the tokens are the same.
func TestACodeIsRedeemedByWhoeverTheLoadBalancerPicks(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		second := h.second()
		first, other := h.mux, h.op.Site.Mux(second.Routes())
		for _, scope := range []string{"openid", "openid email offline_access", "openid dns"} {
			h.mux = first
			here := h.redeem(b.code("scope", scope))
			code := b.code("scope", scope)
			h.mux = other
			there := h.redeem(code)
			its := cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "jti" || name == "at_hash" })
			if diff := cmp.Diff(claims(t, here.ID), claims(t, there.ID), its); diff != "" {
				t.Errorf("%s: ID tokens differ: %s", scope, diff)
			}
			if diff := cmp.Diff(h.introspect("rp1", here.Access), h.introspect("rp1", there.Access), its); diff != "" {
				t.Errorf("%s: access tokens differ: %s", scope, diff)
			}
			h.mux = first
			bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant") // used is used, where it was made too
			if h.introspect("rp1", there.Access) != nil {
				t.Errorf("%s: a replay where the code was made ended nothing", scope)
			}
		}
	})
}

func TestWhatIsRememberedOfACodeIsGivenOnceAndTheOwnerKeepsTheCode(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		code := b.code()
		bad(t, h.token("rp2", codeForm(code)), 400, "invalid_grant")
		if _, ok := h.op.gate.issued.Take(tokens.Digest(secret.Hash(code))); ok {
			t.Error("still remembered after somebody tried")
		}
		h.redeem(code)
	})
}
