package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

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
