package mfa

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

const phoneNumber = "+393331234567"

// road is a way by which a code is asked for and answered.
type road struct {
	name    string
	own     bool
	channel acr.Method
}

var roads = []road{
	{"a contact by mail", false, acr.Email}, {"a contact by sms", false, acr.SMS}, {"a contact by whatsapp", false, acr.WhatsApp},
	{"an own number by sms", true, acr.SMS}, {"an own number by whatsapp", true, acr.WhatsApp},
}

// withPhone gives the person a number on file, and makes it an own factor by those channels.
func (b *bench) withPhone(channels ...string) {
	b.t.Helper()
	ctx := b.t.Context()
	c := &storage.Contact{ID: "phone " + b.person.ID, PersonID: b.person.ID, Channel: "phone", Address: "+39 333 123 4567", Canonical: phoneNumber, Created: b.now}
	if err := b.store.PutContact(ctx, c); err != nil {
		b.t.Fatal(err)
	}
	if len(channels) > 0 {
		f := &storage.Factor{ID: "own " + b.person.ID, PersonID: b.person.ID, Method: channels[0], Address: phoneNumber, Channels: channels, Created: b.now}
		if err := b.store.PutFactor(ctx, f); err != nil {
			b.t.Fatal(err)
		}
	}
	b.reload()
}

// on asks by a road, in a transaction of that name.
func (b *bench) on(r road, transaction string) Question {
	q := Question{Person: b.person, Method: r.channel, Transaction: transaction, Purpose: "login", Now: b.now}
	switch {
	case r.own:
		q.Credential = "own " + b.person.ID
	case r.channel == acr.Email:
		for _, c := range b.person.Contacts {
			if c.Canonical == b.person.Username+"@example.com" {
				q.Credential = c.ID
			}
		}
	default:
		q.Credential = "phone " + b.person.ID
	}
	return q
}

func onEachRoad(t *testing.T, f func(*testing.T, *bench, road)) {
	for _, r := range roads {
		t.Run(r.name, func(t *testing.T) {
			b := newBench(t)
			if b.withPhone(); r.own {
				b.withPhone("sms", "whatsapp")
			}
			f(t, b, r)
		})
	}
}

func TestF01ASentCodeIsGoodOnceOnEachRoad(t *testing.T) {
	onEachRoad(t, func(t *testing.T, b *bench, r road) {
		q := b.on(r, "login")
		code := b.mustSend(q)
		if d := b.sent[0]; d.Channel != r.channel || r.channel != acr.Email && d.Address != phoneNumber {
			t.Errorf("sent %+v", d)
		}
		v := b.enter(q, code)
		if e := v.Event; !v.OK || e.Method != r.channel || e.Own != r.own || e.Credential != q.Credential {
			t.Fatalf("%+v", v)
		}
		for _, transaction := range []string{"login", "another session"} {
			q.Transaction = transaction
			if v := b.enter(q, code); !is(v, ErrExpired) {
				t.Errorf("again, in %s: %+v", transaction, v)
			}
		}
		b.reload()
		for _, c := range b.person.Contacts {
			if c.Channel == r.channel.Facts().Contact && c.Canonical != "mario@example.net" && c.VerifiedAt.IsZero() {
				t.Errorf("%s is not verified by its first right code", c.Canonical)
			}
		}
	})
}

func TestF03GuessesPauseOnEachRoad(t *testing.T) {
	onEachRoad(t, func(t *testing.T, b *bench, r road) {
		q := b.on(r, "login")
		code := b.mustSend(q)
		for n := 1; n <= 10; n++ {
			if n == 6 { // the code is dead; a fresh one gives no new tries
				b.now = b.now.Add(time.Minute)
				q.Now, q.Transaction = b.now, "another"
				code = b.mustSend(q)
			}
			if v := b.enter(q, other(code)); v.OK || v.PausedUntil.IsZero() == (n == 10) {
				t.Fatalf("try %d: %+v", n, v)
			}
		}
		if v := b.enter(q, code); paused(v).IsZero() {
			t.Errorf("the right code during the pause: %+v", v)
		}
	})
}

func TestF03SMSAndWhatsAppOfANumberShareTheirTries(t *testing.T) {
	b := newBench(t)
	b.withPhone("sms", "whatsapp")
	texts, chats := b.on(roads[3], "one"), b.on(roads[4], "two")
	bySMS, byWhatsApp := b.mustSend(texts), b.mustSend(chats)
	for range 5 {
		b.enter(texts, other(bySMS))
	}
	for n := range 5 {
		if v := b.enter(chats, other(byWhatsApp)); v.PausedUntil.IsZero() == (n == 4) {
			t.Fatalf("try %d by the other channel: %+v", n+1, v)
		}
	}
	if v := b.enter(chats, byWhatsApp); paused(v).IsZero() {
		t.Errorf("%+v", v)
	}
}

func TestF06ACodeDiesOnEachRoad(t *testing.T) {
	onEachRoad(t, func(t *testing.T, b *bench, r road) {
		q := b.on(r, "tries")
		code := b.mustSend(q)
		for left := 4; left >= 0; left-- {
			if v := b.enter(q, other(code)); !is(v, ErrWrong) || v.Left != left {
				t.Fatalf("%+v, want %d left", v, left)
			}
		}
		if v := b.enter(q, code); !is(v, ErrExpired) {
			t.Errorf("sixth try: %+v", v)
		}
		b.now = b.now.Add(2 * time.Hour)
		late := b.on(r, "time")
		code = b.mustSend(late)
		b.now = b.now.Add(10 * time.Minute)
		if v := b.enter(late, code); !is(v, ErrExpired) {
			t.Errorf("after ten minutes: %+v", v)
		}
		newest := b.on(r, "newest")
		first := b.mustSend(newest)
		b.now = b.now.Add(time.Minute)
		newest.Now = b.now
		if second := b.mustSend(newest); first != second {
			if v := b.enter(newest, first); !is(v, ErrWrong) {
				t.Errorf("an older one: %+v", v)
			}
		}
	})
}

// A code of one road is worthless on every other, whether a code of that is on its way in the same transaction or not.
func TestF06F15ACodeIsWorthlessOnAnyOtherRoad(t *testing.T) {
	for _, from := range roads {
		for _, to := range roads {
			if from == to {
				continue
			}
			b := newBench(t)
			b.withPhone("sms", "whatsapp")
			code := b.mustSend(b.on(from, "login"))
			if v := b.enter(b.on(to, "login"), code); !is(v, ErrExpired) {
				t.Errorf("%s on %s: %+v", from.name, to.name, v)
			}
			apart := b.on(to, "apart")
			apart.Purpose = "account"
			if v := b.enter(apart, code); !is(v, ErrExpired) {
				t.Errorf("%s on %s, elsewhere: %+v", from.name, to.name, v)
			}
			b.now = b.now.Add(time.Minute)
			if mine := b.mustSend(b.on(to, "login")); mine != code {
				if v := b.enter(b.on(to, "login"), code); !is(v, ErrWrong) {
					t.Errorf("%s on %s, beside one of its own: %+v", from.name, to.name, v)
				}
			}
		}
	}
}

func TestF07EachChannelHasItsPaceAndANumberHasOne(t *testing.T) {
	b := newBench(t)
	b.withPhone("sms", "whatsapp")
	contact, own, chats := roads[1], roads[3], roads[4]
	b.mustSend(b.on(contact, "one"))
	if _, limit := waits(second(b.send(b.on(own, "two")))); limit != "resend" {
		t.Errorf("the same number as a factor: %q", limit)
	}
	b.mustSend(b.on(chats, "two")) // another channel need not wait
	for i, r := range []road{own, contact} {
		b.now = b.now.Add(time.Minute)
		b.mustSend(b.on(r, fmt.Sprint(i)))
	}
	b.now = b.now.Add(time.Minute)
	for _, r := range []road{own, contact} {
		if _, limit := waits(second(b.send(b.on(r, "fourth")))); limit != "hour" {
			t.Errorf("%s, the fourth in an hour: %q", r.name, limit)
		}
	}
	for range 3 {
		b.mustSend(b.on(chats, "whatsapp has its own"))
		b.now = b.now.Add(time.Minute)
	}
	if _, limit := waits(second(b.send(b.on(chats, "fifth")))); limit != "hour" {
		t.Errorf("the fifth by whatsapp: %q", limit)
	}
}

func TestF07OfTenSessionsAtOnceOneSendsOnEachRoad(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.withPhone("sms", "whatsapp")
		for _, r := range roads {
			before, won := len(b.sent), atomic.Int32{}
			var all sync.WaitGroup
			for i := range 10 {
				all.Go(func() {
					if _, err := b.send(b.on(r, fmt.Sprint("session ", i))); err == nil {
						won.Add(1)
					} else if _, limit := waits(err); limit == "" {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if won.Load() != 1 || len(b.sent)-before != 1 {
				t.Errorf("%s: %d won, %d sent", r.name, won.Load(), len(b.sent)-before)
			}
			b.now = b.now.Add(time.Minute) // for the next road to the same number
		}
	})
}

func TestF01OfFiftyParallelEntriesOneWinsOnEachRoad(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.withPhone("sms", "whatsapp")
		for _, r := range roads {
			b.now = b.now.Add(2 * time.Minute)
			q := b.on(r, r.name)
			code := b.mustSend(q)
			won := atomic.Int32{}
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					err := b.store.Tx(context.Background(), func(db storage.Records) error {
						v, err := b.Verify(context.Background(), db, Try{Question: q, Form: Typed(code)})
						if v.OK {
							won.Add(1)
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if won.Load() != 1 {
				t.Errorf("%s: %d won", r.name, won.Load())
			}
		}
	})
}
