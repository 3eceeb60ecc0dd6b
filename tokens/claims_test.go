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
		token, err := h.SignAccess(want, false, jose.EdDSA, now)
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
		id.ClientID, id.Audience, id.Party, id.Nonce, id.AccessHash = "", Audience{"rp1"}, "rp1", "n", "h"
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

// Under access_token_typ: JWT the header says nothing: what a token is, its claims say, and one that has marks of both is neither.
func TestAnAccessTokenWrittenAsAnIDTokenIsNeverTakenForOne(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		now := h.store.Now()
		other := h.instance()
		if err := other.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			change     func(*Claims)
			access, id bool
		}{
			"an access token":                    {func(*Claims) {}, true, false},
			"of a client that speaks for itself": {func(c *Claims) { c.Subject, c.Sid, c.Authentication = "rp1", "", Authentication{} }, true, false},
			"an ID token":                        {func(c *Claims) { c.Audience, c.ClientID, c.Party, c.Scope = Audience{"rp1"}, "", "rp1", "" }, false, true},
			"an ID token without azp":            {func(c *Claims) { c.Audience, c.ClientID, c.Scope = Audience{"rp1"}, "", "" }, false, true},
			"no client_id":                       {func(c *Claims) { c.ClientID = "" }, false, false},
			"the audience of an ID token":        {func(c *Claims) { c.Audience = Audience{"rp1"} }, false, false},
			"both audiences":                     {func(c *Claims) { c.Audience, c.ClientID = Audience{"rp1", issuer}, "" }, false, false},
			"both audiences and client_id":       {func(c *Claims) { c.Audience = Audience{issuer, "rp1"} }, false, false},
			"azp and client_id":                  {func(c *Claims) { c.Party = "rp1" }, false, false},
			"no audience":                        {func(c *Claims) { c.Audience = nil }, false, false},
		} {
			what := claimsNow(now)
			c.change(what)
			token, err := h.SignAccess(what, true, jose.ES256, now)
			if err != nil {
				t.Fatal(err)
			}
			_, err = other.ReadAccess(token, issuer, now)
			if (err == nil) != c.access {
				t.Errorf("%s: as an access token %v", name, err)
			}
			for who, k := range map[string]*Keys{"another": other, "who signed it": h.Keys} {
				if _, err := k.ReadID(token, issuer, now); (err == nil) != c.id {
					t.Errorf("%s: as a hint at %s %v", name, who, err)
				}
			}
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
