package mfa

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// bench has a person with two mail addresses and no factor, and keeps what would have been sent.
type bench struct {
	*Factors
	t      *testing.T
	store  *sql.Store
	person *storage.Person
	now    time.Time

	mu   sync.Mutex
	sent []Delivery
	fail error // of the send hook
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchOn(t, storagetest.SQLite(t))
}

// engines are where races are run: they wait for each other's rows in different ways.
var engines = map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres}

func onEachEngine(t *testing.T, f func(*testing.T, *bench)) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) { f(t, newBenchOn(t, url(t))) })
	}
}

func newBenchOn(t *testing.T, url string) *bench {
	t.Helper()
	store, err := sql.Open(t.Context(), url, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{
		Policy:   &acr.Policy{Countries: []string{"CH", "FR", "IT"}},
		Channels: config.Channels{"email": {{Driver: "smtp"}}, "sms": {{Driver: "mobyt"}}, "whatsapp": {{Driver: "meta_cloud"}}},
		Factors: config.Factors{
			TOTP:  config.TOTP{Issuer: "Soglia: Demo"},
			Codes: config.Codes{Digits: 6, TTL: 10 * time.Minute, Tries: 5, ResendAfter: time.Minute, PerHour: map[string]int{"email": 5, "sms": 3, "whatsapp": 4}, PerDay: map[string]int{"email": 10, "sms": 8, "whatsapp": 12}},
		},
		Lifetimes: config.Lifetimes{Request: time.Hour},
		Limits:    config.Limits{FactorFailures: 10, FactorWindow: time.Hour, FactorPause: 15 * time.Minute, FactorDisable: 100},
	}
	b := &bench{t: t, store: store, now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	b.Factors = New(box, func() *config.Config { return cfg }, func(_ context.Context, _ storage.Records, d Delivery) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.fail == nil {
			b.sent = append(b.sent, d)
		}
		return b.fail
	})
	b.person = b.newPerson("mario")
	return b
}

func (b *bench) newPerson(name string) *storage.Person {
	b.t.Helper()
	p := &storage.Person{ID: secret.NewID(), Username: name, Canonical: name, Created: b.now}
	for _, a := range []string{name + "@example.com", name + "@example.net"} {
		p.Contacts = append(p.Contacts, &storage.Contact{ID: secret.NewID(), PersonID: p.ID, Channel: "email", Address: strings.ToUpper(a), Canonical: a, Created: b.now})
	}
	if err := b.store.CreatePerson(b.t.Context(), p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// mail asks about the person's n-th address, in a transaction of that name.
func (b *bench) mail(n int, transaction string) Question {
	return Question{Person: b.person, Method: acr.Email, Credential: b.person.Contacts[n].ID, Transaction: transaction, Purpose: "login", Now: b.now}
}

func (b *bench) send(q Question) (Prompt, error) {
	var p Prompt
	err := b.store.Tx(b.t.Context(), func(r storage.Records) (err error) {
		p, err = b.Challenge(b.t.Context(), r, q)
		return err
	})
	return p, err
}

// mustSend sends and returns the code.
func (b *bench) mustSend(q Question) string {
	b.t.Helper()
	if _, err := b.send(q); err != nil {
		b.t.Fatal(err)
	}
	return b.sent[len(b.sent)-1].Code
}

// enter tries a code the way handlers do: commit, then look at the verdict.
func (b *bench) enter(q Question, code string) Verdict {
	b.t.Helper()
	q.Now = b.now
	var v Verdict
	err := b.store.Tx(b.t.Context(), func(r storage.Records) (err error) {
		v, err = b.Verify(b.t.Context(), r, Try{Question: q, Form: Typed(code), Request: "request"})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if v.OK == (v.Cause != nil) {
		b.t.Fatalf("verdict %+v", v)
	}
	return v
}

// enrol switches an app on and returns the question it answers, and its code at a time.
func (b *bench) enrol() (Question, func(time.Time) string) {
	b.t.Helper()
	e, err := b.Enrol(b.t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		b.t.Fatal(err)
	}
	code := codes(b.t, e.App.Key)
	q := Question{Person: b.person, Method: acr.TOTP, Credential: e.FactorID, Transaction: "enrol", Now: b.now}
	v, err := b.Confirm(b.t.Context(), b.store, Try{Question: q, Form: Typed(code(b.now))}, time.Time{})
	if err != nil || !v.OK {
		b.t.Fatalf("%+v, %v", v, err)
	}
	b.reload()
	b.now = b.now.Add(time.Minute)
	q.Person, q.Now = b.person, b.now
	return q, code
}

func codes(t *testing.T, key string) func(time.Time) string {
	return func(at time.Time) string {
		t.Helper()
		code, err := totp.GenerateCode(strings.ReplaceAll(key, " ", ""), at)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
}

func (b *bench) reload() {
	b.t.Helper()
	p, err := b.store.Person(b.t.Context(), b.person.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	b.person = p
}

// other returns a code that is not this one.
func other(code string) string {
	last := '0' + (code[len(code)-1]-'0'+1)%10
	return code[:len(code)-1] + string(rune(last))
}

func is(v Verdict, cause error) bool { return errors.Is(v.Cause, cause) }

func paused(v Verdict) time.Time {
	var p *Paused
	if errors.As(v.Cause, &p) {
		return p.Until
	}
	return time.Time{}
}

func TestUnknownFactorsAreAnError(t *testing.T) {
	b := newBench(t)
	stranger := b.newPerson("stranger")
	for name, q := range map[string]Question{
		"a method without a code": {Person: b.person, Method: acr.Passkey},
		"a channel not built":     {Person: b.person, Method: acr.SMS, Credential: b.person.Contacts[0].ID},
		"somebody else's contact": {Person: b.person, Method: acr.Email, Credential: stranger.Contacts[0].ID},
		"no contact":              {Person: b.person, Method: acr.Email},
		"no app":                  {Person: b.person, Method: acr.TOTP, Credential: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := b.Prompt(t.Context(), b.store, q); !errors.Is(err, ErrNoFactor) {
				t.Errorf("prompt: %v", err)
			}
			if _, err := b.Challenge(t.Context(), b.store, q); !errors.Is(err, ErrNoFactor) {
				t.Errorf("challenge: %v", err)
			}
			if _, err := b.Verify(t.Context(), b.store, Try{Question: q, Form: Typed("123456")}); !errors.Is(err, ErrNoFactor) {
				t.Errorf("verify: %v", err)
			}
		})
	}
	if len(b.sent) != 0 {
		t.Error("something was sent")
	}
}

func TestReasonsForTheAuditRecord(t *testing.T) {
	for want, cause := range map[string]error{
		"": nil, "wrong": ErrWrong, "replayed": ErrReplayed, "expired": ErrExpired, "disabled": ErrDisabled, "paused": &Paused{},
	} {
		if got := Reason(cause); got != want {
			t.Errorf("%v: %q", cause, got)
		}
	}
}

func TestKeyIs160Bits(t *testing.T) {
	b := newBench(t)
	e, err := b.Enrol(t.Context(), b.store, Question{Person: b.person, Method: acr.TOTP, Now: b.now}, "")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(e.App.Key, " ", ""))
	if err != nil || len(raw) != 20 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
