package mfa

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
)

func waits(err error) (time.Time, string) {
	var w *Wait
	if errors.As(err, &w) {
		return w.Until, w.Limit
	}
	return time.Time{}, ""
}

func TestACodeIsSentAndEntered(t *testing.T) {
	b := newBench(t)
	q := b.mail(0, "login")
	q.Why = Why{Lang: "it", Panel: "Area Clienti", Areas: []string{"DNS"}}
	if p, err := b.Prompt(t.Context(), b.store, q); err != nil || p.Waiting || p.ResendAt.After(b.now) || p.Destination != "m•••@e•••.com" {
		t.Errorf("before: %+v, %v", p, err)
	}
	p, err := b.send(q)
	if err != nil {
		t.Fatal(err)
	}
	if shown, err := b.Prompt(t.Context(), b.store, q); err != nil || shown != p {
		t.Errorf("a reload shows %+v, not %+v", shown, p)
	}
	if !p.Waiting || !p.Expires.Equal(b.now.Add(10*time.Minute)) || !p.ResendAt.Equal(b.now.Add(time.Minute)) {
		t.Errorf("%+v", p)
	}
	d := b.sent[0]
	if len(b.sent) != 1 || d.Address != "MARIO@EXAMPLE.COM" || d.Channel != acr.Email || !d.NotAfter.Equal(p.Expires) || d.Why.Panel != "Area Clienti" || len(d.Code) != 6 {
		t.Errorf("%+v", b.sent)
	}
	v := b.enter(q, d.Code[:3]+" "+d.Code[3:])
	e := v.Event
	if !v.OK || e.Method != acr.Email || e.Own || e.Credential != b.person.Contacts[0].ID || e.Address != "mario@example.com" || e.Request != "request" || !e.At.Equal(b.now) {
		t.Errorf("%+v", v)
	}
	if v := b.enter(q, d.Code); !is(v, ErrExpired) {
		t.Errorf("twice: %+v", v)
	}
	b.reload()
	for _, c := range b.person.Contacts {
		if verified := !c.VerifiedAt.IsZero(); verified != (c.ID == q.Credential) {
			t.Errorf("%s verified: %v; the first correct code verifies its own contact only", c.Canonical, verified)
		}
	}
}

func TestF06ACodeDiesAfterFiveTries(t *testing.T) {
	b := newBench(t)
	q := b.mail(0, "login")
	code := b.mustSend(q)
	for left := 4; left >= 0; left-- {
		if v := b.enter(q, other(code)); !is(v, ErrWrong) || v.Left != left {
			t.Fatalf("%+v, want %d left", v, left)
		}
	}
	if v := b.enter(q, code); !is(v, ErrExpired) {
		t.Errorf("sixth try: %+v", v)
	}
	if p, err := b.Prompt(t.Context(), b.store, q); err != nil || p.Waiting {
		t.Errorf("still waiting: %+v, %v", p, err)
	}
}

func TestF06ACodeLastsTenMinutes(t *testing.T) {
	for after, ok := range map[time.Duration]bool{10*time.Minute - time.Second: true, 10 * time.Minute: false} {
		b := newBench(t)
		q := b.mail(0, "login")
		code := b.mustSend(q)
		b.now = b.now.Add(after)
		if v := b.enter(q, code); v.OK != ok || !ok && !is(v, ErrExpired) {
			t.Errorf("after %v: %+v", after, v)
		}
	}
}

func TestF06OnlyTheNewestCodeOfATransaction(t *testing.T) {
	b := newBench(t)
	q := b.mail(0, "login")
	first := b.mustSend(q)
	b.now = b.now.Add(time.Minute)
	q.Now = b.now
	second := b.mustSend(q)
	if first != second {
		if v := b.enter(q, first); !is(v, ErrWrong) {
			t.Errorf("older: %+v", v)
		}
	}
	if v := b.enter(q, second); !v.OK {
		t.Errorf("newest: %+v", v)
	}
}

func TestF06F15ACodeIsBoundToEverythingItIsFor(t *testing.T) {
	for name, change := range map[string]func(*bench, *Question){
		"another transaction": func(_ *bench, q *Question) { q.Transaction = "the attacker's own" },
		"another purpose":     func(_ *bench, q *Question) { q.Purpose = "reset" },
		"another address":     func(b *bench, q *Question) { q.Credential = b.person.Contacts[1].ID },
		"another account":     func(b *bench, q *Question) { q.Person = b.newPerson("victim"); q.Credential = q.Person.Contacts[0].ID },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			q := b.mail(0, "login")
			code := b.mustSend(q)
			try := q
			change(b, &try)
			if v := b.enter(try, code); !is(v, ErrExpired) {
				t.Errorf("nothing sent there: %+v", v)
			}
			b.now = b.now.Add(time.Minute)
			try.Now = b.now
			mine := b.mustSend(try)
			if code != mine {
				if v := b.enter(try, code); !is(v, ErrWrong) {
					t.Errorf("with a code of its own waiting: %+v", v)
				}
			}
		})
	}
}

func TestF07ThePaceHoldsOverAllTransactions(t *testing.T) {
	b := newBench(t)
	begin := b.now
	b.mustSend(b.mail(0, "one"))
	b.now = b.now.Add(59 * time.Second)
	until, limit := waits(second(b.send(b.mail(0, "another session"))))
	if !until.Equal(begin.Add(time.Minute)) || limit != "resend" {
		t.Errorf("until %v, %q", until, limit)
	}
	p, err := b.Prompt(t.Context(), b.store, b.mail(0, "another session"))
	if err != nil || p.Waiting || !p.ResendAt.Equal(until) {
		t.Errorf("the other session shows %+v, %v", p, err)
	}
	if _, err := b.send(b.mail(1, "another address")); err != nil {
		t.Errorf("another address: %v", err)
	}
	b.now = b.now.Add(time.Second)
	for range 4 {
		b.mustSend(b.mail(0, "one"))
		b.now = b.now.Add(time.Minute)
	}
	if until, limit := waits(second(b.send(b.mail(0, "sixth")))); !until.Equal(begin.Add(time.Hour)) || limit != "hour" {
		t.Errorf("sixth in an hour: until %v, %q", until, limit)
	}
	b.now = begin.Add(time.Hour)
	b.known("laptop")
	at := func(transaction, browser string) Question {
		q := b.mail(0, transaction)
		q.Browser = browser
		return q
	}
	for range 5 {
		for _, browser := range []string{"", "another"} { // Q46: half of the day is kept for browsers that are known
			if until, limit := waits(second(b.send(at("two", browser)))); !until.Equal(begin.Add(24*time.Hour)) || limit != "day" {
				t.Errorf("a browser that is not known: until %v, %q", until, limit)
			}
		}
		b.mustSend(at("two", "laptop"))
		b.now = b.now.Add(time.Minute)
	}
	b.now = begin.Add(3 * time.Hour)
	if until, limit := waits(second(b.send(at("eleventh", "laptop")))); !until.Equal(begin.Add(24*time.Hour)) || limit != "day" {
		t.Errorf("eleventh in a day: until %v, %q", until, limit)
	}
	if len(b.sent) != 11 {
		t.Errorf("%d sent", len(b.sent))
	}
}

// known makes a browser one in which the person completed a second step.
func (b *bench) known(browser string) {
	b.t.Helper()
	if _, err := b.store.Bump(b.t.Context(), DeviceKey(b.box, b.person.ID, browser), 180*day, b.now); err != nil {
		b.t.Fatal(err)
	}
}

// Who has the password can begin a session in any browser. That makes it known on another day only.
func TestQ46ABrowserIsKnownADayAfterItsFirstSession(t *testing.T) {
	b := newBench(t)
	q := b.mail(0, "login")
	q.Browser = "laptop"
	s := sentCode{acr.Email, b.box, b.config, nil, nil}
	known := func() bool {
		t.Helper()
		q.Now = b.now
		known, err := s.known(t.Context(), b.store, q)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	if known() {
		t.Error("never seen")
	}
	if _, err := b.store.Bump(t.Context(), SeenKey(b.box, b.person.ID, "laptop"), 180*day, b.now); err != nil {
		t.Fatal(err)
	}
	if b.now = b.now.Add(day); known() {
		t.Error("known within the day")
	}
	if b.now = b.now.Add(time.Second); !known() {
		t.Error("not known after it")
	}
	if q.Browser = "another"; known() {
		t.Error("another browser")
	}
}

// Of requests that follow one that is over two need not wait. What decides is one row: of ten at once one sends.
func TestQ46TenThatFollowAFinishedRequestSendOneMessage(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		q := b.mail(0, "used")
		if v := b.enter(q, b.mustSend(q)); !v.OK {
			t.Fatal(v.Cause)
		}
		var sent atomic.Int64
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				_, err := b.send(b.mail(0, strings.Repeat("s", i+1)))
				if err == nil {
					sent.Add(1)
				} else if _, limit := waits(err); limit == "" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if sent.Load() != 1 || len(b.sent) != 2 {
			t.Errorf("%d sent, %d messages in all", sent.Load(), len(b.sent))
		}
	})
}

func second(_ Prompt, err error) error { return err }

func TestF07RefusedResendsAreNotCounted(t *testing.T) {
	b := newBench(t)
	b.mustSend(b.mail(0, "one"))
	for range 20 {
		if _, limit := waits(second(b.send(b.mail(0, "one")))); limit != "resend" {
			t.Fatalf("limit %q", limit)
		}
	}
	b.now = b.now.Add(time.Minute)
	b.mustSend(b.mail(0, "one"))
}

func TestF07TenSessionsAtOnceSendOneMessage(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		var sent, waited atomic.Int64
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				switch _, err := b.send(b.mail(0, strings.Repeat("s", i+1))); {
				case err == nil:
					sent.Add(1)
				case !func() bool { _, l := waits(err); return l == "" }():
					waited.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if sent.Load() != 1 || waited.Load() != 9 || len(b.sent) != 1 {
			t.Errorf("%d sent, %d waited, %d messages", sent.Load(), waited.Load(), len(b.sent))
		}
	})
}

func TestNoCodeWithoutItsMessage(t *testing.T) {
	b := newBench(t)
	b.fail = errors.New("outbox full")
	if _, err := b.send(b.mail(0, "one")); !errors.Is(err, b.fail) {
		t.Errorf("%v", err)
	}
	b.fail = nil
	if p, err := b.Prompt(t.Context(), b.store, b.mail(0, "one")); err != nil || p.Waiting {
		t.Errorf("a code waits that nobody was sent: %+v, %v", p, err)
	}
	b.mustSend(b.mail(0, "one")) // nor does the pace remember it
}

func TestCodesAreStoredKeyed(t *testing.T) {
	b := newBench(t)
	q := b.mail(0, "login")
	code := b.mustSend(q)
	stored, err := b.store.LatestCode(t.Context(), "login", "login")
	if err != nil {
		t.Fatal(err)
	}
	if len(stored.MAC) != 32 || strings.Contains(string(stored.MAC), code) {
		t.Errorf("%x", stored.MAC)
	}
}

func TestMaskedAddressesStayRecognisable(t *testing.T) {
	for in, want := range map[string]string{
		"mario@example.com": "m•••@e•••.com", "é@mail.example.it": "é•••@m•••.it", "a@localhost": "a•••@l•••", "+393331234567": "••• ••• 567", "12": "•••", "": "",
	} {
		if got := Mask(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// Q04: a prompt knows why no code counts, from the code alone.
func TestQ04APromptSaysWhyACodeDoesNotCount(t *testing.T) {
	for gone, c := range map[Gone]func(b *bench, q *Question){
		Elsewhere: func(_ *bench, q *Question) { q.Transaction = "another" },
		Moved:     func(b *bench, q *Question) { q.Credential = b.person.Contacts[1].ID },
		Tried: func(b *bench, q *Question) {
			for range 5 {
				b.enter(*q, other(b.sent[0].Code))
			}
		},
		Over:    func(b *bench, q *Question) { b.enter(*q, b.sent[0].Code) },
		Expired: func(b *bench, q *Question) { q.Now = b.now.Add(10 * time.Minute) },
		"":      func(*bench, *Question) {},
	} {
		b := newBench(t)
		q := b.mail(0, "login")
		b.mustSend(q)
		c(b, &q)
		if p, err := b.Prompt(t.Context(), b.store, q); err != nil || p.Gone != gone || p.Waiting != (gone == "") {
			t.Errorf("%q: %+v, %v", gone, p, err)
		}
	}
	b := newBench(t)
	q := b.mail(0, "login")
	b.mustSend(q)
	if err := b.store.DropCodes(t.Context(), q.Transaction, q.Purpose, b.now); err != nil {
		t.Fatal(err)
	}
	if p, err := b.Prompt(t.Context(), b.store, q); err != nil || p.Gone != Over {
		t.Errorf("cancelled: %+v, %v", p, err)
	}
}
