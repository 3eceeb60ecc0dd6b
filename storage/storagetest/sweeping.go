package storagetest

import (
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

var errTaken = errors.New("taken")

func sweeping(t *testing.T, w *world) {
	ctx := t.Context()
	p := w.person(t)
	s := w.session(t, p)
	unused := w.grant(t, s)
	g, x := w.redeemed(t, s, offline) // ends in 48 h
	second := w.rotation(g, x.RefreshHash)
	must(t, w.Refresh(ctx, second))
	q := w.request()
	must(t, w.CreateRequest(ctx, q, 20, 200))
	must(t, w.CreateQuarantine(ctx, &storage.Quarantine{ID: id(), PersonID: p.ID, Hash: hash(), Expires: w.in(time.Minute)}))
	must(t, w.PutFederation(ctx, &storage.Federation{StateHash: hash(), Expires: w.in(time.Minute)}))
	code := &storage.Code{ID: id(), ContactID: id(), MAC: hash(), Created: w.now, Expires: w.in(time.Minute)}
	must(t, w.PutCode(ctx, code))
	must(t, w.Enqueue(ctx, &storage.Message{ID: id(), NotAfter: w.in(time.Minute)}))
	link := &storage.Link{Hash: hash(), Purpose: "reset", PersonID: p.ID, Expires: w.in(time.Minute)}
	must(t, w.PutLink(ctx, link))
	cookie := &storage.Remember{Hash: hash(), PersonID: p.ID, Expires: w.in(36 * time.Hour)}
	must(t, w.PutRemember(ctx, cookie))
	_, err := w.TakeRemember(ctx, cookie.Hash, w.now)
	must(t, err)
	must(t, w.UseAssertion(ctx, "panel", "j", w.in(time.Minute), w.now))
	for _, pending := range []bool{true, false} {
		must(t, w.PutFactor(ctx, &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: pending, Created: w.now}))
	}
	_, err = w.Bump(ctx, id(), time.Minute, w.now)
	must(t, err)

	sweep := func(at time.Duration, n int) int {
		t.Helper()
		gone, err := w.Sweep(ctx, w.in(at), n)
		must(t, err)
		return gone
	}
	if gone := sweep(0, 100); gone != 0 {
		t.Errorf("%d rows went while all were live", gone)
	}

	// After a day: session, request, quarantine, federation, unused code, both access tokens, link, assertion. What
	// tells a replay stays.
	if gone := sweep(24*time.Hour, 100); gone != 9 {
		t.Errorf("%d rows after a day, want 9", gone)
	}
	_, err = w.TakeRemember(ctx, cookie.Hash, w.in(24*time.Hour))
	want(t, "a used remember that comes back after a day", err, storage.ErrUsed)
	_, _, err = w.GrantByCode(ctx, unused.CodeHash)
	want(t, "unused code", err, storage.ErrNotFound)
	_, err = w.Session(ctx, s.ID)
	want(t, "session", err, storage.ErrNotFound)
	last, err := w.LastSent(ctx, code.SentTo, w.now)
	must(t, err)
	if last.At.IsZero() {
		t.Error("forgot within a day when a code was sent")
	}
	reused, _, err := w.GrantByRefresh(ctx, x.RefreshHash, w.in(24*time.Hour))
	must(t, err)
	if reused.UsedAt.IsZero() {
		t.Error("a used refresh token is forgotten before the grant's end")
	}
	late := w.redemption(g)
	late.Now = w.in(47 * time.Hour)
	err = w.Redeem(ctx, late)
	want(t, "replay just before the grant's end", err, storage.ErrUsed)

	// After the grant's absolute end nothing is left to protect.
	if gone := sweep(49*time.Hour, 100); gone != 1+2+1+1+1+1 {
		t.Errorf("%d rows after the end: want grant, two refresh tokens, code, message, remember, pending factor", gone)
	}
	if gone := sweep(8*24*time.Hour, 100); gone != 1 {
		t.Errorf("%d rows after a week: want the counter", gone)
	}
	if n, _ := w.named(t, p.ID, "token.issued"); n != 1 {
		t.Error("the audit was swept")
	}

	for range 5 {
		must(t, w.PutFederation(ctx, &storage.Federation{StateHash: hash(), Expires: w.now}))
	}
	for i, n := range []int{2, 2, 1, 0} {
		if gone := sweep(time.Minute, 2); gone != n {
			t.Errorf("batch %d of two: %d rows went, want %d", i, gone, n)
		}
	}
}
