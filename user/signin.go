package user

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// ErrWrong: the identifier and the password do not open an account. It says no more: nobody by that name, a wrong
// password, a disabled account, one without a password and one that rests are the same.
var ErrWrong = errors.New("user: wrong identifier or password")

// Attempt is one posted sign-in form, or the form of a re-authentication.
type Attempt struct {
	Identifier string
	Person     *storage.Person // re-authentication: this person; Identifier is not used
	Password   string          // as typed
	IPKey      string          // address, /64 for IPv6 (web's limit key)
	Device     string          // hash of the browser cookie; "" = a browser without one
	Now        time.Time       // the database's clock
}

// SignIn checks passwords. Its counters are rows, so they count over all instances and survive restarts.
type SignIn struct {
	store  storage.Store
	box    *secret.Box
	hasher *Hasher
	config func() *config.Config
}

// NewSignIn makes the one checker of passwords.
func NewSignIn(store storage.Store, box *secret.Box, hasher *Hasher, config func() *config.Config) *SignIn {
	return &SignIn{store, box, hasher, config}
}

// Right is a right password. Its attempt still counts as a wrong one until Settle is committed.
type Right struct {
	Person *storage.Person

	reservation
	fresh  string // a new hash of the password; "" = the stored one is good
	window time.Duration
	now    time.Time
}

// Password is Check, with the attempt taken back at once.
func (s *SignIn) Password(ctx context.Context, a Attempt) (*storage.Person, error) {
	right, tried, err := s.Check(ctx, a)
	if err != nil {
		return tried, err
	}
	return right.Person, s.store.Tx(ctx, func(r storage.Records) error {
		_, err := right.Settle(ctx, r)
		return err
	})
}

// Check returns the person whose password this is. ErrWrong, *Throttled, *Refused (only for what no password can be:
// empty, too long, NUL), ErrBusy, or storage's errors. It runs a transaction of its own: do not call it inside one.
//
// Beside ErrWrong and *Throttled comes the person that was tried, nil when there is none: for the audit record and
// nothing else. What the caller answers must not depend on it.
//
// One road for everyone: look up, wait for a place, reserve the attempt, hash once. The place comes before the
// reservation, so that a busy server costs nobody an attempt.
func (s *SignIn) Check(ctx context.Context, a Attempt) (right *Right, tried *storage.Person, err error) {
	password, err := Normalise(a.Password)
	if err != nil {
		return nil, nil, err
	}
	person := a.Person
	if person == nil {
		person, err = Find(ctx, s.store, s.config().Identifiers, a.Identifier)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, nil, err
		}
	}
	place, err := s.hasher.Place(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer place.Done()
	reserved, resting, err := s.reserve(ctx, a, person)
	if err != nil {
		return nil, person, err
	}
	phc := ""
	if person != nil {
		phc = person.PasswordHash
	}
	ok, stale := place.Verify(phc, password)
	if resting != nil {
		return nil, person, resting
	}
	if !ok || person.Disabled {
		return nil, person, ErrWrong
	}
	right = &Right{Person: person, reservation: reserved, window: s.config().Limits.PerIPWindow, now: a.Now}
	if stale {
		right.fresh = place.Hash(password)
	}
	return right, person, nil
}

// HoldPassword holds the password that was checked until the transaction ends, in which a session begins on it: while it was
// looked at its owner may have set another one, and ended every session there was (docs/security.md G05). ErrWrong when so.
func HoldPassword(ctx context.Context, r storage.Records, person *storage.Person) error {
	err := r.HoldPassword(ctx, person.ID, person.PasswordSetAt)
	if errors.Is(err, storage.ErrNotFound) {
		return ErrWrong
	}
	return err
}

// Settle takes the reservation back and remembers the browser, in the caller's transaction. The caller's own hits are
// counted with it, in the same statement: their counters are returned.
func (p *Right) Settle(ctx context.Context, r storage.Records, hits ...storage.Hit) ([]storage.Counter, error) {
	mine := len(hits)
	hits = append(hits, storage.Hit{Key: p.typed, Window: guessWindow})
	if p.ip != "" {
		hits = append(hits, storage.Hit{Key: p.ip, Window: p.window})
	}
	if p.known != "" && p.now.Sub(p.since) > DeviceWindow/2 {
		if !p.since.IsZero() { // its window is to be begun anew
			if err := r.ResetCounter(ctx, p.known); err != nil {
				return nil, err
			}
		}
		hits = append(hits, storage.Hit{Key: p.known, Window: DeviceWindow})
	}
	counters, err := r.Tally(ctx, []string{p.own}, p.now, hits...)
	if err == nil && p.fresh != "" {
		err = r.RehashPassword(ctx, p.Person.ID, p.Person.PasswordHash, p.fresh)
	}
	if err != nil {
		return nil, err
	}
	return counters[:mine], nil
}
