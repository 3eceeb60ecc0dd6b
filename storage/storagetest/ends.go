package storagetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// ending: the ends of sessions and grants, and who must be told of them.
func ending(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("an end takes the grants with it, but not offline ones", func(t *testing.T) {
		s := w.session(t, w.person(t))
		online, x := w.redeemed(t, s)
		lasting, y := w.redeemed(t, s, offline)
		must(t, w.end(ctx, s))
		want(t, "second end", w.end(ctx, s), storage.ErrUsed)
		want(t, "unknown", w.end(ctx, &storage.Session{ID: "none", PersonID: s.PersonID}), storage.ErrNotFound)
		other := w.session(t, w.person(t))
		want(t, "another's", w.end(ctx, &storage.Session{ID: other.ID, PersonID: s.PersonID}), storage.ErrNotFound)
		_, _, err := w.SessionByHash(ctx, other.Hash, w.now)
		want(t, "another's, afterwards", err, nil)
		got, err := w.Session(ctx, s.ID)
		must(t, err)
		if !got.EndedAt.Equal(w.now) || got.EndReason != "logout" {
			t.Errorf("ended at %v for %q", got.EndedAt, got.EndReason)
		}
		_, _, err = w.SessionByHash(ctx, s.Hash, w.now)
		want(t, "ended session", err, storage.ErrNotFound)
		_, _, err = w.LiveGrant(ctx, online.ID, w.now)
		want(t, "its grant", err, storage.ErrNotFound)
		_, _, _, err = w.AccessToken(ctx, x.Access.Hash, w.now)
		want(t, "its token", err, storage.ErrNotFound)
		want(t, "its refresh", w.Refresh(ctx, w.rotation(online, x.RefreshHash)), storage.ErrNotFound)
		ended, _, err := w.GrantByCode(ctx, online.CodeHash)
		must(t, err)
		if ended.EndReason != "logout" || !ended.EndedAt.Equal(w.now) {
			t.Errorf("grant ended at %v for %q", ended.EndedAt, ended.EndReason)
		}
		_, _, err = w.LiveGrant(ctx, lasting.ID, w.now)
		want(t, "offline grant", err, nil)
		want(t, "offline refresh", w.Refresh(ctx, w.rotation(lasting, y.RefreshHash)), nil)
	})

	t.Run("an end says which clients must be told", func(t *testing.T) {
		p := w.person(t)
		s, other := w.session(t, p), w.session(t, p)
		there := func(client, sid string) func(*storage.Grant) {
			return func(g *storage.Grant) { g.ClientID, g.Sid = client, sid }
		}
		w.redeemed(t, s, there("panel", "s.panel"))
		w.redeemed(t, s, there("panel", "s.panel")) // went there twice
		w.redeemed(t, s, there("far", "s.far"), offline)
		over, _ := w.redeemed(t, s, there("gone", "s.gone"))
		_, _, err := w.EndGrants(ctx, storage.GrantEnd{ID: over.ID, Reason: "revoked", Now: w.in(-time.Minute)})
		must(t, err)
		w.grant(t, s, there("never came back", "s.never"))
		w.redeemed(t, other, there("panel", "other.panel"))
		w.redeemed(t, other, there("mail", "other.mail"), offline)
		stranger := w.session(t, w.person(t))
		w.redeemed(t, stranger, there("panel", "stranger.panel"))

		at := w.now
		end := func(e storage.SessionEnd) (sids []string) {
			t.Helper()
			at = at.Add(time.Second)
			e.PersonID, e.Reason, e.Now = p.ID, "logout", at
			told, err := w.EndSessions(ctx, e)
			must(t, err)
			for _, c := range told {
				if _, client, _ := strings.Cut(c.Sid, "."); c.PersonID != p.ID || client != c.ClientID {
					t.Errorf("%+v", c)
				}
				sids = append(sids, c.Sid)
			}
			slices.Sort(sids)
			return sids
		}
		same(t, end(storage.SessionEnd{Only: s.ID}), []string{"s.far", "s.gone", "s.panel"})
		same(t, end(storage.SessionEnd{Except: other.ID}), []string(nil))
		same(t, end(storage.SessionEnd{Offline: true}), []string{"other.mail", "other.panel", "s.far"})
		same(t, end(storage.SessionEnd{Offline: true}), []string(nil))
	})

	t.Run("an end that is rolled back is none", func(t *testing.T) {
		s := w.session(t, w.person(t))
		w.redeemed(t, s)
		gone := errors.New("gone")
		want(t, "the act", w.Tx(ctx, func(r storage.Records) error {
			told, err := r.EndSessions(ctx, storage.SessionEnd{PersonID: s.PersonID, Only: s.ID, Reason: "logout", Now: w.now})
			must(t, err)
			if len(told) != 1 {
				t.Errorf("inside: %v", told)
			}
			return gone
		}), gone)
		told, err := w.EndSessions(ctx, storage.SessionEnd{PersonID: s.PersonID, Only: s.ID, Reason: "logout", Now: w.now})
		must(t, err)
		if len(told) != 1 {
			t.Errorf("afterwards: %v", told)
		}
	})

	t.Run("of many ends one is the end", func(t *testing.T) {
		s := w.session(t, w.person(t))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			return w.end(ctx, s)
		})
	})

	t.Run("all sessions of a person end but one", func(t *testing.T) {
		p := w.person(t)
		kept, other, third := w.session(t, p), w.session(t, p), w.session(t, p)
		stranger := w.session(t, w.person(t))
		keptGrant, _ := w.redeemed(t, kept)
		otherGrant, _ := w.redeemed(t, other)
		lasting, _ := w.redeemed(t, third, offline)
		_, err := w.EndSessions(ctx, storage.SessionEnd{PersonID: p.ID, Except: kept.ID, Reason: "password", Now: w.now})
		must(t, err)
		left, err := w.SessionsOf(ctx, p.ID, w.now)
		must(t, err)
		same(t, left, []*storage.Session{kept})
		for name, c := range map[string]struct {
			id   string
			want error
		}{"kept": {keptGrant.ID, nil}, "other": {otherGrant.ID, storage.ErrNotFound}, "offline": {lasting.ID, nil}} {
			_, _, err := w.LiveGrant(ctx, c.id, w.now)
			want(t, name, err, c.want)
		}
		must(t, w.endAll(ctx, p.ID))
		left, err = w.SessionsOf(ctx, p.ID, w.now)
		must(t, err)
		if len(left) != 0 {
			t.Errorf("%d sessions are left", len(left))
		}
		_, _, err = w.LiveGrant(ctx, lasting.ID, w.now)
		want(t, "offline grant, told to end", err, storage.ErrNotFound)
		_, _, err = w.SessionByHash(ctx, stranger.Hash, w.now)
		want(t, "a stranger's session", err, nil)
	})

	t.Run("Q65 all of a client's grants end, codes included, and no other's", func(t *testing.T) {
		mine := func(g *storage.Grant) { g.ClientID = "leaky" }
		var ended []*storage.Grant
		for range 3 {
			s := w.session(t, w.person(t))
			g, _ := w.redeemed(t, s, offline, mine)
			ended = append(ended, g, w.grant(t, s, mine))
		}
		other, _ := w.redeemed(t, w.session(t, w.person(t)))
		leak := storage.GrantEnd{ClientID: "leaky", Reason: "operator", Now: w.now}
		n, _, err := w.EndGrants(ctx, leak)
		must(t, err)
		if n != len(ended) {
			t.Errorf("%d ended, want %d", n, len(ended))
		}
		for _, g := range ended {
			_, _, err := w.LiveGrant(ctx, g.ID, w.now)
			want(t, "a grant of the client's", err, storage.ErrNotFound)
			if x := w.redemption(g); g.RedeemedAt.IsZero() {
				want(t, "a code of the client's", w.Redeem(ctx, x), storage.ErrNotFound)
			}
		}
		_, _, err = w.LiveGrant(ctx, other.ID, w.now)
		want(t, "another's", err, nil)
		n, _, err = w.EndGrants(ctx, leak)
		if n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
	})

	t.Run("an ended grant and a revoked token are dead, and saying so twice is no error", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)))
		must(t, w.RevokeAccessToken(ctx, x.Access.Hash))
		must(t, w.RevokeAccessToken(ctx, x.Access.Hash))
		_, _, _, err := w.AccessToken(ctx, x.Access.Hash, w.now)
		want(t, "revoked", err, storage.ErrNotFound)
		_, _, err = w.LiveGrant(ctx, g.ID, w.now)
		want(t, "its grant", err, nil)
		for n, told := range []int{1, 0} {
			ended, clients, err := w.EndGrants(ctx, storage.GrantEnd{ID: g.ID, Reason: "revoked", Now: w.in(time.Duration(n) * time.Hour)})
			must(t, err)
			if ended != told || len(clients) != told {
				t.Errorf("end %d: %d, %v", n+1, ended, clients)
			}
		}
		_, _, err = w.LiveGrant(ctx, g.ID, w.now)
		want(t, "ended", err, storage.ErrNotFound)
	})

	t.Run("what a person gave one panel ends, offline grants too, and it is told", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		plain, _ := w.redeemed(t, s)
		far := w.grant(t, s, offline)
		other := w.grant(t, s, func(g *storage.Grant) { g.ClientID = "other" })
		stranger := w.grant(t, w.session(t, w.person(t)))
		for _, c := range []struct {
			client string
			want   int
			told   []storage.ClientSession
		}{{"nobody", 0, nil}, {"panel", 2, []storage.ClientSession{{ClientID: "panel", Sid: plain.Sid, PersonID: p.ID, SessionID: s.ID}}}, {"panel", 0, nil}} {
			n, told, err := w.EndGrants(ctx, storage.GrantEnd{ClientID: c.client, PersonID: p.ID, Reason: "consent", Now: w.now})
			must(t, err)
			if n != c.want {
				t.Errorf("%d ended at %q, want %d", n, c.client, c.want)
			}
			same(t, told, c.told)
		}
		for id, is := range map[string]error{plain.ID: storage.ErrNotFound, far.ID: storage.ErrNotFound, other.ID: nil, stranger.ID: nil} {
			_, _, err := w.LiveGrant(ctx, id, w.now)
			want(t, id, err, is)
		}
	})
}
