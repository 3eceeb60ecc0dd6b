package storagetest

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
)

// Budgets holds the hot paths to their statements and commits on PostgreSQL, where each is a round trip. BEGIN and
// COMMIT are not counted.
func Budgets(t *testing.T, s *sql.Store) {
	w := &world{Store: s, now: s.Now()}
	ctx := t.Context()
	p := w.person(t)
	session := w.session(t, p)

	spend := func(what string, statements, commits int, f func() error) {
		t.Helper()
		var err error
		got := s.Count(func() { err = f() })
		must(t, err)
		if want := (sql.Counts{Statements: statements, Commits: commits}); got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}

	asked := w.request()
	must(t, w.CreateRequest(ctx, asked, 20, 200))
	spend("a request with its browser's session", 1, 0, func() error {
		_, _, _, err := w.RequestInSession(ctx, asked.Hash, session.Hash, w.now)
		return err
	})
	spend("session with its person", 1, 0, func() error {
		_, _, err := w.SessionByHash(ctx, session.Hash, w.now)
		return err
	})
	m := &storage.Message{ID: id(), Channel: "sms", Created: w.now, NotAfter: w.in(time.Minute), Due: w.now}
	must(t, w.Enqueue(ctx, m))
	_, err := w.LeaseMessages(ctx, "a", storage.ToPeople, 10, w.now, time.Minute)
	must(t, err)
	must(t, w.FinishMessage(ctx, m.ID, "a", storage.MessageEnd{State: "sent", Gateway: "twilio", GatewayID: "SM1", At: w.now}))
	spend("a receipt", 1, 1, func() error {
		return w.NoteReceipt(ctx, &storage.Receipt{Gateway: "twilio", GatewayID: "SM1", State: "delivered", At: w.now})
	})
	waiting := &storage.Code{ID: m.ID, Transaction: id(), Purpose: "login", PersonID: p.ID, ContactID: id(), Channel: "sms", MAC: hash(), MaxTries: 3, Created: w.now, Expires: w.in(time.Minute), RequestHash: asked.Hash}
	must(t, w.PutCode(ctx, waiting))
	spend("a page asks what became of its code", 1, 0, func() error {
		_, err := w.AwaitedCode(ctx, waiting.ID, w.now)
		return err
	})
	g := w.newGrant(session)
	spend("silent hop: code and audit", 1, 1, func() error {
		return w.IssueCode(ctx, g, session.Version, w.event("authz.granted", g))
	})
	q := w.request()
	must(t, w.CreateRequest(ctx, q, 20, 200))
	paged := w.newGrant(session)
	paged.RequestHash = q.Hash
	spend("hop with a page: code, request and audit", 1, 1, func() error {
		return w.IssueCode(ctx, paged, session.Version, w.event("authz.granted", paged))
	})
	x := w.redemption(g)
	spend("redeem: look, then use with tokens and audit", 2, 1, func() error {
		if _, _, err := w.GrantByCode(ctx, g.CodeHash); err != nil {
			return err
		}
		err := w.Redeem(ctx, x)
		return err
	})
	u := w.use(g, x.RefreshHash)
	u.Access = nil
	spend("refresh that stays: look, then move its limits and record", 2, 1, func() error {
		if _, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now); err != nil {
			return err
		}
		return w.UseRefresh(ctx, u)
	})
	u.RefreshUntil, u.IdleUntil, u.Due = time.Time{}, time.Time{}, false
	spend("refresh that stays, again within the minute", 1, 0, func() error {
		if _, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now); err != nil {
			return err
		}
		return w.UseRefresh(ctx, u)
	})
	u.Access = w.access()
	spend("… with an opaque access token", 2, 1, func() error {
		if _, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now); err != nil {
			return err
		}
		return w.UseRefresh(ctx, u)
	})
	y := w.rotation(g, x.RefreshHash)
	spend("refresh: look, then rotate with token, audit and activity", 2, 1, func() error {
		if _, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now); err != nil {
			return err
		}
		return w.Refresh(ctx, y)
	})
	spend("introspection or userinfo with an opaque token", 1, 0, func() error {
		_, _, _, err := w.Store.AccessToken(ctx, y.Access.Hash, w.now)
		return err
	})
	spend("userinfo with a JWT", 1, 0, func() error {
		_, _, err := w.Store.LiveGrant(ctx, g.ID, w.now)
		return err
	})
	spend("a person", 1, 0, func() error {
		_, err := w.Person(ctx, p.ID)
		return err
	})
	spend("one hit on a limit", 1, 1, func() error {
		_, err := w.Bump(ctx, "k", 1, w.now)
		return err
	})
	spend("hits on several limits", 1, 1, func() error {
		_, err := w.Tally(ctx, nil, w.now, storage.Hit{Key: "k", Window: 1}, storage.Hit{Key: "l", Window: 1})
		return err
	})
	spend("several audit records", 1, 1, func() error {
		return w.Append(ctx, &storage.Event{Name: "authn.ok"}, &storage.Event{Name: "session.new"})
	})
	spend("sign-out with its grants", 2, 1, func() error { return w.end(ctx, session) })
	spend("a transaction of reads", 2, 0, func() error {
		return w.Tx(ctx, func(r storage.Records) error {
			if _, err := r.Person(ctx, p.ID); err != nil {
				return err
			}
			_, err := r.Session(ctx, session.ID)
			return err
		})
	})
}
