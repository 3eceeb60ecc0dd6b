package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soglia-sso/soglia/storage"
)

// whole leaves out what only GrantByCode reads, and what differs between the ways to a grant.
var whole = cmpopts.IgnoreFields(storage.Grant{}, "CodeHash", "RefreshHash", "RefreshUntil", "Generation", "SessionIdle",
	"SessionEnds", "Expires", "RedeemedAt")

func issuing(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a code is kept with its grant and its audit", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g := w.grant(t, s)
		got, _, err := w.GrantByCode(ctx, g.CodeHash)
		must(t, err)
		g.Expires, g.SessionIdle, g.SessionEnds = s.Expires, s.IdleUntil, s.Expires // unset: as long as the session
		same(t, got, g)
		n, ev := w.named(t, s.PersonID, "authz.granted")
		if n != 1 {
			t.Fatalf("%d audit events, want 1", n)
		}
		same(t, ev, w.event("authz.granted", g), cmpopts.IgnoreFields(storage.Event{}, "ID"))
		_, _, err = w.GrantByCode(ctx, hash())
		want(t, "unknown code", err, storage.ErrNotFound)
	})

	for name, spoil := range map[string]func(*storage.Session, *storage.Person){
		"the version moved on": func(s *storage.Session, _ *storage.Person) {
			stale := *s
			must(t, w.RotateSession(ctx, &stale, hash(), w.now))
		},
		"the session ended": func(s *storage.Session, _ *storage.Person) {
			must(t, w.EndSession(ctx, s.ID, "logout", w.now))
		},
		"the person is disabled": func(_ *storage.Session, p *storage.Person) {
			p.Disabled = true
			must(t, w.UpdatePerson(ctx, p))
		},
	} {
		t.Run("no code when "+name, func(t *testing.T) {
			p := w.person(t)
			s := w.session(t, p)
			spoil(s, p)
			q := w.request()
			must(t, w.CreateRequest(ctx, q, 20, 200))
			g := w.newGrant(s)
			g.RequestHash = q.Hash
			want(t, "issue", w.IssueCode(ctx, g, s.Version, w.event("authz.granted", g)), storage.ErrConflict)
			_, _, err := w.GrantByCode(ctx, g.CodeHash)
			want(t, "its grant", err, storage.ErrNotFound)
			if n, _ := w.named(t, p.ID, "authz.granted"); n != 0 {
				t.Error("refused, yet the audit says granted")
			}
			got, err := w.Request(ctx, q.Hash, w.now)
			must(t, err)
			if !got.FinishedAt.IsZero() {
				t.Error("refused, yet the request is finished")
			}
		})
	}

	t.Run("no code for another's session, nor after its limits", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g := w.newGrant(s)
		g.PersonID = w.person(t).ID
		want(t, "another's", w.IssueCode(ctx, g, s.Version, nil), storage.ErrConflict)
		g = w.newGrant(s)
		g.Created = s.IdleUntil
		want(t, "idle", w.IssueCode(ctx, g, s.Version, nil), storage.ErrConflict)
	})

	t.Run("a stored request gives one code", func(t *testing.T) {
		s := w.session(t, w.person(t))
		q := w.request()
		must(t, w.CreateRequest(ctx, q, 20, 200))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			g := w.newGrant(s)
			g.RequestHash = q.Hash
			return w.IssueCode(ctx, g, s.Version, w.event("authz.granted", g))
		})
		if n, _ := w.named(t, s.PersonID, "authz.granted"); n != 1 {
			t.Errorf("%d audit events, want 1", n)
		}
		got, err := w.Request(ctx, q.Hash, w.now)
		must(t, err)
		if got.FinishedAt.IsZero() {
			t.Error("the request is not finished")
		}
	})
}

func redeeming(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a code becomes tokens", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		g := w.grant(t, s)
		x := w.redemption(g)
		must(t, w.Redeem(ctx, x))
		got, _, err := w.GrantByCode(ctx, x.CodeHash)
		must(t, err)
		same(t, got, g, whole)
		if !got.RedeemedAt.Equal(w.now) || !got.Expires.Equal(x.Expires) {
			t.Errorf("redeemed %v, expires %v", got.RedeemedAt, got.Expires)
		}
		if n, _ := w.named(t, p.ID, "token.issued"); n != 1 {
			t.Errorf("%d audit events, want 1", n)
		}
		a, of, who, err := w.AccessToken(ctx, x.Access.Hash, w.now)
		must(t, err)
		wanted := *x.Access
		wanted.GrantID, wanted.ClientID = g.ID, g.ClientID
		same(t, a, &wanted)
		same(t, of, g, whole)
		same(t, who, p, noSecret)
		of, who, err = w.GrantByRefresh(ctx, x.RefreshHash, w.now)
		must(t, err)
		same(t, of, g, whole)
		same(t, who, p, noSecret)
		if !of.UsedAt.IsZero() || of.Generation != 1 || !of.RefreshUntil.Equal(x.RefreshUntil) ||
			!of.SessionIdle.Equal(s.IdleUntil) || !of.SessionEnds.Equal(s.Expires) {
			t.Errorf("by refresh: %+v", of)
		}
		of, who, err = w.LiveGrant(ctx, g.ID, w.now)
		must(t, err)
		same(t, of, g, whole)
		same(t, who, p, noSecret)
	})

	t.Run("without refresh and opaque tokens nothing of theirs is kept", func(t *testing.T) {
		g := w.grant(t, w.session(t, w.person(t)))
		x := w.redemption(g)
		x.RefreshHash, x.Access, x.Event = nil, nil, nil
		must(t, w.Redeem(ctx, x))
		_, _, err := w.LiveGrant(ctx, g.ID, w.now)
		want(t, "the grant", err, nil)
	})

	t.Run("a late, foreign or unknown code is refused and ends nothing", func(t *testing.T) {
		g := w.grant(t, w.session(t, w.person(t)))
		for name, spoil := range map[string]func(*storage.Redemption){
			"late":    func(x *storage.Redemption) { x.Now = g.CodeExpires },
			"foreign": func(x *storage.Redemption) { x.ClientID = "other" },
			"unknown": func(x *storage.Redemption) { x.CodeHash = hash() },
		} {
			x := w.redemption(g)
			spoil(x)
			err := w.Redeem(ctx, x)
			want(t, name, err, storage.ErrNotFound)
		}
		err := w.Redeem(ctx, w.redemption(g))
		want(t, "afterwards", err, nil)
		x := w.redemption(g)
		x.ClientID = "other"
		err = w.Redeem(ctx, x)
		want(t, "used and foreign", err, storage.ErrNotFound)
		_, _, err = w.LiveGrant(ctx, g.ID, w.now)
		want(t, "the grant", err, nil)
	})

	t.Run("a replay, however late, ends the grant and is audited once", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g, x := w.redeemed(t, s, offline)
		again := w.redemption(g)
		again.Now = w.in(20 * time.Hour)
		err := w.Redeem(ctx, again)
		want(t, "replay", err, storage.ErrTheft)
		_, _, _, err = w.AccessToken(ctx, x.Access.Hash, w.now)
		want(t, "access token", err, storage.ErrNotFound)
		_, _, err = w.GrantByRefresh(ctx, x.RefreshHash, w.now)
		want(t, "refresh token", err, storage.ErrNotFound)
		want(t, "refresh", w.Refresh(ctx, w.rotation(g, x.RefreshHash)), storage.ErrNotFound)
		err = w.Redeem(ctx, again)
		want(t, "second replay", err, storage.ErrUsed)
		if errors.Is(err, storage.ErrTheft) {
			t.Error("the second replay ended the grant once more")
		}
		ended, _, err := w.GrantByCode(ctx, g.CodeHash)
		must(t, err)
		if ended.EndReason != "code_replay" || ended.EndedAt.IsZero() {
			t.Errorf("ended for %q", ended.EndReason)
		}
		n, ev := w.named(t, g.PersonID, "token.revoked")
		if n != 1 || ev.Reason != "code_replay" || ev.SessionID != s.ID || ev.ClientID != "panel" || ev.ID == again.Event.ID {
			t.Errorf("%d audit events, the last %+v", n, ev)
		}
	})

	t.Run("a replay noticed in a transaction that fails still ends the grant", func(t *testing.T) {
		g, _ := w.redeemed(t, w.session(t, w.person(t)))
		err := w.Tx(ctx, func(r storage.Records) error {
			err := r.Redeem(ctx, w.redemption(g))
			return err
		})
		want(t, "replay", err, storage.ErrUsed)
		_, _, err = w.LiveGrant(ctx, g.ID, w.now)
		want(t, "the grant", err, storage.ErrNotFound)
		if n, _ := w.named(t, g.PersonID, "token.revoked"); n != 1 {
			t.Errorf("%d audit events, want 1", n)
		}
	})

	t.Run("of many who redeem one gets tokens", func(t *testing.T) {
		g := w.grant(t, w.session(t, w.person(t)))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			err := w.Redeem(ctx, w.redemption(g))
			return err
		})
		for name, n := range map[string]int{"token.issued": 1, "token.revoked": 1} {
			if got, _ := w.named(t, g.PersonID, name); got != n {
				t.Errorf("%d events %s, want %d", got, name, n)
			}
		}
	})
}

func refreshing(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a refresh swaps the token and moves the session", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g, x := w.redeemed(t, s)
		y := w.rotation(g, x.RefreshHash)
		must(t, w.Refresh(ctx, y))
		got, _, err := w.GrantByRefresh(ctx, y.NewHash, w.now)
		must(t, err)
		if got.Generation != 2 || !got.UsedAt.IsZero() || !got.RefreshUntil.Equal(y.RefreshUntil) {
			t.Errorf("generation %d, used %v, until %v", got.Generation, got.UsedAt, got.RefreshUntil)
		}
		old, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now)
		must(t, err)
		if !old.UsedAt.Equal(w.now) {
			t.Error("a used token is not known as used")
		}
		_, _, _, err = w.AccessToken(ctx, y.Access.Hash, w.now)
		want(t, "new access token", err, nil)
		if n, _ := w.named(t, g.PersonID, "token.refreshed"); n != 1 {
			t.Errorf("%d audit events, want 1", n)
		}
		moved, err := w.Session(ctx, s.ID)
		must(t, err)
		if !moved.IdleUntil.Equal(y.IdleUntil) || !moved.LastSeen.Equal(w.now) {
			t.Errorf("idle until %v, seen %v", moved.IdleUntil, moved.LastSeen)
		}
		z := w.rotation(g, y.NewHash)
		z.Now, z.IdleUntil, z.Access, z.Event = w.in(time.Minute), w.in(9*time.Hour), nil, nil
		must(t, w.Refresh(ctx, z))
		still, err := w.Session(ctx, s.ID)
		must(t, err)
		if !still.IdleUntil.Equal(y.IdleUntil) {
			t.Errorf("the session moved twice within a minute: %v", still.IdleUntil)
		}
	})

	t.Run("a foreign, unknown or idle token is refused and ends nothing", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)), offline)
		for name, spoil := range map[string]func(*storage.Rotation){
			"foreign client": func(y *storage.Rotation) { y.ClientID = "other" },
			"other grant":    func(y *storage.Rotation) { y.GrantID = "other" },
			"unknown":        func(y *storage.Rotation) { y.Hash = hash() },
			"idle":           func(y *storage.Rotation) { y.Now = x.RefreshUntil },
		} {
			y := w.rotation(g, x.RefreshHash)
			spoil(y)
			want(t, name, w.Refresh(ctx, y), storage.ErrNotFound)
		}
		_, _, err := w.GrantByRefresh(ctx, x.RefreshHash, x.RefreshUntil)
		want(t, "idle, by hash", err, storage.ErrNotFound)
		want(t, "afterwards", w.Refresh(ctx, w.rotation(g, x.RefreshHash)), nil)
		y := w.rotation(g, x.RefreshHash)
		y.ClientID = "other"
		want(t, "used and foreign", w.Refresh(ctx, y), storage.ErrNotFound)
		_, _, err = w.LiveGrant(ctx, g.ID, w.now)
		want(t, "the grant", err, nil)
	})

	t.Run("any earlier token of the chain, long idle, ends it", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)), offline)
		second := w.rotation(g, x.RefreshHash)
		must(t, w.Refresh(ctx, second))
		third := w.rotation(g, second.NewHash)
		third.RefreshUntil = w.in(40 * time.Hour)
		must(t, w.Refresh(ctx, third))
		late := w.rotation(g, x.RefreshHash)
		late.Now = w.in(30 * time.Hour) // past the first token's own limit
		found, _, err := w.GrantByRefresh(ctx, x.RefreshHash, late.Now)
		must(t, err)
		if found.UsedAt.IsZero() {
			t.Error("not known as used")
		}
		want(t, "reuse", w.Refresh(ctx, late), storage.ErrTheft)
		_, _, err = w.GrantByRefresh(ctx, third.NewHash, w.now)
		want(t, "the thief's or the owner's token", err, storage.ErrNotFound)
		_, _, _, err = w.AccessToken(ctx, third.Access.Hash, w.now)
		want(t, "access token", err, storage.ErrNotFound)
		ended, _, err := w.GrantByCode(ctx, g.CodeHash)
		must(t, err)
		if ended.EndReason != "refresh_reuse" {
			t.Errorf("ended for %q", ended.EndReason)
		}
		err = w.Refresh(ctx, late)
		want(t, "again", err, storage.ErrUsed)
		if errors.Is(err, storage.ErrTheft) {
			t.Error("the second reuse ended the grant once more")
		}
		n, ev := w.named(t, g.PersonID, "token.reuse")
		if n != 1 || ev.Reason != "refresh_reuse" || ev.Outcome != "fail" {
			t.Errorf("%d audit events, the last %+v", n, ev)
		}
	})

	t.Run("of many who refresh one gets the next token", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			return w.Refresh(ctx, w.rotation(g, x.RefreshHash))
		})
		for name, n := range map[string]int{"token.refreshed": 1, "token.reuse": 1} {
			if got, _ := w.named(t, g.PersonID, name); got != n {
				t.Errorf("%d events %s, want %d", got, name, n)
			}
		}
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
		n, err := w.EndGrantsOfClient(ctx, "leaky", "operator", w.now)
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
		n, err = w.EndGrantsOfClient(ctx, "leaky", "operator", w.now)
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
		must(t, w.EndGrant(ctx, g.ID, "revoked", w.now))
		must(t, w.EndGrant(ctx, g.ID, "again", w.in(time.Hour)))
		_, _, err = w.LiveGrant(ctx, g.ID, w.now)
		want(t, "ended", err, storage.ErrNotFound)
	})
}

// liveness: each of these kills everything that hangs on the session.
func liveness(t *testing.T, w *world) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		kill    func(*testing.T, *storage.Session, *storage.Person)
		at      time.Duration
		offline error // what an offline grant says
	}{
		"ended session": {kill: func(t *testing.T, s *storage.Session, _ *storage.Person) {
			must(t, w.EndSession(ctx, s.ID, "logout", w.now))
		}},
		"all sessions ended": {kill: func(t *testing.T, _ *storage.Session, p *storage.Person) {
			_, err := w.EndSessionsOf(ctx, p.ID, "", "password", true, w.now)
			must(t, err)
		}, offline: storage.ErrNotFound},
		"disabled person": {kill: func(t *testing.T, _ *storage.Session, p *storage.Person) {
			p.Disabled = true
			must(t, w.UpdatePerson(ctx, p))
		}, offline: storage.ErrNotFound},
		"idle session": {at: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.person(t)
			s := w.session(t, p)
			unused := w.grant(t, s)
			unusedOffline := w.grant(t, s, offline)
			g, x := w.redeemed(t, s)
			o, y := w.redeemed(t, s, offline)
			if c.kill != nil {
				c.kill(t, s, p)
			}
			at := w.in(c.at)
			for _, code := range []*storage.Grant{unused, unusedOffline} {
				r := w.redemption(code)
				r.Now = at
				err := w.Redeem(ctx, r)
				want(t, "redeem", err, storage.ErrNotFound)
			}
			for _, k := range []struct {
				g    *storage.Grant
				x    *storage.Redemption
				want error
			}{{g, x, storage.ErrNotFound}, {o, y, c.offline}} {
				_, _, err := w.LiveGrant(ctx, k.g.ID, at)
				want(t, "grant", err, k.want)
				_, _, err = w.GrantByRefresh(ctx, k.x.RefreshHash, at)
				want(t, "by refresh token", err, k.want)
				if c.at < 10*time.Minute {
					_, _, _, err = w.AccessToken(ctx, k.x.Access.Hash, at)
					want(t, "access token", err, k.want)
				}
				r := w.rotation(k.g, k.x.RefreshHash)
				r.Now = at
				want(t, "refresh", w.Refresh(ctx, r), k.want)
			}
		})
	}

	t.Run("limits of token and grant", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)), offline)
		_, _, _, err := w.AccessToken(ctx, x.Access.Hash, x.Access.Expires)
		want(t, "expired access token", err, storage.ErrNotFound)
		_, _, err = w.LiveGrant(ctx, g.ID, x.Expires.Add(-time.Second))
		want(t, "just before the end", err, nil)
		_, _, err = w.LiveGrant(ctx, g.ID, x.Expires)
		want(t, "at the absolute end", err, storage.ErrNotFound)
	})

	t.Run("codes issued while all sessions end are dead afterwards", func(t *testing.T) {
		p := w.person(t)
		s := w.session(t, p)
		grants := make([]*storage.Grant, takers)
		_, errs := race(t, func(ctx context.Context, i int) error {
			if i == takers/2 {
				_, err := w.EndSessionsOf(ctx, p.ID, "", "password", true, w.now)
				return err
			}
			g := w.newGrant(s)
			g.Offline = true
			err := w.IssueCode(ctx, g, s.Version, nil)
			if err == nil {
				grants[i] = g
				err = w.Redeem(ctx, w.redemption(g))
			}
			return err
		})
		for _, err := range errs {
			if !errors.Is(err, storage.ErrConflict) && !errors.Is(err, storage.ErrNotFound) {
				t.Error(err)
			}
		}
		for _, g := range grants {
			if g == nil {
				continue
			}
			_, _, err := w.LiveGrant(ctx, g.ID, w.now)
			want(t, "a grant of that moment", err, storage.ErrNotFound)
		}
	})
}
