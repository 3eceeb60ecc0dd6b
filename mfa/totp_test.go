package mfa

import (
	"bytes"
	"encoding/base32"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

func TestEnrolConfirmUse(t *testing.T) {
	b := newBench(t)
	e, err := b.Enrol(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		t.Fatal(err)
	}
	b.reload()
	if len(b.person.Factors) != 0 {
		t.Fatal("a factor before it was confirmed")
	}
	code := codes(t, e.App.Key)
	q := Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Now: b.now}
	weak := b.now.Add(24 * time.Hour)
	confirm := func(typed string) Verdict {
		t.Helper()
		v, err := b.Confirm(t.Context(), b.store, Try{Question: q, Form: Typed(typed), Request: "request"}, weak)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := confirm(other(code(b.now))); !is(v, ErrWrong) {
		t.Errorf("wrong: %+v", v)
	}
	again, err := b.Pending(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Now: b.now})
	if err != nil || *again.App != *e.App {
		t.Errorf("shown again: %+v, %v", again, err)
	}
	v := confirm(code(b.now))
	if !v.OK || v.Event.Method != acr.TOTP || !v.Event.Own || v.Event.Credential != e.FactorID || !v.Event.At.Equal(b.now) || v.Event.Request != "request" || v.Event.ID == "" {
		t.Errorf("%+v", v)
	}
	if v := confirm(code(b.now)); !is(v, ErrExpired) {
		t.Errorf("confirmed twice: %+v", v)
	}
	if _, err := b.Pending(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Now: b.now}); !errors.Is(err, ErrNoFactor) {
		t.Errorf("the key of a factor in use is shown: %v", err)
	}
	b.reload()
	if len(b.person.Factors) != 1 || !b.person.Factors[0].RestsUntil.Equal(weak) {
		t.Fatalf("%+v", b.person.Factors)
	}
	q.Person = b.person
	if v := b.enter(q, code(b.now)); !is(v, ErrReplayed) {
		t.Errorf("the confirming code again: %+v", v)
	}
	b.now = b.now.Add(30 * time.Second)
	if v := b.enter(q, code(b.now)); !v.OK || v.Event.Method != acr.TOTP || !v.Event.Own || v.Event.Credential != e.FactorID {
		t.Errorf("%+v", v)
	}
}

func TestAPendingAppProvesNothing(t *testing.T) {
	b := newBench(t)
	e, err := b.Enrol(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		t.Fatal(err)
	}
	q := Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Now: b.now}
	if v, err := b.Verify(t.Context(), b.store, Try{Question: q, Form: Typed(codes(t, e.App.Key)(b.now))}); !errors.Is(err, ErrNoFactor) {
		t.Errorf("%+v, %v", v, err)
	}
	stranger := b.newPerson("stranger")
	q.Person = stranger
	if v, err := b.Confirm(t.Context(), b.store, Try{Question: q, Form: Typed(codes(t, e.App.Key)(b.now))}, time.Time{}); err != nil || !is(v, ErrExpired) {
		t.Errorf("somebody else confirmed it: %+v, %v", v, err)
	}
}

func TestF01ACodeIsGoodOnce(t *testing.T) {
	b := newBench(t)
	q, code := b.enrol()
	now := code(b.now)
	if v := b.enter(q, now); !v.OK {
		t.Fatalf("%+v", v)
	}
	for name, transaction := range map[string]string{"same session": "enrol", "other session": "other", "step-up after login": "step-up"} {
		q.Transaction = transaction
		if v := b.enter(q, now); !is(v, ErrReplayed) {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if v := b.enter(q, code(b.now.Add(30*time.Second))); !v.OK {
		t.Errorf("the next step: %+v", v)
	}
	if v := b.enter(q, code(b.now.Add(-30*time.Second))); !is(v, ErrReplayed) {
		t.Errorf("an earlier step after a later one: %+v", v)
	}
}

func TestF01OfManyAtOnceOneWins(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		q, code := b.enrol()
		now := code(b.now)
		var won, replayed atomic.Int64
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				v := b.enter(q, now)
				switch {
				case v.OK:
					won.Add(1)
				case is(v, ErrReplayed):
					replayed.Add(1)
				default:
					t.Errorf("%+v", v)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || replayed.Load() != 31 {
			t.Errorf("%d winners, %d replays", won.Load(), replayed.Load())
		}
	})
}

func TestF12WhatIsTakenAsACode(t *testing.T) {
	b := newBench(t)
	q, code := b.enrol()
	typed := map[string]func(string) string{
		"as shown":                func(c string) string { return c },
		"in two groups":           func(c string) string { return c[:3] + " " + c[3:] },
		"with a dash":             func(c string) string { return c[:3] + "-" + c[3:] },
		"no-break space, newline": func(c string) string { return c[:3] + "\u00a0" + c[3:] + "\r\n" },
		"full width":              digitsFrom('０'),
		"Arabic-Indic":            digitsFrom('٠'),
		"Persian":                 digitsFrom('۰'),
	}
	for name, form := range typed {
		b.now = b.now.Add(time.Minute)
		if v := b.enter(q, form(code(b.now))); !v.OK {
			t.Errorf("%s: %+v", name, v)
		}
	}
	for name, form := range map[string]func(string) string{
		"seven digits":  func(c string) string { return c + "0" },
		"five digits":   func(c string) string { return c[:5] },
		"empty":         func(string) string { return "" },
		"spaces only":   func(string) string { return "   " },
		"letters":       func(c string) string { return c[:5] + "O" },
		"Devanagari":    digitsFrom('०'),
		"not UTF-8":     func(c string) string { return c + "\xff" },
		"NUL":           func(c string) string { return c + "\x00" },
		"kilobytes":     func(c string) string { return strings.Repeat(" ", 4096) + c },
		"signed":        func(c string) string { return "+" + c },
		"an array form": func(c string) string { return "[" + c + "]" },
	} {
		b.now = b.now.Add(time.Hour)
		if v := b.enter(q, form(code(b.now))); !is(v, ErrWrong) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func digitsFrom(zero rune) func(string) string {
	return func(c string) string {
		return strings.Map(func(r rune) rune { return r - '0' + zero }, c)
	}
}

func TestF12OneStepOfDriftIsForgiven(t *testing.T) {
	for drift, ok := range map[time.Duration]bool{-60 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 60 * time.Second: false} {
		b := newBench(t)
		q, code := b.enrol()
		b.now = b.now.Add(time.Hour)
		if v := b.enter(q, code(b.now.Add(drift))); v.OK != ok {
			t.Errorf("%v: %+v", drift, v)
		}
	}
}

func TestF13TheStoredFileHoldsNoKey(t *testing.T) {
	url := storagetest.SQLite(t)
	store, err := sql.Open(t.Context(), url, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	person := *b.person
	if err := store.CreatePerson(t.Context(), &person); err != nil {
		t.Fatal(err)
	}
	e, err := b.Enrol(t.Context(), store, Question{Person: &person, Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	dump, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	key := strings.ReplaceAll(e.App.Key, " ", "")
	raw, err := base32.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(dump, []byte(e.FactorID)) || bytes.Contains(dump, []byte(key)) || bytes.Contains(dump, raw) {
		t.Error("the key can be read, or the factor is not there")
	}
}

func TestAKeyCopiedToAnotherPersonIsWorthless(t *testing.T) {
	b := newBench(t)
	e, err := b.Enrol(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.store.Factor(t.Context(), b.person.ID, e.FactorID)
	if err != nil {
		t.Fatal(err)
	}
	victim := b.newPerson("victim")
	moved := storage.Factor{ID: "moved", PersonID: victim.ID, Method: f.Method, Sealed: f.Sealed, Created: b.now, Pending: true}
	if err := b.store.PutFactor(t.Context(), &moved); err != nil {
		t.Fatal(err)
	}
	q := Question{Person: victim, Method: acr.TOTP, Credential: "moved", Now: b.now}
	if v, err := b.Confirm(t.Context(), b.store, Try{Question: q, Form: Typed(codes(t, e.App.Key)(b.now))}, time.Time{}); err == nil {
		t.Errorf("%+v", v)
	}
}

func TestTheKeyURIIsWhatAppsRead(t *testing.T) {
	b := newBench(t)
	e, err := b.Enrol(t.Context(), b.store, Question{Person: b.newPerson("mario rossi@x&y"), Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		t.Fatal(err)
	}
	k, err := otp.NewKeyFromURL(e.App.URI)
	if err != nil {
		t.Fatal(err)
	}
	if k.Type() != "totp" || k.Issuer() != "Soglia  Demo" || k.AccountName() != "mario rossi@x&y" || k.Secret() != strings.ReplaceAll(e.App.Key, " ", "") ||
		k.Period() != 30 || k.Digits() != otp.DigitsSix || k.Algorithm() != otp.AlgorithmSHA1 {
		t.Errorf("%s", e.App.URI)
	}
	if strings.Contains(e.App.URI, "+") {
		t.Errorf("a plus sign is shown as one: %s", e.App.URI)
	}
	if _, err := url.Parse(e.App.URI); err != nil {
		t.Error(err)
	}
	if groups := strings.Fields(e.App.Key); len(groups) != 8 || len(groups[0]) != 4 {
		t.Errorf("groups %q", groups)
	}
}

func TestABegunEnrolmentLastsAsLongAsARequest(t *testing.T) {
	for after, ok := range map[time.Duration]bool{time.Hour - time.Second: true, time.Hour: false} {
		b := newBench(t)
		e, err := b.Enrol(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Now: b.now}, "")
		if err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(after)
		_, err = b.Pending(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Now: b.now})
		if ok != (err == nil) || !ok && !errors.Is(err, ErrNoFactor) {
			t.Errorf("shown after %v: %v", after, err)
		}
		q := Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Now: b.now}
		v, err := b.Confirm(t.Context(), b.store, Try{Question: q, Form: Typed(codes(t, e.App.Key)(b.now))}, time.Time{})
		if err != nil || v.OK != ok || !ok && !is(v, ErrExpired) {
			t.Errorf("confirmed after %v: %+v, %v", after, v, err)
		}
	}
}
