package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

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
}
