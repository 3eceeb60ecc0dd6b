package mfa

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Enrolment is a factor to be switched on, with what its page shows: one of App and Sent.
type Enrolment struct {
	Method   acr.Method
	FactorID string // goes with the form
	App      *Key
	Sent     *Prompt // the code that went to the number
	Address  string  // the number
}

// Key is what an authenticator app has to be told.
type Key struct {
	Account string // shown in the app
	Key     string // base32 in groups of four, to be typed
	URI     string // otpauth: for the QR code, see [QR]; a secret, never in a link, log or header
}

// enroller is a factor that people switch on themselves. The row of the factor is pending until it is confirmed; what the
// kind has to keep meanwhile stands sealed in it.
type enroller interface {
	factor
	// begin puts a new secret into the row, or sends a code to its address, and says what to show of it.
	begin(ctx context.Context, r storage.Records, row *storage.Factor, q Question) (*Enrolment, error)
	// again shows what begin showed.
	again(ctx context.Context, r storage.Records, row *storage.Factor, q Question) (*Enrolment, error)
	// confirm judges the first answer. check.counter is its place among the answers, which is used up by it; the event is
	// evidence like any later one.
	confirm(ctx context.Context, r storage.Records, row *storage.Factor, t Try) (check, error)
}

func (f *Factors) enroller(m acr.Method) (enroller, error) {
	if kind, ok := f.kinds[m].(enroller); ok {
		return kind, nil
	}
	return nil, fmt.Errorf("%w to switch on: %s", ErrNoFactor, m)
}

// Enrol begins to switch on a factor of q.Method: a pending one with a secret of its own, or a number (E.164) to which a code goes;
// run it in a transaction. One that was begun before and not confirmed, of the same method or by a number, too, is worth
// nothing from now on. With q.Replaces it takes the place of that factor once it is confirmed. ErrNoFactor for a method that is not switched on by its owner, *Wait when it is too soon for a code
// (as [Factors.Challenge]), otherwise storage's errors.
func (f *Factors) Enrol(ctx context.Context, r storage.Records, q Question, number string) (*Enrolment, error) {
	kind, err := f.enroller(q.Method)
	if err != nil {
		return nil, err
	}
	row := &storage.Factor{ID: secret.NewID(), PersonID: q.Person.ID, Method: string(q.Method), Address: number, Pending: true, Replaces: q.Replaces, Created: q.Now}
	e, err := kind.begin(ctx, r, row, q)
	if err != nil {
		return nil, err
	}
	return e, r.PutFactor(ctx, row)
}

// Pending shows the begun enrolment of q.Credential again, after a mistyped code. ErrNoFactor when there is none, it was confirmed,
// another one was begun since, it was begun for another act, or longer ago than a request lasts.
func (f *Factors) Pending(ctx context.Context, r storage.Records, q Question) (*Enrolment, error) {
	kind, err := f.enroller(q.Method)
	if err != nil {
		return nil, err
	}
	row, err := f.begun(ctx, r, q.Person.ID, q.Method, q.Credential, q.Now)
	if err != nil {
		return nil, err
	}
	if row.Replaces != q.Replaces {
		return nil, ErrNoFactor
	}
	return kind.again(ctx, r, row, q)
}

// begun loads an enrolment that waits for its first code. A key that stood on a screen hours ago is nobody's secret any
// more, so it lasts as long as a request does (config.Lifetimes.Request).
func (f *Factors) begun(ctx context.Context, r storage.Records, personID string, m acr.Method, id string, now time.Time) (*storage.Factor, error) {
	row, err := load(ctx, r, personID, m, id)
	if err == nil && (!row.Pending || f.old(row, now)) {
		return nil, ErrNoFactor
	}
	return row, err
}

// old reports whether an enrolment was begun longer ago than a request lasts.
func (f *Factors) old(row *storage.Factor, now time.Time) bool {
	return !now.Before(row.Created.Add(f.config().Lifetimes.Request))
}

// load reads a person's own factor whole, with its secret. ErrNoFactor when there is none, or it is of another kind: the channels
// of a number are one kind.
func load(ctx context.Context, r storage.Records, personID string, m acr.Method, id string) (*storage.Factor, error) {
	row, err := r.Factor(ctx, personID, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && row.Method != string(m) && (row.Address == "" || m.Facts().Contact != "phone") {
		return nil, ErrNoFactor
	}
	return row, err
}

// Confirm switches a factor on when the answer is right, by its first use; the event is evidence like any later use.
// restsUntil is the end of the cooling time when the enrolment stands on a proof that was not independent; zero otherwise,
// and then Try.Hits are counted. Try.Credential is the factor id of the enrolment. Where it was begun in the place of
// another factor (Question.Replaces), that one goes in the same moment, with the reserve codes. The verdict's cause is ErrWrong,
// or ErrExpired when there is no such pending enrolment (any more). The error is ErrNoFactor or storage's.
func (f *Factors) Confirm(ctx context.Context, r storage.Records, t Try, restsUntil time.Time) (Verdict, error) {
	kind, err := f.enroller(t.Method)
	if err != nil {
		return Verdict{}, err
	}
	row, err := f.begun(ctx, r, t.Person.ID, t.Method, t.Credential, t.Now)
	if errors.Is(err, ErrNoFactor) || err == nil && row.Replaces != t.Replaces { // one act's enrolment is worthless in another
		return Verdict{Cause: ErrExpired, Left: -1}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	t.answer = kind.read(t.Form)
	found, v, err := f.confirm(ctx, r, kind, row, t)
	if err != nil || found.cause != nil {
		return v, err
	}
	if t.Replaces == "" {
		err = r.ActivateFactor(ctx, row.ID, found.counter, restsUntil, t.Now)
	} else {
		err = r.SwapFactor(ctx, row.PersonID, row.ID, t.Replaces, found.counter, restsUntil, t.Now)
	}
	if errors.Is(err, storage.ErrUsed) || errors.Is(err, storage.ErrNotFound) {
		return Verdict{Cause: ErrExpired, Left: -1}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	if len(t.Person.Factors) == 0 || t.Replaces != "" {
		// Codes that came with a factor of former times would open what this one protects.
		if err := r.PutRecoveryCodes(ctx, t.Person.ID, nil, t.Now); err != nil {
			return Verdict{}, err
		}
	}
	if restsUntil.IsZero() && len(t.Hits) > 0 {
		if _, err := r.Tally(ctx, nil, t.Now, t.Hits...); err != nil {
			return Verdict{}, err
		}
	}
	return Verdict{OK: true, Event: found.event, Left: -1}, nil
}
