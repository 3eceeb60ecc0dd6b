package mfa

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// A number becomes an own factor by a code that is answered as one to a contact is: what is asked and judged here is a sent code like any other, whose
// recipient is the row that waits to be confirmed.

// purposeEnrol keeps codes that switch a number on apart from all others: one is worthless for the other (docs/security.md F06).
const purposeEnrol = "enrol"

// purposeVerify is theirs where the number only becomes a contact.
const purposeVerify = "verify"

// numbersPerHour is how many numbers one person may try to switch on in an hour.
const numbersPerHour = 5

// asIf is the question of a code to a number as if it were the person's factor by this channel already. The enrolment is the
// transaction: its row has an id that nobody else knows, and goes with the next one.
func (s sentCode) asIf(q Question, row *storage.Factor) Question {
	own, person := *row, *q.Person
	own.Pending, own.Channels = false, append(slices.Clone(row.Channels), string(s.channel))
	others := slices.DeleteFunc(slices.Clone(person.Factors), func(f *storage.Factor) bool { return f.ID == row.ID })
	person.Factors = append(others, &own)
	q.Person, q.Method, q.Credential, q.Transaction, q.Purpose = &person, s.channel, row.ID, row.ID, purposeEnrol
	if q.OnlyContact {
		q.Purpose = purposeVerify
	}
	return q
}

func (s sentCode) begin(ctx context.Context, r storage.Records, row *storage.Factor, q Question) (*Enrolment, error) {
	if row.Address == "" || s.channel.Facts().Contact != "phone" {
		return nil, ErrNoFactor
	}
	hits, err := r.Bump(ctx, "mfa.numbers."+row.PersonID, time.Hour, q.Now)
	if err != nil {
		return nil, err
	}
	if hits.Count > numbersPerHour {
		return nil, &Wait{hits.Since.Add(time.Hour), "hour"}
	}
	row.Channels = []string{string(s.channel)}
	return s.enrolment(row)(s.challenge(ctx, r, s.asIf(q, row)))
}

func (s sentCode) again(ctx context.Context, r storage.Records, row *storage.Factor, q Question) (*Enrolment, error) {
	return s.enrolment(row)(s.prompt(ctx, r, s.asIf(q, row)))
}

func (s sentCode) enrolment(row *storage.Factor) func(Prompt, error) (*Enrolment, error) {
	return func(p Prompt, err error) (*Enrolment, error) {
		if err != nil {
			return nil, err
		}
		return &Enrolment{Method: s.channel, FactorID: row.ID, Sent: &p, Address: row.Address}, nil
	}
}

func (s sentCode) confirm(ctx context.Context, r storage.Records, row *storage.Factor, t Try) (check, error) {
	t.Question = s.asIf(t.Question, row)
	found, err := s.check(ctx, r, t)
	if err != nil || found.cause != nil || !row.Pending || row.Method == string(s.channel) {
		return found, err
	}
	row.Method, row.Channels = string(s.channel), []string{string(s.channel)} // another one than it was begun by proved it
	return found, r.PutFactor(ctx, row)
}

// confirm judges the first answer. Tries at a number are counted over all numbers and codes of the person, as those at what is in
// force are: each new code would give new tries otherwise. Of an app nothing can be guessed, its key was shown.
func (f *Factors) confirm(ctx context.Context, r storage.Records, kind enroller, row *storage.Factor, t Try) (check, Verdict, error) {
	if row.Address == "" {
		found, err := kind.confirm(ctx, r, row, t)
		return found, Verdict{Cause: found.cause, Left: -1}, err
	}
	wrong := check{cause: ErrWrong}
	if t.answer == "" {
		return wrong, Verdict{Cause: ErrWrong, Left: -1}, nil
	}
	g := f.guessesAt(t.Person, "numbers")
	until, count, err := g.count(ctx, r, t.Now)
	if err != nil || !until.IsZero() {
		return wrong, Verdict{Cause: &Paused{until}, Left: -1}, err
	}
	found, err := kind.confirm(ctx, r, row, t)
	if err != nil || found.cause == nil {
		if err == nil {
			err = g.excuse(ctx, r, t.Now) // it guessed nothing, and gives no tries back: it may be another number than the wrong ones were for
		}
		return found, Verdict{}, err
	}
	v := Verdict{Cause: found.cause, Left: found.left}
	if found.replay {
		return found, v, g.excuse(ctx, r, t.Now)
	}
	v.PausedUntil, v.DisabledNow, err = g.fail(ctx, r, t, nil, count)
	return found, v, err
}

// ProveNumber ends a begun enrolment by its code, without a factor: the number is the person's, and no more (Question.OnlyContact).
// The verdict as [Factors.Confirm]; its event names nothing that is left, so it is evidence of nothing.
func (f *Factors) ProveNumber(ctx context.Context, r storage.Records, t Try) (Verdict, error) {
	kind, err := f.enroller(t.Method)
	if err != nil {
		return Verdict{}, err
	}
	expired := Verdict{Cause: ErrExpired, Left: -1}
	row, err := f.begun(ctx, r, t.Person.ID, t.Method, t.Credential, t.Now)
	if errors.Is(err, ErrNoFactor) || err == nil && row.Replaces != "" {
		return expired, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	t.answer = kind.read(t.Form)
	found, v, err := f.confirm(ctx, r, kind, row, t)
	if err != nil || found.cause != nil {
		return v, err
	}
	return Verdict{OK: true, Event: found.event, Left: -1}, r.RemoveFactor(ctx, row.PersonID, row.ID)
}

// SendAgain sends another code to the number of a begun enrolment, or of a factor to which a channel is being added: q.Credential.
// Errors as [Factors.Challenge].
func (f *Factors) SendAgain(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	s, row, err := f.number(ctx, r, q)
	if err != nil {
		return Prompt{}, err
	}
	return s.challenge(ctx, r, s.asIf(q, row))
}

// number is the row of a number, begun or in force, and the channel of a question about it.
func (f *Factors) number(ctx context.Context, r storage.Records, q Question) (sentCode, *storage.Factor, error) {
	s, ok := f.kinds[q.Method].(sentCode)
	if !ok {
		return s, nil, ErrNoFactor
	}
	row, err := r.Factor(ctx, q.Person.ID, q.Credential)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return s, nil, ErrNoFactor
	case err != nil:
		return s, nil, err
	case row.Address == "", row.Disabled, row.Pending && f.old(row, q.Now):
		return s, nil, ErrNoFactor
	}
	return s, row, nil
}

// Channel is [Factors.Pending] for another channel of a number that is in force: what its page shows. ErrNoFactor where it is no
// number in force, or the channel was proved before.
func (f *Factors) Channel(ctx context.Context, r storage.Records, q Question) (*Enrolment, error) {
	s, row, err := f.addable(ctx, r, q)
	if err != nil {
		return nil, err
	}
	return s.again(ctx, r, row, q)
}

// AddChannel adds a channel to a number that is an own factor, by a code that came through it. The caller asks for the factor itself
// first: whoever holds the other channel must not make it a key. The verdict as [Factors.Confirm].
func (f *Factors) AddChannel(ctx context.Context, r storage.Records, t Try) (Verdict, error) {
	s, row, err := f.addable(ctx, r, t.Question)
	if err != nil {
		return Verdict{}, err
	}
	t.answer = s.read(t.Form)
	found, v, err := f.confirm(ctx, r, s, row, t)
	if err != nil || found.cause != nil {
		return v, err
	}
	if err := r.AddFactorChannel(ctx, row.PersonID, row.ID, string(s.channel)); err != nil {
		return Verdict{}, err
	}
	return Verdict{OK: true, Event: found.event, Left: -1}, nil
}

func (f *Factors) addable(ctx context.Context, r storage.Records, q Question) (sentCode, *storage.Factor, error) {
	s, row, err := f.number(ctx, r, q)
	if err == nil && (row.Pending || provedBy(row, q.Method)) {
		err = ErrNoFactor
	}
	return s, row, err
}
