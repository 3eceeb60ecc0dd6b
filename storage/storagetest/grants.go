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

// liveness: each of these kills everything that hangs on the session.
func liveness(t *testing.T, w *world) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		kill    func(*testing.T, *storage.Session, *storage.Person)
		at      time.Duration
		offline error // what an offline grant says
	}{
		"ended session": {kill: func(t *testing.T, s *storage.Session, _ *storage.Person) {
			must(t, w.end(ctx, s))
		}},
		"all sessions ended": {kill: func(t *testing.T, _ *storage.Session, p *storage.Person) {
			must(t, w.endAll(ctx, p.ID))
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
				return w.endAll(ctx, p.ID)
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
