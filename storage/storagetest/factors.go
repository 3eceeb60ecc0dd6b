package storagetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
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

	t.Run("a number knows the channels by which it was proved", func(t *testing.T) {
		p := w.person(t)
		f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "sms", Address: "+393331234567", Channels: []string{"sms"}, Pending: true, Created: w.now}
		must(t, w.PutFactor(ctx, f))
		want(t, "while pending", w.AddFactorChannel(ctx, p.ID, f.ID, "whatsapp"), storage.ErrNotFound)
		must(t, w.ActivateFactor(ctx, f.ID, 0, time.Time{}, w.now))
		want(t, "another's", w.AddFactorChannel(ctx, w.person(t).ID, f.ID, "whatsapp"), storage.ErrNotFound)
		before, err := w.Person(ctx, p.ID)
		must(t, err)
		for range 2 {
			must(t, w.AddFactorChannel(ctx, p.ID, f.ID, "whatsapp"))
		}
		after, err := w.Person(ctx, p.ID)
		must(t, err)
		same(t, after.Factors[1].Channels, []string{"sms", "whatsapp"})
		same(t, after.SecondSince, before.SecondSince)
		got, err := w.Factor(ctx, p.ID, f.ID)
		must(t, err)
		same(t, got.Channels, []string{"sms", "whatsapp"})
	})

	t.Run("of numbers that wait to be confirmed the newest stays", func(t *testing.T) {
		p := w.person(t)
		var ids []string
		for _, method := range []string{"sms", "whatsapp", "totp"} {
			f := &storage.Factor{ID: id(), PersonID: p.ID, Method: method, Pending: true, Created: w.now}
			if method != "totp" {
				f.Address = "+39333" + method
			}
			must(t, w.PutFactor(ctx, f))
			ids = append(ids, f.ID)
		}
		for i, id := range ids {
			_, err := w.Factor(ctx, p.ID, id)
			want(t, id, err, map[bool]error{true: storage.ErrNotFound}[i == 0])
		}
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

	t.Run("G12 a factor takes the place of the one it was begun for, once", func(t *testing.T) {
		p, other := w.person(t), w.person(t)
		old := p.Factors[0]
		begin := func(replaces string) *storage.Factor {
			f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "sms", Address: "+39333", Pending: true, Replaces: replaces, Created: w.now}
			must(t, w.PutFactor(ctx, f))
			return f
		}
		swap := func(person, id, replaces string) error {
			return w.SwapFactor(ctx, person, id, replaces, 7, w.in(time.Hour), w.now)
		}
		plain := begin("")
		want(t, "one that replaces none", swap(p.ID, plain.ID, old.ID), storage.ErrUsed)
		elsewhere := begin(other.Factors[0].ID)
		want(t, "another's factor", swap(p.ID, elsewhere.ID, other.Factors[0].ID), storage.ErrUsed)
		begun := begin(old.ID)
		got, err := w.Factor(ctx, p.ID, begun.ID)
		must(t, err)
		same(t, got, begun)
		want(t, "by another person", swap(other.ID, begun.ID, old.ID), storage.ErrUsed)
		want(t, "in the place of another one", swap(p.ID, begun.ID, begun.ID), storage.ErrUsed)
		off := *old
		off.Disabled = true
		must(t, w.PutFactor(ctx, &off))
		want(t, "of one that is off", swap(p.ID, begun.ID, old.ID), storage.ErrUsed)
		must(t, w.PutFactor(ctx, old))
		before, err := w.Person(ctx, p.ID)
		must(t, err)
		if len(before.Factors) != 1 || before.Factors[0].ID != old.ID {
			t.Fatalf("refusals left %+v", before.Factors)
		}
		time.Sleep(time.Microsecond)
		oneWinner(t, storage.ErrUsed, func(ctx context.Context, _ int) error {
			return w.SwapFactor(ctx, p.ID, begun.ID, old.ID, 7, w.in(time.Hour), w.now)
		})
		after, err := w.Person(ctx, p.ID)
		must(t, err)
		if len(after.Factors) != 1 || after.Factors[0].ID != begun.ID || after.Factors[0].Pending {
			t.Fatalf("after the swap %+v", after.Factors)
		}
		if f := after.Factors[0]; f.Replaces != "" || f.LastStep != 7 || !f.RestsUntil.Equal(w.in(time.Hour)) || !f.LastUsed.Equal(w.now) {
			t.Errorf("%+v", f)
		}
		if !after.SecondSince.After(before.SecondSince) {
			t.Errorf("second steps are void since %v, were since %v", after.SecondSince, before.SecondSince)
		}
	})

	t.Run("G12 whatever happens at once, a person is never seen without a factor", func(t *testing.T) {
		p := w.person(t)
		var all sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			all.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					seen, err := w.Person(ctx, p.ID)
					if err == nil && len(seen.Factors) != 1 {
						t.Errorf("%d factors", len(seen.Factors))
						return
					}
				}
			})
		}
		for range 10 {
			seen, err := w.Person(ctx, p.ID)
			must(t, err)
			old := seen.Factors[0].ID
			// Two ways to another factor, each from many tabs, and enrolments that are begun meanwhile.
			begun := map[string]string{"sms": id(), "whatsapp": id()}
			for method, id := range begun {
				must(t, w.PutFactor(ctx, &storage.Factor{ID: id, PersonID: p.ID, Method: method, Pending: true, Replaces: old, Created: w.now}))
			}
			won, errs := race(t, func(ctx context.Context, i int) error {
				switch i % 3 {
				case 0:
					return w.SwapFactor(ctx, p.ID, begun["sms"], old, 1, time.Time{}, w.now)
				case 1:
					return w.SwapFactor(ctx, p.ID, begun["whatsapp"], old, 1, time.Time{}, w.now)
				}
				err := w.PutFactor(ctx, &storage.Factor{ID: id(), PersonID: p.ID, Method: "totp", Pending: true, Replaces: old, Created: w.now})
				return errors.Join(err, storage.ErrUsed) // none of these is a swap
			})
			if won != 1 {
				t.Errorf("%d swaps of one factor", won)
			}
			for _, err := range errs {
				want(t, "a loser", err, storage.ErrUsed)
			}
		}
		close(done)
		all.Wait()
	})

	t.Run("G12 of a swap and a removal of the same factor one happens", func(t *testing.T) {
		for range 10 {
			p := w.person(t)
			f := &storage.Factor{ID: id(), PersonID: p.ID, Method: "sms", Pending: true, Replaces: p.Factors[0].ID, Created: w.now}
			must(t, w.PutFactor(ctx, f))
			var swapped, removed atomic.Int32
			_, errs := race(t, func(ctx context.Context, i int) error {
				if i%2 == 0 {
					err := w.SwapFactor(ctx, p.ID, f.ID, f.Replaces, 1, time.Time{}, w.now)
					if err == nil {
						swapped.Add(1)
					}
					return err
				}
				err := w.RemoveFactor(ctx, p.ID, f.Replaces)
				if err == nil {
					removed.Add(1)
				}
				return err
			})
			if swapped.Load()+removed.Load() != 1 {
				t.Errorf("%d swaps and %d removals", swapped.Load(), removed.Load())
			}
			for _, err := range errs {
				if !errors.Is(err, storage.ErrUsed) && !errors.Is(err, storage.ErrNotFound) {
					t.Errorf("a loser got %v", err)
				}
			}
			got, err := w.Person(ctx, p.ID)
			must(t, err)
			if len(got.Factors) != int(swapped.Load()) {
				t.Errorf("%d factors after %d swaps", len(got.Factors), swapped.Load())
			}
		}
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
