package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func factors(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a factor comes with its secret, to its person only", func(t *testing.T) {
		p := w.person(t)
		f := p.Factors[0]
		got, err := w.Factor(ctx, p.ID, f.ID)
		must(t, err)
		same(t, got, f)
		_, err = w.Factor(ctx, w.person(t).ID, f.ID)
		want(t, "another's", err, storage.ErrNotFound)
		stolen := *f
		stolen.PersonID = w.person(t).ID
		want(t, "put over another's", w.PutFactor(ctx, &stolen), storage.ErrConflict)
		want(t, "remove another's", w.RemoveFactor(ctx, stolen.PersonID, f.ID), storage.ErrNotFound)
		f.Label, f.Disabled = "New phone", true
		must(t, w.PutFactor(ctx, f))
		got, err = w.Factor(ctx, p.ID, f.ID)
		must(t, err)
		same(t, got, f)
		must(t, w.RemoveFactor(ctx, p.ID, f.ID))
		_, err = w.Factor(ctx, p.ID, f.ID)
		want(t, "removed", err, storage.ErrNotFound)
	})

	t.Run("a step is used once, and no earlier one after it", func(t *testing.T) {
		f := w.person(t).Factors[0]
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			return w.UseStep(ctx, f.ID, 100, w.now)
		})
		want(t, "earlier", w.UseStep(ctx, f.ID, 99, w.now), storage.ErrUsed)
		want(t, "later", w.UseStep(ctx, f.ID, 101, w.now), nil)
		want(t, "unknown", w.UseStep(ctx, "none", 101, w.now), storage.ErrNotFound)
	})

	t.Run("a pending factor is activated once and has no steps before", func(t *testing.T) {
		p := w.person(t)
		f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: true, Created: w.now}
		must(t, w.PutFactor(ctx, f))
		want(t, "step while pending", w.UseStep(ctx, f.ID, 5, w.now), storage.ErrUsed)
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			return w.ActivateFactor(ctx, f.ID, 100, w.in(24*time.Hour), w.now)
		})
		want(t, "the same step", w.UseStep(ctx, f.ID, 100, w.now), storage.ErrUsed)
		got, err := w.Factor(ctx, p.ID, f.ID)
		must(t, err)
		if got.Pending || got.LastStep != 100 || !got.RestsUntil.Equal(w.in(24*time.Hour)) {
			t.Errorf("%+v", got)
		}
		want(t, "unknown", w.ActivateFactor(ctx, "none", 1, time.Time{}, w.now), storage.ErrNotFound)
	})

	t.Run("Q69 of begun enrolments the newest is the one", func(t *testing.T) {
		p, other := w.person(t), w.person(t)
		begin := func(of *storage.Person, method string) *storage.Factor {
			f := &storage.Factor{ID: id(), PersonID: of.ID, Method: method, Sealed: []byte{9}, Pending: true, Created: w.now}
			must(t, w.PutFactor(ctx, f))
			return f
		}
		activate := func(f *storage.Factor) error { return w.ActivateFactor(ctx, f.ID, 100, time.Time{}, w.now) }
		older, passkey, hers := begin(p, "totp"), begin(p, "passkey"), begin(other, "totp")
		newer := begin(p, "totp")
		want(t, "the older", activate(older), storage.ErrNotFound)
		_, err := w.Factor(ctx, p.ID, older.ID)
		want(t, "its key", err, storage.ErrNotFound)
		got, err := w.Factor(ctx, p.ID, newer.ID)
		must(t, err)
		same(t, got, newer)
		must(t, activate(newer))
		must(t, activate(passkey))
		must(t, activate(hers))
		_ = begin(p, "totp")
		_, err = w.Factor(ctx, p.ID, newer.ID)
		want(t, "one in use, after another was begun", err, nil)
	})

	t.Run("Q69 of many begun at once one can be confirmed", func(t *testing.T) {
		p := w.person(t)
		ids := make([]string, takers)
		_, errs := race(t, func(ctx context.Context, i int) error {
			ids[i] = id()
			return w.PutFactor(ctx, &storage.Factor{ID: ids[i], PersonID: p.ID, Method: "totp", Pending: true, Created: w.now})
		})
		for _, err := range errs {
			t.Error(err)
		}
		oneWinner(t, storage.ErrNotFound, func(ctx context.Context, i int) error {
			return w.ActivateFactor(ctx, ids[i], 100, time.Time{}, w.now)
		})
	})

	t.Run("reserve codes are used once each and replaced all together", func(t *testing.T) {
		p := w.person(t)
		codes := [][]byte{hash(), hash(), hash()}
		must(t, w.PutRecoveryCodes(ctx, p.ID, codes, w.now))
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			left, err := w.UseRecoveryCode(ctx, p.ID, codes[0], w.now)
			if err == nil && left != 2 {
				t.Errorf("%d left, want 2", left)
			}
			return err
		})
		_, err := w.UseRecoveryCode(ctx, p.ID, hash(), w.now)
		want(t, "wrong code", err, storage.ErrNotFound)
		_, err = w.UseRecoveryCode(ctx, w.person(t).ID, codes[1], w.now)
		want(t, "another's code", err, storage.ErrNotFound)
		must(t, w.PutRecoveryCodes(ctx, p.ID, [][]byte{hash()}, w.now))
		_, err = w.UseRecoveryCode(ctx, p.ID, codes[1], w.now)
		want(t, "replaced code", err, storage.ErrNotFound)
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		if got.RecoveryCodes != 1 {
			t.Errorf("%d codes, want 1", got.RecoveryCodes)
		}
		want(t, "for nobody", w.PutRecoveryCodes(ctx, "nobody", codes, w.now), storage.ErrNotFound)
	})

	t.Run("Q63 reserve codes rest as a set, used ones too, and new ones do not", func(t *testing.T) {
		p, other := w.person(t), w.person(t)
		codes := [][]byte{hash(), hash()}
		must(t, w.PutRecoveryCodes(ctx, p.ID, codes, w.now))
		must(t, w.PutRecoveryCodes(ctx, other.ID, codes, w.now))
		must(t, w.RestRecoveryCodes(ctx, p.ID, w.in(time.Hour)))
		tells := func(id string, made, rests time.Time) {
			t.Helper()
			got, err := w.Person(ctx, id)
			must(t, err)
			if !got.RecoveryMade.Equal(made) || !got.RecoveryRestsUntil.Equal(rests) {
				t.Errorf("made %v, rest until %v; want %v and %v", got.RecoveryMade, got.RecoveryRestsUntil, made, rests)
			}
		}
		tells(p.ID, w.now, w.in(time.Hour))
		tells(other.ID, w.now, time.Time{})
		for _, c := range codes {
			_, err := w.UseRecoveryCode(ctx, p.ID, c, w.now)
			must(t, err)
		}
		tells(p.ID, w.now, w.in(time.Hour))
		must(t, w.PutRecoveryCodes(ctx, p.ID, codes, w.in(time.Minute)))
		tells(p.ID, w.in(time.Minute), time.Time{})
		must(t, w.PutRecoveryCodes(ctx, p.ID, nil, w.now))
		tells(p.ID, time.Time{}, time.Time{})
	})

	t.Run("parallel new sets do not mix", func(t *testing.T) {
		p := w.person(t)
		_, errs := race(t, func(ctx context.Context, _ int) error {
			return w.PutRecoveryCodes(ctx, p.ID, [][]byte{hash(), hash()}, w.now)
		})
		for _, err := range errs {
			t.Error(err)
		}
		got, err := w.Person(ctx, p.ID)
		must(t, err)
		if got.RecoveryCodes != 2 {
			t.Errorf("%d codes, want one set of 2", got.RecoveryCodes)
		}
	})
}
