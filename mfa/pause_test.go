package mfa

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func TestF03AppPausesAfterTenWrongCodesWhoeverAsks(t *testing.T) {
	b := newBench(t)
	q, code := b.enrol()
	for i := range 10 {
		q.Transaction = fmt.Sprint("session ", i)
		v := b.enter(q, other(code(b.now)))
		if !is(v, ErrWrong) || v.PausedUntil.IsZero() == (i == 9) || v.DisabledNow {
			t.Fatalf("try %d: %+v", i+1, v)
		}
	}
	want := b.now.Add(15 * time.Minute)
	for i := range 20 {
		v := b.enter(q, code(b.now))
		if !paused(v).Equal(want) || !v.PausedUntil.IsZero() || Reason(v.Cause) != "paused" {
			t.Fatalf("right code %d during the pause: %+v", i, v)
		}
	}
	b.now = want
	if v := b.enter(q, code(b.now)); !v.OK {
		t.Errorf("after the pause: %+v", v)
	}
	if v := b.enter(q, other(code(b.now))); !is(v, ErrWrong) || !v.PausedUntil.IsZero() {
		t.Errorf("counters begin anew: %+v", v)
	}
}

func TestF03PausesDoubleAndAHundredInARowSwitchOff(t *testing.T) {
	b := newBench(t)
	q, code := b.enrol()
	pause := 15 * time.Minute
	for n := 1; n <= 100; n++ {
		v := b.enter(q, other(code(b.now)))
		if !is(v, ErrWrong) || v.DisabledNow != (n == 100) || v.PausedUntil.IsZero() == (n%10 == 0 && n < 100) {
			t.Fatalf("try %d: %+v", n, v)
		}
		if !v.PausedUntil.IsZero() {
			if got := paused(b.enter(q, code(b.now))).Sub(b.now); got != pause {
				t.Fatalf("pause after %d is %v, want %v", n, got, pause)
			}
			b.now = b.now.Add(pause)
			pause = min(2*pause, 24*time.Hour)
		}
	}
	off, err := b.store.Factor(t.Context(), b.person.ID, q.Credential)
	if err != nil || !off.Disabled || off.Sealed == nil {
		t.Fatalf("%+v, %v", off, err)
	}
	q.Person.Factors = []*storage.Factor{off}
	b.now = b.now.Add(365 * 24 * time.Hour)
	if v := b.enter(q, code(b.now)); !is(v, ErrDisabled) {
		t.Errorf("right code: %+v", v)
	}
}

func TestF03OldFailuresAreForgottenAfterAnHour(t *testing.T) {
	b := newBench(t)
	q, code := b.enrol()
	for range 3 {
		for range 9 {
			if v := b.enter(q, other(code(b.now))); !v.PausedUntil.IsZero() {
				t.Fatal("paused")
			}
		}
		b.now = b.now.Add(time.Hour)
	}
	if v := b.enter(q, code(b.now)); !v.OK {
		t.Errorf("%+v", v)
	}
}

func TestF03NewCodesAndOtherAddressesGiveNoNewTries(t *testing.T) {
	b := newBench(t)
	tries := 0
	for i := range 3 {
		q := b.mail(i%2, fmt.Sprint("transaction ", i))
		code := b.mustSend(q)
		for range 4 {
			tries++
			v := b.enter(q, other(code))
			switch {
			case tries < 10 && (!is(v, ErrWrong) || !v.PausedUntil.IsZero()), tries == 10 && v.PausedUntil.IsZero(), tries > 10 && paused(v).IsZero():
				t.Fatalf("try %d: %+v", tries, v)
			}
		}
		b.now = b.now.Add(time.Minute)
	}
	q := b.mail(1, "one more")
	if v := b.enter(q, b.mustSend(q)); paused(v).IsZero() {
		t.Errorf("a fresh right code during the pause: %+v", v)
	}
}

func TestF03AContactIsNeverSwitchedOffForGood(t *testing.T) {
	b := newBench(t)
	for n := 1; n <= 120; n++ {
		q := b.mail(0, fmt.Sprint("transaction ", n))
		v := b.enter(q, "000000") // nothing was sent: still a try
		if v.DisabledNow {
			t.Fatal("switched off")
		}
		if !v.PausedUntil.IsZero() {
			b.now = b.now.Add(24 * time.Hour)
		}
	}
	b.now = b.now.Add(24 * time.Hour)
	q := b.mail(0, "the owner")
	if v := b.enter(q, b.mustSend(q)); !v.OK {
		t.Errorf("%+v", v)
	}
}

func TestF03SuccessForgivesItsOwnFactorOnly(t *testing.T) {
	b := newBench(t)
	app, code := b.enrol()
	for range 9 {
		b.enter(app, other(code(b.now)))
	}
	q := b.mail(0, "login")
	if v := b.enter(q, b.mustSend(q)); !v.OK {
		t.Fatalf("%+v", v)
	}
	if v := b.enter(app, other(code(b.now))); v.PausedUntil.IsZero() {
		t.Errorf("the mailed code forgave the app's failures: %+v", v)
	}
}

func TestF03ManyTriesAtOnceAreNotMoreThanTen(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		q, code := b.enrol()
		wrong := other(code(b.now))
		var looked, pauses atomic.Int64
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				v := b.enter(q, wrong)
				if is(v, ErrWrong) {
					looked.Add(1)
				}
				if !v.PausedUntil.IsZero() {
					pauses.Add(1)
				}
			})
		}
		all.Wait()
		if looked.Load() != 10 || pauses.Load() != 1 {
			t.Errorf("%d looked at, %d pauses", looked.Load(), pauses.Load())
		}
	})
}

func TestReplaysPauseNobodyAndForgiveNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		q := b.mail(0, "login")
		code := b.mustSend(q)
		var won atomic.Int64
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				switch v := b.enter(q, code); {
				case v.OK:
					won.Add(1)
				case !is(v, ErrExpired) || !v.PausedUntil.IsZero():
					t.Errorf("%+v", v)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d winners", won.Load())
		}
		for n := 1; n <= 10; n++ { // who knows a used code gains no guess by it
			for range 5 {
				if v := b.enter(q, code); !is(v, ErrExpired) || !v.PausedUntil.IsZero() {
					t.Fatalf("replay before guess %d: %+v", n, v)
				}
			}
			if v := b.enter(q, other(code)); !is(v, ErrExpired) || v.PausedUntil.IsZero() == (n == 10) {
				t.Fatalf("guess %d: %+v", n, v)
			}
		}
	})
}
