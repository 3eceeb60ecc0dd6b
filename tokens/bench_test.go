package tokens

import (
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// BenchmarkRead is reading of access tokens. What it costs to make a token is op's BenchmarkMint.
func BenchmarkRead(b *testing.B) {
	h := newHouse(b, storagetest.SQLite(b))
	now := h.store.Now()
	token, err := h.SignAccess(claimsNow(now), false, jose.ES256, now)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("verify ES256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.set().verify(token, typAccess, issuer, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a token seen before", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.ReadAccess(token, issuer, now); err != nil {
				b.Fatal(err)
			}
		}
	})
}
