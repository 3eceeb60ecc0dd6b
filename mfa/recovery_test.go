package mfa

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

func TestRecoveryCodesAreReadHoweverTheyAreTyped(t *testing.T) {
	const want = "7kqdm3xapz2whn4t"
	for typed, good := range map[string]bool{
		"7kqd-m3xa-pz2w-hn4t": true, "7KQD M3XA PZ2W HN4T": true, " 7kqdm3xapz2whn4t\n": true, "7kqd–m3xa—pz2w.hn4t": true, "7kqd\u00a0m3xa\u2009pz2w\u3000hn4t": true,
		"": false, "7kqd": false, "7kqd-m3xa-pz2w-hn4t-7": false, "7kqd-m3xa-pz2w-hn4!": false, strings.Repeat("a", 100): false, "８kqd-m3xa-pz2w-hn4t": false,
	} {
		if got := NormaliseRecovery(typed); (got == want) != good {
			t.Errorf("%q: %q", typed, got)
		}
	}
	if NormaliseRecovery("0000-1111-aaaa-aaaa") != NormaliseRecovery("oooo-llll-aaaa-aaaa") {
		t.Error("a zero is read as something else than the letter it stands for")
	}
}

// withRecovery has an app and ten recovery codes.
func withRecovery(t *testing.T, b *bench) []string {
	t.Helper()
	b.config = func() *config.Config {
		return &config.Config{
			Factors: config.Factors{Recovery: 10},
			Limits:  config.Limits{FactorFailures: 10, FactorWindow: time.Hour, FactorPause: 15 * time.Minute, FactorDisable: 100},
		}
	}
	err := b.store.PutFactor(t.Context(), &storage.Factor{ID: "app-" + b.person.ID, PersonID: b.person.ID, Method: string(acr.TOTP), Created: b.now})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := b.NewRecoveryCodes(t.Context(), b.store, b.person, b.now)
	if err != nil || len(fresh.Codes) != 10 {
		t.Fatalf("%d codes, %v", len(fresh.Codes), err)
	}
	err = b.store.Tx(t.Context(), func(r storage.Records) error {
		return b.ConfirmRecoveryCodes(t.Context(), r, b.person, fresh.Ticket, fresh.Codes[5], time.Time{}, b.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.person, err = b.store.Person(t.Context(), b.person.ID); err != nil || b.person.RecoveryCodes != 10 {
		t.Fatalf("%d codes kept, %v", b.person.RecoveryCodes, err)
	}
	return fresh.Codes
}

// verifyRecovery tries a code in a transaction of its own, as login does.
func verifyRecovery(t *testing.T, b *bench, person *storage.Person, code string) Verdict {
	t.Helper()
	var v Verdict
	err := b.store.Tx(t.Context(), func(r storage.Records) (err error) {
		v, err = b.Verify(t.Context(), r, Try{Question: Question{Person: person, Method: acr.Recovery, Now: b.now}, Form: Typed(code), Request: "q"})
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return v
}

func TestOfManyUsesOfOneRecoveryCodeAtOnceOneIsRight(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		codes := withRecovery(t, b)
		var (
			wg  sync.WaitGroup
			mu  sync.Mutex
			got int
		)
		for range 8 {
			wg.Go(func() {
				if v := verifyRecovery(t, b, b.person, codes[0]); v.OK {
					mu.Lock()
					got++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if got != 1 {
			t.Errorf("%d uses were right, want 1", got)
		}
		v := verifyRecovery(t, b, b.person, codes[1])
		if !v.OK || v.Left != 8 || v.Event.Method != acr.Recovery || !v.Event.Own || v.Event.Request != "q" {
			t.Errorf("the next code: %+v", v)
		}
	})
}

func TestARecoveryCodeIsItsOwnersAndNothingWithoutAFactor(t *testing.T) {
	b := newBench(t)
	codes := withRecovery(t, b)
	other := b.newPerson("luigi")
	err := b.store.Tx(t.Context(), func(r storage.Records) error {
		_, err := b.Verify(t.Context(), r, Try{Question: Question{Person: other, Method: acr.Recovery, Now: b.now}, Form: Typed(codes[0])})
		return err
	})
	if !errors.Is(err, ErrNoFactor) {
		t.Errorf("somebody without a factor: %v", err)
	}
	if err := b.store.PutFactor(t.Context(), &storage.Factor{ID: "app-luigi", PersonID: other.ID, Method: string(acr.TOTP), Created: b.now}); err != nil {
		t.Fatal(err)
	}
	if other, err = b.store.Person(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if v := verifyRecovery(t, b, other, codes[0]); v.OK || !errors.Is(v.Cause, ErrWrong) {
		t.Errorf("another person's code: %+v", v)
	}
	if v := verifyRecovery(t, b, b.person, codes[0]); !v.OK {
		t.Errorf("its owner's: %+v", v)
	}
	if v := verifyRecovery(t, b, b.person, codes[0]); v.OK || Reason(v.Cause) != "replayed" {
		t.Errorf("again: %+v", v)
	}
}

// Q63: the event remembers that its code rested, or codes that take their place would ripen it.
func TestQ63TheEventOfAReserveCodeRemembersThatItRested(t *testing.T) {
	b := newBench(t)
	codes := withRecovery(t, b)
	for i, rests := range map[int]time.Duration{0: 0, 1: time.Hour, 2: -time.Hour} {
		until := time.Time{}
		if rests != 0 {
			until = b.now.Add(rests)
		}
		if err := b.store.RestRecoveryCodes(t.Context(), b.person.ID, until); err != nil {
			t.Fatal(err)
		}
		person, err := b.store.Person(t.Context(), b.person.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v := verifyRecovery(t, b, person, codes[i]); !v.OK || v.Event.Resting != (rests > 0) {
			t.Errorf("codes that rest for another %v: %+v", rests, v)
		}
	}
}
