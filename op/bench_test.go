package op

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/storagetest"
	"github.com/soglia-sso/soglia/tokens"
)

func BenchmarkMint(b *testing.B) {
	h := newHouse(b, storagetest.SQLite(b), nil)
	v := h.op.view()
	now := h.op.now()
	m := &minting{
		view: v, client: v.clients["rp1"], keys: h.op.Tokens, scopes: []string{"openid"}, authStands: true, now: now,
		grant:  &storage.Grant{ID: "g", PersonID: "anna", Sid: "s", Nonce: "n"},
		frozen: &frozen{Frozen: acr.Frozen{Acr: "mfa", Amr: []string{"mfa", "otp", "pwd"}, AuthTime: now}},
	}
	b.Run("access token ES256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := m.accessToken(); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, alg := range tokens.Algorithms {
		registered := *v.clients["rp1"].Client
		registered.IDTokenAlg = string(alg)
		m.client = &client{Client: &registered}
		b.Run("ID token "+string(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.idToken("at", nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHTTP is each hot path through the mux. SQLite needs nothing; PostgreSQL is taken where it is installed.
func BenchmarkHTTP(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkHTTP(b, storagetest.SQLite(b)) })
	b.Run("PostgreSQL", func(b *testing.B) { benchmarkHTTP(b, storagetest.Postgres(b)) })
}

func benchmarkHTTP(b *testing.B, database string) {
	h := newHouse(b, database, withService)
	h.cfg.Sessions.Idle = 24 * time.Hour
	h.cfg.Clients["rp1"].IDTokenAlg = "ES256"
	h.person("anna")
	anna := h.signIn("anna", pwd)
	b.Run("discovery", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			anna.get("/.well-known/openid-configuration")
		}
	})
	b.Run("authorize silent", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if w := anna.authorize(); w.Code != http.StatusFound {
				b.Fatal(w.Code)
			}
		}
	})
	b.Run("redeem ES256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			code := anna.code()
			b.StartTimer()
			h.redeem(code)
		}
	})
	b.Run("refresh ES256", func(b *testing.B) {
		b.ReportAllocs()
		got := h.redeem(anna.code())
		for b.Loop() {
			got = good(b, h.token("rp1", refreshForm(got.Refresh)))
		}
	})
	b.Run("introspect", func(b *testing.B) {
		b.ReportAllocs()
		got := h.redeem(anna.code())
		for b.Loop() {
			if w := h.at("/introspect", "rp1", url.Values{"token": {got.Access}}); w.Code != 200 || w.Body.Len() == len(inactive) {
				b.Fatal(w.Code, w.Body)
			}
		}
	})
	b.Run("client_credentials ES256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			good(b, h.token("backend", url.Values{"grant_type": {"client_credentials"}}))
		}
	})
	b.Run("userinfo", func(b *testing.B) {
		b.ReportAllocs()
		got := h.redeem(anna.code("scope", "openid profile email"))
		for b.Loop() {
			if w := h.userinfo(got.Access); w.Code != 200 {
				b.Fatal(w.Code)
			}
		}
	})
}
