package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// keeping: refresh tokens that are used and stay (Q43).
func keeping(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("Q43 a token that stays moves its own limit and the session's, and is recorded once a day", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g, x := w.redeemed(t, s, offline)
		u := w.use(g, x.RefreshHash)
		won, errs := race(t, func(ctx context.Context, _ int) error {
			mine := *w.use(g, x.RefreshHash)
			return w.UseRefresh(ctx, &mine)
		})
		if won != takers {
			t.Fatalf("%d of %d: %v", won, takers, errs)
		}
		got, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now)
		must(t, err)
		if !got.UsedAt.IsZero() || got.Generation != 1 || !got.RefreshUntil.Equal(u.RefreshUntil) || !got.NotedAt.Equal(w.now) {
			t.Errorf("%+v", got)
		}
		moved, err := w.Session(ctx, s.ID)
		must(t, err)
		if !moved.IdleUntil.Equal(u.IdleUntil) {
			t.Errorf("idle until %v", moved.IdleUntil)
		}
		if n, _ := w.named(t, g.PersonID, "token.refreshed"); n != 1 {
			t.Errorf("%d records of %d uses at once, want 1", n, takers)
		}
		u.Now, u.RefreshUntil, u.Event = w.in(time.Hour), w.in(26*time.Hour), w.event("token.refreshed", g)
		must(t, w.UseRefresh(ctx, u)) // said to be due, by one who read long ago
		u.RefreshUntil, u.Access = w.in(24*time.Hour), w.access()
		u.Due = false
		must(t, w.UseRefresh(ctx, u))
		got, _, err = w.GrantByRefresh(ctx, x.RefreshHash, w.now)
		must(t, err)
		if n, _ := w.named(t, g.PersonID, "token.refreshed"); n != 1 || got.RefreshUntil.Before(w.in(25*time.Hour)) {
			t.Errorf("%d records; until %v, never earlier", n, got.RefreshUntil)
		}
		_, _, _, err = w.AccessToken(ctx, u.Access.Hash, w.now)
		want(t, "the access token", err, nil)
		next, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.now)
		must(t, err)
		u = w.use(next, x.RefreshHash)
		u.Now = w.in(storage.NotedEvery - time.Hour)
		u.RefreshUntil = time.Time{}
		must(t, w.UseRefresh(ctx, u))
		if n, _ := w.named(t, g.PersonID, "token.refreshed"); n != 1 {
			t.Errorf("%d records before the day is over", n)
		}
	})

	t.Run("Q43 whatever is dead, foreign or used is no use", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g, x := w.redeemed(t, s)
		for name, spoil := range map[string]func(*storage.RefreshUse){
			"foreign":     func(u *storage.RefreshUse) { u.ClientID = "other" },
			"other grant": func(u *storage.RefreshUse) { u.GrantID = "other" },
			"unknown":     func(u *storage.RefreshUse) { u.Hash = hash() },
			"idle":        func(u *storage.RefreshUse) { u.Now = x.RefreshUntil },
		} {
			u := w.use(g, x.RefreshHash)
			spoil(u)
			want(t, name, w.UseRefresh(ctx, u), storage.ErrNotFound)
			_, _, _, err := w.AccessToken(ctx, u.Access.Hash, w.now)
			want(t, name+": its access token", err, storage.ErrNotFound)
		}
		y := w.rotation(g, x.RefreshHash)
		must(t, w.Refresh(ctx, y))
		want(t, "used", w.UseRefresh(ctx, w.use(g, x.RefreshHash)), storage.ErrNotFound)
		must(t, w.end(ctx, s))
		want(t, "of an ended session", w.UseRefresh(ctx, w.use(g, y.NewHash)), storage.ErrNotFound)
	})
}

// repeating: refresh tokens that are replaced, and the leeway of the last one (Q43, Q71).
func repeating(t *testing.T, w *world) {
	ctx := t.Context()
	const key, leeway = 7, 10 * time.Second
	rotation := func(g *storage.Grant, old, next []byte, at time.Duration) *storage.Rotation {
		x := w.rotation(g, old)
		x.NewHash, x.KeyID, x.Leeway, x.Now = next, key, leeway, w.in(at)
		return x
	}

	t.Run("Q43 all rivals get the one successor", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)))
		next := hash()
		won, errs := race(t, func(ctx context.Context, _ int) error {
			return w.Refresh(ctx, rotation(g, x.RefreshHash, next, 0))
		})
		if won != takers {
			t.Fatalf("%d of %d: %v", won, takers, errs)
		}
		got, _, err := w.GrantByRefresh(ctx, next, w.now)
		must(t, err)
		if got.Generation != 2 || !got.UsedAt.IsZero() || !got.NotedAt.Equal(w.now) {
			t.Errorf("%+v", got)
		}
		n, ev := w.named(t, g.PersonID, "token.refreshed")
		if n != takers {
			t.Errorf("%d records, want each repeat on record; the last %+v", n, ev)
		}
		if n, _ := w.named(t, g.PersonID, "token.reuse"); n != 0 {
			t.Error("an alarm")
		}
	})

	t.Run("Q43 a replaced token is recorded once a day", func(t *testing.T) {
		g, x := w.redeemed(t, w.session(t, w.person(t)))
		first := rotation(g, x.RefreshHash, hash(), 0)
		must(t, w.Refresh(ctx, first))
		second := rotation(g, first.NewHash, hash(), time.Minute)
		second.Due = false
		must(t, w.Refresh(ctx, second))
		got, _, err := w.GrantByRefresh(ctx, second.NewHash, w.now)
		must(t, err)
		if n, _ := w.named(t, g.PersonID, "token.refreshed"); n != 1 || !got.NotedAt.Equal(w.now) {
			t.Errorf("%d records, the last %v", n, got.NotedAt)
		}
	})

	for name, c := range map[string]struct {
		again func(g *storage.Grant, first, second *storage.Rotation) *storage.Rotation
		want  error
		lives bool
	}{
		"just before its end": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			return rotation(g, second.Hash, second.NewHash, leeway-time.Microsecond)
		}, nil, true},
		"at its end": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			return rotation(g, second.Hash, second.NewHash, leeway)
		}, storage.ErrTheft, false},
		"none is given": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			x := rotation(g, second.Hash, second.NewHash, time.Second)
			x.Leeway = 0
			return x
		}, storage.ErrTheft, false},
		"the successor was used": {func(g *storage.Grant, first, _ *storage.Rotation) *storage.Rotation {
			return rotation(g, first.Hash, first.NewHash, time.Second)
		}, storage.ErrTheft, false},
		"another successor": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			return rotation(g, second.Hash, hash(), time.Second)
		}, storage.ErrTheft, false},
		"another master key": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			x := rotation(g, second.Hash, hash(), time.Second)
			x.KeyID = key + 1
			return x
		}, storage.ErrNotFound, true},
		"another master key, after its end": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			x := rotation(g, second.Hash, hash(), leeway)
			x.KeyID = key + 1
			return x
		}, storage.ErrTheft, false},
		"another client": {func(g *storage.Grant, _, second *storage.Rotation) *storage.Rotation {
			x := rotation(g, second.Hash, second.NewHash, time.Second)
			x.ClientID = "other"
			return x
		}, storage.ErrNotFound, true},
	} {
		t.Run("Q43 leeway: "+name, func(t *testing.T) {
			g, x := w.redeemed(t, w.session(t, w.person(t)))
			first := rotation(g, x.RefreshHash, hash(), 0)
			must(t, w.Refresh(ctx, first))
			second := rotation(g, first.NewHash, hash(), 0)
			must(t, w.Refresh(ctx, second))
			repeat := rotation(g, second.Hash, second.NewHash, leeway/2)
			must(t, w.Refresh(ctx, repeat)) // which makes it no longer
			_, _, _, err := w.AccessToken(ctx, repeat.Access.Hash, w.now)
			want(t, "the repeat's access token", err, nil)
			if _, ev := w.named(t, g.PersonID, "token.refreshed"); ev == nil {
				t.Error("no record")
			}
			again := c.again(g, first, second)
			got := w.Refresh(ctx, again)
			want(t, "again", got, c.want)
			if errors.Is(c.want, storage.ErrNotFound) && errors.Is(got, storage.ErrUsed) {
				t.Error("taken for theft")
			}
			_, _, err = w.LiveGrant(ctx, g.ID, w.now)
			want(t, "the grant", err, map[bool]error{true: nil, false: storage.ErrNotFound}[c.lives])
		})
	}

	t.Run("Q43 leeway: of a grant that ended nothing is repeated", func(t *testing.T) {
		s := w.session(t, w.person(t))
		g, x := w.redeemed(t, s)
		first := rotation(g, x.RefreshHash, hash(), 0)
		must(t, w.Refresh(ctx, first))
		must(t, w.end(ctx, s))
		want(t, "again", w.Refresh(ctx, rotation(g, first.Hash, first.NewHash, time.Second)), storage.ErrUsed)
		if n, _ := w.named(t, g.PersonID, "token.reuse"); n != 0 {
			t.Error("an alarm for a grant that was over")
		}
	})
}
