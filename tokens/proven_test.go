package tokens

import (
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/storage"
)

const issuer = "https://sso.example"

// claimsNow are those of an access token.
func claimsNow(now time.Time) *Claims {
	return &Claims{
		Issuer: issuer, Subject: "anna", Audience: Audience{issuer}, ClientID: "rp1", Scope: "openid", ID: "g.1", Sid: "s",
		Issued: now.Unix(), Expires: now.Add(10 * time.Minute).Unix(),
		Authentication: Authentication{AuthTime: now.Unix(), Acr: "mfa", Amr: []string{"mfa", "otp", "pwd"}},
	}
}

func TestARememberedTokenEndsWithItsKey(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		now := h.store.Now()
		token, err := h.SignAccess(claimsNow(now), false, jose.ES256, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.ReadAccess(token, issuer, now); err != nil {
			t.Fatal(err)
		}
		proven, sum := h.set().proven, DigestOf(token)
		if _, ok := proven.signed.Get(sum); !ok {
			t.Error("a token that was signed here is not remembered")
		}
		for _, c := range []*Cache[verified]{&proven.fresh, &proven.seen} { // many others came meanwhile
			c.Take(sum)
		}
		if _, err := h.ReadAccess(token, issuer, now); err != nil {
			t.Fatalf("signed here, and not taken: %v", err)
		}
		known, ok := proven.get(sum)
		if !ok {
			t.Fatal("a token that came back is not remembered")
		}
		gone := *known.by
		gone.row = &storage.Key{GoneAt: now}
		proven.seen.Put(sum, verified{by: &gone, claims: known.claims})
		if _, err := h.ReadAccess(token, issuer, now); err == nil {
			t.Error("the key is gone, and what it signed is still taken")
		}
		proven.seen.Put(sum, known)
		if _, err := h.ReadAccess(token, issuer, now.Add(time.Hour)); err == nil {
			t.Error("a remembered token does not end")
		}
		if _, err := h.ReadAccess(token[:len(token)-2]+"AA", issuer, now); err == nil {
			t.Error("another signature under the same claims is taken")
		}
	})
}
