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

// Enrolment is a factor to be switched on, with what its page shows.
type Enrolment struct {
	Method   acr.Method
	FactorID string // goes with the form
	Account  string // shown in the app
	Key      string // base32 in groups of four, to be typed
	URI      string // otpauth: for the QR code, see [QR]; a secret, never in a link, log or header
}

// enroller is a factor that people switch on themselves. The row of the factor is pending until it is confirmed; what the
// kind has to keep meanwhile stands sealed in it.
type enroller interface {
	factor
	// begin puts a new secret into the row and says what to show of it.
	begin(row *storage.Factor, person *storage.Person) (*Enrolment, error)
	// again shows what begin showed.
	again(row *storage.Factor, person *storage.Person) (*Enrolment, error)
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

// Enrol begins to switch on a factor: a pending one with a secret of its own. One of the same method that was begun before
// and not confirmed is worth nothing from now on. ErrNoFactor for a method that is not switched on by its owner; otherwise
// storage's errors.
func (f *Factors) Enrol(ctx context.Context, r storage.Records, person *storage.Person, m acr.Method, now time.Time) (*Enrolment, error) {
	kind, err := f.enroller(m)
	if err != nil {
		return nil, err
	}
	row := &storage.Factor{ID: secret.NewID(), PersonID: person.ID, Method: string(m), Pending: true, Created: now}
	e, err := kind.begin(row, person)
	if err != nil {
		return nil, err
	}
	return e, r.PutFactor(ctx, row)
}

// Pending shows a begun enrolment again, after a mistyped code. ErrNoFactor when there is none, it was confirmed,
// another one was begun since, or it was begun longer ago than a request lasts.
func (f *Factors) Pending(ctx context.Context, r storage.Records, person *storage.Person, m acr.Method, factorID string, now time.Time) (*Enrolment, error) {
	kind, err := f.enroller(m)
	if err != nil {
		return nil, err
	}
	row, err := f.begun(ctx, r, person.ID, m, factorID, now)
	if err != nil {
		return nil, err
	}
	return kind.again(row, person)
}

// begun loads an enrolment that waits for its first code. A key that stood on a screen hours ago is nobody's secret any
// more, so it lasts as long as a request does (config.Lifetimes.Request).
func (f *Factors) begun(ctx context.Context, r storage.Records, personID string, m acr.Method, id string, now time.Time) (*storage.Factor, error) {
	row, err := load(ctx, r, personID, m, id)
	if err == nil && (!row.Pending || !now.Before(row.Created.Add(f.config().Lifetimes.Request))) {
		return nil, ErrNoFactor
	}
	return row, err
}

// load reads a person's own factor whole, with its secret. ErrNoFactor when there is none, or it is of another kind.
func load(ctx context.Context, r storage.Records, personID string, m acr.Method, id string) (*storage.Factor, error) {
	row, err := r.Factor(ctx, personID, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && row.Method != string(m) {
		return nil, ErrNoFactor
	}
	return row, err
}

// Confirm switches a factor on when the answer is right, by its first use; the event is evidence like any later use.
// restsUntil is the end of the cooling time when the enrolment stands on a proof that was not independent; zero otherwise,
// and then Try.Hits are counted. Try.Credential is the factor id of the enrolment. The verdict's cause is ErrWrong, or
// ErrExpired when there is no such pending enrolment (any more). The error is ErrNoFactor or storage's.
func (f *Factors) Confirm(ctx context.Context, r storage.Records, t Try, restsUntil time.Time) (Verdict, error) {
	kind, err := f.enroller(t.Method)
	if err != nil {
		return Verdict{}, err
	}
	row, err := f.begun(ctx, r, t.Person.ID, t.Method, t.Credential, t.Now)
	if errors.Is(err, ErrNoFactor) {
		return Verdict{Cause: ErrExpired, Left: -1}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	t.answer = kind.read(t.Form)
	found, err := kind.confirm(ctx, r, row, t)
	if err != nil {
		return Verdict{}, err
	}
	if found.cause != nil {
		return Verdict{Cause: found.cause, Left: -1}, nil
	}
	if len(t.Person.Factors) == 0 {
		// Codes that came with a factor of former times would open what this one protects.
		if err := r.PutRecoveryCodes(ctx, t.Person.ID, nil, t.Now); err != nil {
			return Verdict{}, err
		}
	}
	err = r.ActivateFactor(ctx, row.ID, found.counter, restsUntil, t.Now)
	if errors.Is(err, storage.ErrUsed) || errors.Is(err, storage.ErrNotFound) {
		return Verdict{Cause: ErrExpired, Left: -1}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	if restsUntil.IsZero() && len(t.Hits) > 0 {
		if _, err := r.Tally(ctx, nil, t.Now, t.Hits...); err != nil {
			return Verdict{}, err
		}
	}
	return Verdict{OK: true, Event: found.event, Left: -1}, nil
}
