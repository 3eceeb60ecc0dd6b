package mfa

import (
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

// number asks to switch a number on by a channel.
func (b *bench) number(m acr.Method) Question {
	return Question{Person: b.person, Method: m, Transaction: "login", Purpose: "login", Now: b.now}
}

func (b *bench) begin(m acr.Method, number string) (e *Enrolment, err error) {
	err = b.store.Tx(b.t.Context(), func(r storage.Records) error {
		e, err = b.Enrol(b.t.Context(), r, b.number(m), number)
		return err
	})
	return e, err
}

func (b *bench) confirm(m acr.Method, e *Enrolment, code string) (v Verdict) {
	b.t.Helper()
	q := b.number(m)
	q.Credential = e.FactorID
	err := b.store.Tx(b.t.Context(), func(r storage.Records) (err error) {
		v, err = b.Confirm(b.t.Context(), r, Try{Question: q, Form: Typed(code)}, time.Time{})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) mustBegin(m acr.Method, number string) (*Enrolment, string) {
	b.t.Helper()
	e, err := b.begin(m, number)
	if err != nil {
		b.t.Fatal(err)
	}
	return e, b.sent[len(b.sent)-1].Code
}

func TestANumberIsSwitchedOnByItsFirstCode(t *testing.T) {
	b := newBench(t)
	e, code := b.mustBegin(acr.SMS, phoneNumber)
	if d := b.sent[0]; e.App != nil || e.Address != phoneNumber || !e.Sent.Waiting || d.Address != phoneNumber || d.Channel != acr.SMS {
		t.Errorf("%+v, sent %+v", e, d)
	}
	b.reload()
	if len(b.person.Factors) != 0 {
		t.Errorf("a factor before its code came: %+v", b.person.Factors)
	}
	if v := b.confirm(acr.SMS, e, other(code)); !is(v, ErrWrong) {
		t.Errorf("%+v", v)
	}
	v := b.confirm(acr.SMS, e, code)
	if !v.OK || !v.Event.Own || v.Event.Credential != e.FactorID || v.Event.Address != phoneNumber || v.Event.Method != acr.SMS {
		t.Fatalf("%+v", v)
	}
	if v := b.confirm(acr.SMS, e, code); !is(v, ErrExpired) {
		t.Errorf("twice: %+v", v)
	}
	b.reload()
	if f := b.person.Factors; len(f) != 1 || f[0].Address != phoneNumber || f[0].Method != "sms" || len(f[0].Channels) != 1 {
		t.Errorf("%+v", f)
	}
}

func TestANewNumberTakesThePlaceOfTheOneThatWaits(t *testing.T) {
	b := newBench(t)
	mistyped, first := b.mustBegin(acr.SMS, "+393330000000")
	e, code := b.mustBegin(acr.SMS, phoneNumber)
	if v := b.confirm(acr.SMS, mistyped, first); !is(v, ErrExpired) {
		t.Errorf("the number before: %+v", v)
	}
	if first != code {
		if v := b.confirm(acr.SMS, e, first); !is(v, ErrWrong) {
			t.Errorf("its code at the new number: %+v", v)
		}
	}
	q := b.number(acr.SMS)
	q.Credential = e.FactorID
	if _, limit := waits(second(b.SendAgain(t.Context(), b.store, q))); limit != "resend" {
		t.Errorf("at once: %q", limit)
	}
	b.now = b.now.Add(time.Minute)
	q.Now = b.now
	if _, err := b.SendAgain(t.Context(), b.store, q); err != nil {
		t.Fatal(err)
	}
	if v := b.confirm(acr.SMS, e, b.sent[2].Code); !v.OK {
		t.Errorf("sent again: %+v", v)
	}
}

// Whoever begins by SMS, which does not arrive, and is reached by WhatsApp has proved that channel and no other.
func TestTheChannelThatCameThroughIsTheOneThatWasProved(t *testing.T) {
	b := newBench(t)
	e, bySMS := b.mustBegin(acr.SMS, phoneNumber)
	q := b.number(acr.WhatsApp)
	q.Credential = e.FactorID
	if _, err := b.SendAgain(t.Context(), b.store, q); err != nil {
		t.Fatal(err)
	}
	code := b.sent[1].Code
	if v := b.confirm(acr.WhatsApp, e, bySMS); bySMS != code && !is(v, ErrWrong) {
		t.Errorf("F06: the code of the other channel: %+v", v)
	}
	if v := b.confirm(acr.WhatsApp, e, code); !v.OK || v.Event.Method != acr.WhatsApp {
		t.Fatalf("%+v", v)
	}
	b.reload()
	if f := b.person.Factors; len(f) != 1 || f[0].Method != "whatsapp" || len(f[0].Channels) != 1 || f[0].Channels[0] != "whatsapp" {
		t.Errorf("%+v", f[0])
	}
	if _, err := b.send(b.own(acr.SMS)); !errors.Is(err, ErrNoFactor) {
		t.Errorf("a code by sms: %v", err)
	}
}

// own asks the number that is the person's factor.
func (b *bench) own(m acr.Method) Question {
	q := b.number(m)
	q.Credential = b.person.Factors[0].ID
	return q
}

func TestAnotherChannelOfANumberTakesOneCodeThroughIt(t *testing.T) {
	b := newBench(t)
	b.withPhone("sms")
	if _, err := b.send(b.own(acr.WhatsApp)); !errors.Is(err, ErrNoFactor) {
		t.Fatalf("before: %v", err)
	}
	if _, err := b.SendAgain(t.Context(), b.store, b.own(acr.WhatsApp)); err != nil {
		t.Fatal(err)
	}
	code := b.sent[0].Code
	if v := b.enter(b.on(roads[2], "login"), code); v.OK {
		t.Errorf("F06: it did as a code to the contact: %+v", v)
	}
	add := func(code string) Verdict {
		v, err := b.AddChannel(t.Context(), b.store, Try{Question: b.own(acr.WhatsApp), Form: Typed(code)})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := add(other(code)); !is(v, ErrWrong) {
		t.Errorf("%+v", v)
	}
	if v := add(code); !v.OK || v.Event.Method != acr.WhatsApp || v.Event.Credential != b.person.Factors[0].ID {
		t.Fatalf("%+v", v)
	}
	b.reload()
	b.now = b.now.Add(time.Minute)
	if q := b.own(acr.WhatsApp); !b.enter(q, b.mustSend(q)).OK {
		t.Error("and then it does not answer")
	}
	if _, err := b.AddChannel(t.Context(), b.store, Try{Question: b.own(acr.WhatsApp), Form: Typed("123456")}); !errors.Is(err, ErrNoFactor) {
		t.Errorf("twice: %v", err)
	}
}

func TestF03GuessesAtANumberAreCountedOverAllItsCodes(t *testing.T) {
	b := newBench(t)
	e, code := b.mustBegin(acr.SMS, phoneNumber)
	for range 5 {
		b.confirm(acr.SMS, e, other(code))
	}
	if v := b.confirm(acr.SMS, e, code); !is(v, ErrExpired) {
		t.Errorf("sixth try of a code: %+v", v)
	}
	e, code = b.mustBegin(acr.WhatsApp, "+393339999999")
	for range 3 {
		b.confirm(acr.WhatsApp, e, other(code))
	}
	if v := b.confirm(acr.WhatsApp, e, other(code)); v.PausedUntil.IsZero() {
		t.Errorf("tenth wrong code: %+v", v)
	}
	if v := b.confirm(acr.WhatsApp, e, code); paused(v).IsZero() {
		t.Errorf("the right code during the pause: %+v", v)
	}
}

func TestAStrangerHasUsWriteToFewNumbers(t *testing.T) {
	b := newBench(t)
	for i := range numbersPerHour + 1 {
		_, limit := waits(func() error { _, err := b.begin(acr.SMS, phoneNumber[:12]+string(rune('0'+i))); return err }())
		if (limit == "hour") != (i == numbersPerHour) {
			t.Errorf("number %d: %q", i+1, limit)
		}
	}
	if len(b.sent) != numbersPerHour {
		t.Errorf("%d sent", len(b.sent))
	}
}

func TestANumberOfAnotherPersonCannotBeNamed(t *testing.T) {
	b := newBench(t)
	e, code := b.mustBegin(acr.SMS, phoneNumber)
	mine := b.person
	b.person = b.newPerson("thief")
	q := b.number(acr.SMS)
	q.Credential = e.FactorID
	if _, err := b.SendAgain(t.Context(), b.store, q); !errors.Is(err, ErrNoFactor) {
		t.Errorf("sent again: %v", err)
	}
	if v := b.confirm(acr.SMS, e, code); !is(v, ErrExpired) {
		t.Errorf("F15: confirmed by another: %+v", v)
	}
	b.person = mine
	if v := b.confirm(acr.SMS, e, code); !v.OK {
		t.Errorf("%+v", v)
	}
}

// Whoever guesses at a stranger's number answers at one of their own now and then: that must not give back the tries.
func TestF03Q79ARightCodeAtAnotherNumberGivesNoTriesBack(t *testing.T) {
	b := newBench(t)
	e, code := b.mustBegin(acr.SMS, phoneNumber)
	for range 5 {
		b.confirm(acr.SMS, e, other(code))
	}
	mine, own := b.mustBegin(acr.SMS, "+393339999999")
	if v := b.confirm(acr.SMS, mine, own); !v.OK {
		t.Fatalf("%+v", v)
	}
	e, code = b.mustBegin(acr.WhatsApp, phoneNumber)
	var v Verdict
	for range 5 {
		v = b.confirm(acr.WhatsApp, e, other(code))
	}
	if v.PausedUntil.IsZero() {
		t.Errorf("eleven tries, ten of them wrong: %+v", v)
	}
}
