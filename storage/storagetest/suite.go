package storagetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soglia-sso/soglia/storage"
)

// takers is how many compete in a race.
const takers = 32

// Run is the suite. open gives an empty migrated database and closes it when its test ends.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	type tests map[string]func(*testing.T, *world)
	run := func(t *testing.T, name string, test func(*testing.T, *world), s storage.Store) {
		t.Run(name, func(t *testing.T) { test(t, &world{Store: s, now: s.Now()}) })
	}
	together := open(t) // what they keep has random names
	for name, test := range (tests{
		"people": people, "sessions": sessions, "quarantines": quarantines, "requests": requests, "evictions": evictions, "rounds": rounds, "issuing": issuing,
		"redeeming": redeeming, "refreshing": refreshing, "keeping": keeping, "repeating": repeating,
		"liveness": liveness, "ending": ending, "factors": factors, "codes": codes, "entered": entered,
		"federations": federations, "limits": limits, "leases": leases, "transactions": transactions,
		"links": links, "reverts": reverts, "voiding": voiding, "freezes": freezes, "reported": reported, "consents": consents, "remembers": remembers, "assertions": assertions,
	}) {
		run(t, name, test, together)
	}
	// These look at whole tables.
	for name, test := range (tests{"keys": keys, "outbox": outbox, "telling": telling, "overdue": overdue, "audit": audit, "sweeping": sweeping}) {
		run(t, name, test, open(t))
	}
}

// world is a database with what the tests put into it. Its tests share it, so everything has random names.
type world struct {
	storage.Store
	now time.Time
}

func id() string { return rand.Text() }

func hash() []byte {
	h := sha256.Sum256([]byte(rand.Text()))
	return h[:]
}

// in is a time from now, not on a whole second.
func (w *world) in(d time.Duration) time.Time { return w.now.Add(d) }

func (w *world) person(t *testing.T) *storage.Person {
	t.Helper()
	name := id()
	p := &storage.Person{
		ID: id(), Username: name, Canonical: "c" + name, CustomerNumber: "K-1", ExternalID: "x" + name, Locale: "it",
		Profile: []byte(`{"name":"Anna"}`), PasswordHash: "$argon2id$old", PasswordSetAt: w.in(-time.Hour),
		PasswordVia: "a@example.com", PasswordViaUntil: w.in(time.Hour), RestsUntil: w.in(2 * time.Hour), EverySignIn: true, BillingProfile: true,
		Groups:  []string{"billing/it", "staff"},
		Created: w.in(-2 * time.Hour), Updated: w.in(-time.Hour),
		Contacts: []*storage.Contact{
			{ID: id(), Channel: "email", Address: "Anna@" + name + ".example", Canonical: "anna@" + name + ".example",
				Primary: true, VerifiedAt: w.in(-time.Hour), RestsUntil: w.in(time.Hour), Created: w.in(-time.Hour)},
			{ID: id(), Channel: "phone", Address: "+39 333", Canonical: "+39333", Created: w.in(-2 * time.Hour)},
		},
		Factors: []*storage.Factor{
			{ID: id(), Method: "totp", Label: "Phone", Sealed: []byte{1, 2, 3}, LastStep: 7, RestsUntil: w.in(time.Hour),
				Created: w.in(-time.Hour), LastUsed: w.in(-time.Minute)},
		},
		Identities: []*storage.Identity{
			{Provider: "google", Subject: id(), Emails: []string{"a@example.com", "b@example.com"},
				ProvedAt: w.in(-time.Hour), Created: w.in(-time.Hour)},
		},
	}
	for _, c := range p.Contacts {
		c.PersonID = p.ID
	}
	p.Factors[0].PersonID = p.ID
	p.Identities[0].PersonID = p.ID
	must(t, w.CreatePerson(t.Context(), p))
	return p
}

func (w *world) session(t *testing.T, p *storage.Person) *storage.Session {
	t.Helper()
	s := &storage.Session{
		ID: id(), PersonID: p.ID, Hash: hash(), Events: []byte(`[{"method":"pwd"}]`), IP: "192.0.2.1", UserAgent: "UA",
		Created: w.in(-10 * time.Minute), LastSeen: w.in(-10 * time.Minute), IdleUntil: w.in(time.Hour),
		Expires: w.in(12 * time.Hour),
	}
	must(t, w.CreateSession(t.Context(), s))
	return s
}

func (w *world) newGrant(s *storage.Session) *storage.Grant {
	return &storage.Grant{
		ID: id(), ClientID: "panel", PersonID: s.PersonID, SessionID: s.ID, Sid: id(), CodeHash: hash(),
		CodeExpires: w.in(time.Minute), RedirectURI: "https://panel.example/cb", Challenge: "E9Mel", Nonce: "n-1",
		Scopes: []string{"openid", "dns"}, Claims: []byte(`{"id_token":{}}`), Frozen: `{"acr":"mfa"}`,
		Created: w.now,
	}
}

// grant issues a code.
func (w *world) grant(t *testing.T, s *storage.Session, with ...func(*storage.Grant)) *storage.Grant {
	t.Helper()
	g := w.newGrant(s)
	for _, f := range with {
		f(g)
	}
	must(t, w.IssueCode(t.Context(), g, s.Version, w.event("authz.granted", g)))
	return g
}

// end ends a session as a sign-out does.
func (w *world) end(ctx context.Context, s *storage.Session) error {
	_, err := w.EndSessions(ctx, storage.SessionEnd{PersonID: s.PersonID, Only: s.ID, Reason: "logout", Now: w.now})
	return err
}

// endAll ends all sessions and grants of a person.
func (w *world) endAll(ctx context.Context, personID string) error {
	_, err := w.EndSessions(ctx, storage.SessionEnd{PersonID: personID, Offline: true, Reason: "password", Now: w.now})
	return err
}

func offline(g *storage.Grant) { g.Offline = true }

func (w *world) event(name string, g *storage.Grant) *storage.Event {
	return &storage.Event{
		ID: id(), At: w.now, Name: name, Outcome: "ok", Actor: g.ClientID, PersonID: g.PersonID, ClientID: g.ClientID,
		SessionID: g.SessionID, IP: "192.0.2.1", UserAgent: "UA", RequestID: "r-1", Detail: []byte(`{"acr":"mfa"}`),
	}
}

func (w *world) access() *storage.AccessToken {
	return &storage.AccessToken{
		Hash: hash(), Scopes: []string{"openid", "dns"}, Acr: "mfa", Amr: []string{"mfa", "otp", "pwd"},
		AuthTime: w.in(-time.Minute), Issued: w.now, Expires: w.in(10 * time.Minute),
	}
}

func (w *world) redemption(g *storage.Grant) *storage.Redemption {
	return &storage.Redemption{
		CodeHash: g.CodeHash, ClientID: g.ClientID, RefreshHash: hash(), RefreshUntil: w.in(24 * time.Hour),
		Expires: w.in(48 * time.Hour), Access: w.access(), Now: w.now, Event: w.event("token.issued", g),
		SecondUse: storage.SecondUse{Name: "token.revoked", Outcome: "fail", Reason: "code_replay"},
	}
}

// redeemed is a grant with tokens.
func (w *world) redeemed(t *testing.T, s *storage.Session, with ...func(*storage.Grant)) (*storage.Grant, *storage.Redemption) {
	t.Helper()
	g := w.grant(t, s, with...)
	x := w.redemption(g)
	must(t, w.Redeem(t.Context(), x))
	got, _, err := w.GrantByCode(t.Context(), x.CodeHash)
	must(t, err)
	return got, x
}

func (w *world) rotation(g *storage.Grant, old []byte) *storage.Rotation {
	return &storage.Rotation{
		RefreshUse: *w.use(g, old), NewHash: hash(), LeewayReason: "leeway",
		SecondUse: storage.SecondUse{Name: "token.reuse", Outcome: "fail", Reason: "refresh_reuse"},
	}
}

func (w *world) use(g *storage.Grant, token []byte) *storage.RefreshUse {
	return &storage.RefreshUse{
		GrantID: g.ID, ClientID: g.ClientID, Hash: token, RefreshUntil: w.in(25 * time.Hour),
		Access: w.access(), IdleUntil: w.in(2 * time.Hour), Now: w.now, Event: w.event("token.refreshed", g), Due: true,
	}
}

// named counts a person's audit events of a name.
func (w *world) named(t *testing.T, personID, name string) (n int, last *storage.Event) {
	t.Helper()
	all, err := w.Events(t.Context(), personID, time.Time{}, 1000)
	must(t, err)
	for _, ev := range all {
		if ev.Name == name {
			n++
			last = ev
		}
	}
	return n, last
}

// race lets many do the same at once; it gives how many had no error, and every error there was.
func race(t *testing.T, f func(ctx context.Context, i int) error) (won int, errs []error) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range takers {
		all.Go(func() {
			<-start
			err := f(t.Context(), i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				errs = append(errs, err)
			}
		})
	}
	close(start)
	all.Wait()
	return won, errs
}

// oneWinner is a race with exactly one winner, whose losers all get the same error.
func oneWinner(t *testing.T, loser error, f func(ctx context.Context, i int) error) {
	t.Helper()
	won, errs := race(t, f)
	if won != 1 {
		t.Errorf("%d of %d won, want exactly 1", won, takers)
	}
	for _, err := range errs {
		if !errors.Is(err, loser) {
			t.Errorf("a loser got %v, want %v", err, loser)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: %v, want %v", what, err, target)
	}
}

// same compares records, times to the microsecond and by instant; and every time must be in UTC.
func same(t testing.TB, got, want any, opts ...cmp.Option) {
	t.Helper()
	utc := cmp.Comparer(func(a, b time.Time) bool {
		return a.Equal(b.Truncate(time.Microsecond)) && a.Location() == time.UTC || a.IsZero() && b.IsZero()
	})
	if diff := cmp.Diff(want, got, append(opts, utc, cmpopts.EquateEmpty())...); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
