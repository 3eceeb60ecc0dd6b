package mfa

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// between is a store in which something happens right before a transaction.
type between struct {
	storage.Store
	happens func()
}

func (b between) Tx(ctx context.Context, f func(storage.Records) error) error {
	b.happens()
	return b.Store.Tx(ctx, f)
}

// again is a store whose transactions are run twice, as after a lost race; the first time is undone.
type again struct{ storage.Store }

func (a again) Tx(ctx context.Context, f func(storage.Records) error) error {
	lost := errors.New("lost")
	err := a.Store.Tx(ctx, func(r storage.Records) error { return errors.Join(f(r), lost) })
	if !errors.Is(err, lost) {
		return err
	}
	return a.Store.Tx(ctx, f)
}

func unrecorded(storage.Records) error { return nil }

// Two tabs open the page at once: one sends, and both ask for that code.
func TestOfTwoTabsThatAskAtOnceBothAskForTheCodeThatWasSent(t *testing.T) {
	b := newBench(t)
	q := b.mail(0, "one")
	store := between{b.store, func() { b.mustSend(q) }}
	p, err := b.Ask(t.Context(), store, q, unrecorded)
	if err != nil || !p.Waiting || !p.Expires.Equal(q.Now.Add(10*time.Minute)) || !p.ResendAt.Equal(q.Now.Add(time.Minute)) || len(b.sent) != 1 {
		t.Errorf("%d messages, and the slower tab shows %+v, %v", len(b.sent), p, err)
	}
}

func TestWhatIsAskedIsWhatWasStored(t *testing.T) {
	refused := errors.New("the audit is full")
	for name, c := range map[string]struct {
		store   func(storage.Store) storage.Store
		before  int // codes sent to the same address for other requests
		sent    func(storage.Records) error
		err     error
		waiting bool
		resend  time.Duration
	}{
		"sent":                    {waiting: true, resend: time.Minute},
		"the transaction twice":   {store: func(s storage.Store) storage.Store { return again{s} }, waiting: true, resend: time.Minute},
		"sent for another":        {before: 1, resend: time.Minute},
		"enough for the hour":     {before: 5, resend: time.Hour},
		"its record is not taken": {sent: func(storage.Records) error { return refused }, err: refused},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			first := b.now
			for range c.before {
				b.mustSend(Question{
					Person: b.person, Method: "email", Credential: b.person.Contacts[0].ID, Transaction: "other", Purpose: "login", Now: b.now,
				})
				if c.before > 1 {
					b.now = b.now.Add(time.Minute)
				}
			}
			var store storage.Store = b.store
			if c.store != nil {
				store = c.store(store)
			}
			if c.sent == nil {
				c.sent = unrecorded
			}
			p, err := b.Ask(t.Context(), store, b.mail(0, "one"), c.sent)
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			now, perr := b.Prompt(t.Context(), b.store, b.mail(0, "one"))
			if perr != nil || now.Waiting != c.waiting {
				t.Errorf("stored: %+v, %v", now, perr)
			}
			if c.err == nil && (p.Waiting != c.waiting || !p.ResendAt.Equal(first.Add(c.resend))) {
				t.Errorf("asked: %+v", p)
			}
		})
	}
	b := newBench(t)
	q := b.mail(0, "one")
	q.Credential = "somebody else's"
	if _, err := b.Ask(t.Context(), b.store, q, unrecorded); !errors.Is(err, ErrNoFactor) {
		t.Errorf("an address that is not the person's: %v", err)
	}
	if _, err := b.Send(t.Context(), b.store, q, unrecorded); !errors.Is(err, ErrNoFactor) || len(b.sent) != 0 {
		t.Errorf("an address that is not the person's: %v, %d messages", err, len(b.sent))
	}
}
