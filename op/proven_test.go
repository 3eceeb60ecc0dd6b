package op

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func TestWhatIsRememberedOfTokensIsBoundedAndForgetsTheOldest(t *testing.T) {
	const each = 256
	sum := func(token string) digest { return sha256.Sum256([]byte(token)) }
	c := generations[string]{}
	c.put(sum("kept in use"), "kept", each)
	for i := range 10 * each {
		c.put(sum(fmt.Sprint(i)), "", each)
		if i%100 == 0 {
			if got, ok := c.get(sum("kept in use"), each); !ok || got != "kept" {
				t.Fatalf("a token that is used all the time was forgotten after %d others", i)
			}
		}
	}
	if n := len(c.young) + len(c.old); n > 2*each {
		t.Errorf("%d tokens are remembered", n)
	}
	if _, ok := c.get(sum("0"), each); ok {
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
		sum := sha256.Sum256([]byte(got.Access))
		if _, ok := set.proven.maker(sum); !ok {
			t.Error("a token that was minted here is not remembered")
		}
		set.proven.new, set.proven.claims = generations[mark]{}, generations[mark]{} // many others came meanwhile
		if _, err := h.op.readAccessToken(h.op.view(), got.Access, now); err != nil {
			t.Fatalf("made here, and not taken: %v", err)
		}
		known, ok := set.proven.get(sum)
		if !ok {
			t.Fatal("a token that came back is not remembered")
		}
		gone := *known.by
		gone.row = &storage.Key{GoneAt: now}
		set.proven.put(sum, mark{by: &gone, claims: known.claims})
		if _, err := h.op.readAccessToken(h.op.view(), got.Access, now); err == nil {
			t.Error("the key is gone, and what it signed is still taken")
		}
		set.proven.put(sum, known)
		if _, err := h.op.readAccessToken(h.op.view(), got.Access, now.Add(time.Hour)); err == nil {
			t.Error("a remembered token does not end")
		}
		if _, err := h.op.readAccessToken(h.op.view(), got.Access[:len(got.Access)-2]+"AA", now); err == nil {
			t.Error("another signature under the same claims is taken")
		}
	})
}
