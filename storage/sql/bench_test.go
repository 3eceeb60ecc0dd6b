package sql_test

import (
	"context"
	"crypto/rand"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// fixture is a database with some people and one session each, for benchmarks of the hot paths.
type fixture struct {
	*sql.Store
	now      time.Time
	sessions []*storage.Session
}

func secret() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}

func newFixture(b *testing.B) *fixture { return fixtureOn(b, storagetest.Postgres(b)) }

func fixtureOn(b *testing.B, url string) *fixture {
	h := &fixture{Store: open(b, url)}
	h.now = h.Now()
	for range 64 {
		id := rand.Text()
		p := &storage.Person{ID: id, Canonical: id, Profile: []byte(`{"name":"Anna"}`), PasswordHash: "$argon2id$", Created: h.now,
			Contacts: []*storage.Contact{{ID: rand.Text(), Channel: "email", Canonical: id + "@example.com", Created: h.now}},
			Factors:  []*storage.Factor{{ID: rand.Text(), Method: "totp", Sealed: secret(), Created: h.now}}}
		check(b, h.CreatePerson(b.Context(), p))
		s := &storage.Session{ID: rand.Text(), PersonID: id, Hash: secret(), Events: []byte(`[{"method":"pwd"}]`), Created: h.now,
			LastSeen: h.now, IdleUntil: h.now.Add(time.Hour), Expires: h.now.Add(12 * time.Hour)}
		check(b, h.CreateSession(b.Context(), s))
		h.sessions = append(h.sessions, s)
	}
	return h
}

func (h *fixture) event(name string, s *storage.Session) *storage.Event {
	return &storage.Event{ID: rand.Text(), At: h.now, Name: name, Outcome: "ok", Actor: "panel", PersonID: s.PersonID,
		ClientID: "panel", SessionID: s.ID, IP: "192.0.2.1", RequestID: "r"}
}

func (h *fixture) issue(ctx context.Context, s *storage.Session) (*storage.Grant, error) {
	g := &storage.Grant{ID: rand.Text(), ClientID: "panel", PersonID: s.PersonID, SessionID: s.ID, Sid: "sid", CodeHash: secret(),
		CodeExpires: h.now.Add(time.Hour), RedirectURI: "https://panel.example/cb", Challenge: "c", Nonce: "n",
		Scopes: []string{"openid", "dns"}, Frozen: `{"acr":"mfa"}`, Created: h.now}
	return g, h.IssueCode(ctx, g, s.Version, h.event("authz.granted", s))
}

func (h *fixture) redemption(g *storage.Grant, s *storage.Session) *storage.Redemption {
	return &storage.Redemption{CodeHash: g.CodeHash, ClientID: "panel", RefreshHash: secret(), RefreshUntil: h.now.Add(9 * time.Hour),
		Expires: h.now.Add(10 * time.Hour), Now: h.now, Event: h.event("token.issued", s)}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// parallel runs work in 16 workers and reports operations a second, and how much of a CPU this process (not
// PostgreSQL) spent on each: that survives a busy machine.
func parallel(b *testing.B, work func(pb *testing.PB)) {
	b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	begin, spent := time.Now(), cpu(b)
	b.RunParallel(work)
	b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "op/s")
	b.ReportMetric(float64((cpu(b)-spent).Microseconds())/float64(b.N), "cpu-µs/op")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// each runs f for one session after the other.
func (h *fixture) each(b *testing.B, f func(ctx context.Context, s *storage.Session) error) {
	parallel(b, func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if err := f(b.Context(), h.sessions[i%len(h.sessions)]); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkSessionByHash(b *testing.B) {
	h := newFixture(b)
	h.each(b, func(ctx context.Context, s *storage.Session) error {
		_, _, err := h.SessionByHash(ctx, s.Hash, h.now)
		return err
	})
}

// BenchmarkAccessToken is an introspection, of a person with all that a person may have.
func BenchmarkAccessToken(b *testing.B) {
	for name, url := range map[string]string{"postgres": storagetest.Postgres(b), "sqlite": "sqlite:" + b.TempDir() + "/bench.db"} {
		b.Run(name, func(b *testing.B) {
			h := fixtureOn(b, url)
			tokens := map[*storage.Session][]byte{}
			for _, s := range h.sessions {
				check(b, h.PutIdentity(b.Context(), &storage.Identity{Provider: "google", Subject: s.PersonID, PersonID: s.PersonID,
					Emails: []string{s.PersonID + "@example.com"}, Created: h.now}))
				check(b, h.PutRecoveryCodes(b.Context(), s.PersonID, [][]byte{secret(), secret(), secret(), secret()}, h.now))
				g, err := h.issue(b.Context(), s)
				check(b, err)
				x := h.redemption(g, s)
				x.Access = &storage.AccessToken{Hash: secret(), Scopes: g.Scopes, Acr: "mfa", Issued: h.now, Expires: h.now.Add(time.Hour)}
				check(b, h.Redeem(b.Context(), x))
				tokens[s] = x.Access.Hash
			}
			h.each(b, func(ctx context.Context, s *storage.Session) error {
				_, _, _, err := h.AccessToken(ctx, tokens[s], h.now)
				return err
			})
		})
	}
}

// BenchmarkIssueCode is a silent hop's write.
func BenchmarkIssueCode(b *testing.B) {
	h := newFixture(b)
	h.each(b, func(ctx context.Context, s *storage.Session) error {
		_, err := h.issue(ctx, s)
		return err
	})
}

// BenchmarkRedeem issues and redeems: three statements, two commits.
func BenchmarkRedeem(b *testing.B) {
	h := newFixture(b)
	h.each(b, func(ctx context.Context, s *storage.Session) error {
		g, err := h.issue(ctx, s)
		if err != nil {
			return err
		}
		if _, _, err := h.GrantByCode(ctx, g.CodeHash); err != nil {
			return err
		}
		err = h.Redeem(ctx, h.redemption(g, s))
		return err
	})
}

// BenchmarkRefresh looks and rotates: two statements, one commit. Every worker has a chain of its own.
func BenchmarkRefresh(b *testing.B) {
	h := newFixture(b)
	var worker atomic.Int64
	parallel(b, func(pb *testing.PB) {
		ctx, s := b.Context(), h.sessions[int(worker.Add(1))%len(h.sessions)]
		g, err := h.issue(ctx, s)
		if err != nil {
			b.Error(err)
			return
		}
		x := h.redemption(g, s)
		if err := h.Redeem(ctx, x); err != nil {
			b.Error(err)
			return
		}
		hash := x.RefreshHash
		for pb.Next() {
			if _, _, err := h.GrantByRefresh(ctx, hash, h.now); err != nil {
				b.Error(err)
				return
			}
			y := &storage.Rotation{NewHash: secret(), RefreshUse: storage.RefreshUse{GrantID: g.ID, ClientID: "panel", Hash: hash,
				RefreshUntil: h.now.Add(9 * time.Hour), IdleUntil: h.now.Add(time.Hour), Now: h.now,
				Event: h.event("token.refreshed", s)}}
			if err := h.Refresh(ctx, y); err != nil {
				b.Error(err)
				return
			}
			hash = y.NewHash
		}
	})
}
