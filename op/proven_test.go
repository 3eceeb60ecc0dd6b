package op

import (
	"fmt"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func TestWhatIsRememberedOfTokensIsBoundedAndForgetsTheOldest(t *testing.T) {
	c := &proven{}
	c.put("kept in use", mark{claims: &returned{ID: "kept"}})
	for i := range 10 * provenEach {
		c.put(fmt.Sprint(i), mark{})
		if i%100 == 0 {
			if got, ok := c.get("kept in use"); !ok || got.claims.ID != "kept" {
				t.Fatalf("a token that is used all the time was forgotten after %d others", i)
			}
		}
	}
	if n := len(c.young) + len(c.old); n > 2*provenEach {
		t.Errorf("%d tokens are remembered", n)
	}
	if _, ok := c.get("0"); ok {
		t.Error("the oldest is still remembered")
	}
}

func TestARememberedTokenEndsWithItsKey(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd).code())
		now := h.op.now()
		if _, err := h.op.readAccessToken(h.op.view(), got.Access, now); err != nil {
			t.Fatal(err)
		}
		set := h.op.keys.set()
		known, ok := set.proven.get(got.Access)
		if !ok {
			t.Fatal("a token that was minted here is not remembered")
		}
		gone := *known.by
		gone.row = &storage.Key{GoneAt: now}
		set.proven.put(got.Access, mark{by: &gone, claims: known.claims})
		if _, err := h.op.readAccessToken(h.op.view(), got.Access, now); err == nil {
			t.Error("the key is gone, and what it signed is still taken")
		}
		set.proven.put(got.Access, known)
		if _, err := h.op.readAccessToken(h.op.view(), got.Access, now.Add(time.Hour)); err == nil {
			t.Error("a remembered token does not end")
		}
		if _, err := h.op.readAccessToken(h.op.view(), got.Access[:len(got.Access)-2]+"AA", now); err == nil {
			t.Error("another signature under the same claims is taken")
		}
	})
}
