package tokens

import (
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// What is written is what is read, but for what no token of ours is read for.
func TestClaimsAreReadAsTheyWereSigned(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		now := h.store.Now()
		want := claimsNow(now)
		want.Authn = &Authn{Channels: []string{"email"}, IDP: "demo"}
		token, err := h.SignAccess(want, jose.EdDSA, now)
		if err != nil {
			t.Fatal(err)
		}
		other := h.instance()
		if err := other.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		for who, k := range map[string]*Keys{"who signed it": h.Keys, "another": other} {
			got, err := k.ReadAccess(token, issuer, now)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v %s", who, err, diff)
			}
			if _, err := k.ReadID(token, issuer, now); err == nil {
				t.Errorf("%s takes an access token for a hint", who)
			}
			if _, err := k.ReadAccess(token, "https://other.example", now); err == nil {
				t.Errorf("%s takes a token of another issuer", who)
			}
		}
		id := claimsNow(now)
		id.Party, id.Nonce, id.AccessHash = "rp1", "n", "h"
		hint, err := h.SignID(id, Members(nil).Text("email", "anna@example.it"), jose.RS256, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := other.ReadID(hint, issuer, now); err != nil || got.Party != "rp1" || got.Subject != "anna" || got.Sid != "s" {
			t.Errorf("%v %+v", err, got)
		}
		if _, err := other.ReadAccess(hint, issuer, now); err == nil {
			t.Error("an ID token is taken for an access token")
		}
	})
}

func TestEmptyClaimsAreLeftOut(t *testing.T) {
	m := (&Claims{Subject: "anna", Audience: Audience{"a"}}).Members(Object(0))
	var got map[string]any
	if err := json.Unmarshal(m.End(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"sub": "anna", "aud": []any{"a"}}, got); diff != "" {
		t.Error(diff)
	}
}
