package mfa

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

const (
	// maxPause bounds the doubling: a stranger who knows the password may slow its owner, never shut him out for days.
	maxPause = 24 * time.Hour
	// pauseMemory is how long pauses are remembered for the doubling without a right code in between.
	pauseMemory = 30 * 24 * time.Hour
	// rowMemory is how long failures in a row are remembered; only a right code forgets them earlier.
	rowMemory = 365 * 24 * time.Hour
)

// check is what a kind of factor found. cause nil = right.
type check struct {
	cause error
	left  int
	event acr.Event
}

// Verify judges an entered code, inside the caller's transaction, in which the caller also appends the event to the
// session and the audit record. Commit whatever the verdict: returning an error from the transaction because the code was
// wrong would give the try back. The error is ErrNoFactor or storage's.
//
// Failures count per own factor, and together for all codes sent to the contacts of one person: no session, address,
// spelling, channel or fresh code gives new tries (security.md F03).
func (f *Factors) Verify(ctx context.Context, r storage.Records, t Try) (Verdict, error) {
	kind, ok := f.kinds[t.Method]
	if !ok {
		return Verdict{}, fmt.Errorf("%w: %s", ErrNoFactor, t.Method)
	}
	if t.Code = Normalise(t.Code); t.Code == "" {
		return Verdict{Cause: ErrWrong, Left: -1}, nil // no guess, so nothing to count
	}
	own := ownFactor(t.Person, t.Credential)
	if own == nil && !hasContact(t.Person, t.Credential) {
		return Verdict{}, ErrNoFactor
	}
	if own != nil && own.Disabled {
		return Verdict{Cause: ErrDisabled, Left: -1}, nil
	}
	g := f.guesses(t, own)
	until, count, err := g.count(ctx, r, t.Now)
	if err != nil {
		return Verdict{}, err
	}
	if !until.IsZero() {
		return Verdict{Cause: &Paused{until}, Left: -1}, nil
	}
	found, err := kind.check(ctx, r, t)
	if err != nil {
		return Verdict{}, err
	}
	if found.cause == nil {
		return Verdict{OK: true, Event: found.event, Left: found.left}, g.forget(ctx, r)
	}
	v := Verdict{Cause: found.cause, Left: found.left}
	v.PausedNow, v.DisabledNow, err = g.fail(ctx, r, t, own, count)
	return v, err
}

// guesses are the counters of one factor.
type guesses struct {
	f                  *Factors
	recent, row, pause string // keys: failures in the window, failures in a row, pauses
}

func (f *Factors) guesses(t Try, own *storage.Factor) guesses {
	what := "sent codes"
	if own != nil {
		what = own.ID
	}
	name := func(kind string) string {
		mac := f.box.MAC("factor limit", kind, t.Person.ID, what)
		return "mfa." + kind + "." + base64.RawURLEncoding.EncodeToString(mac[:16])
	}
	return guesses{f, name("recent"), name("row"), name("pause")}
}

// count counts a try before it is judged. until is set when the factor is paused. Bump comes first, because it holds the
// counter's row until the commit: of many tries at once each sees the pause that the one before it made.
func (g guesses) count(ctx context.Context, r storage.Records, now time.Time) (until time.Time, n int, err error) {
	recent, err := r.Bump(ctx, g.recent, g.f.config().Limits.FactorWindow, now)
	if err != nil {
		return time.Time{}, 0, err
	}
	pause, err := r.Counter(ctx, g.pause, now)
	if err != nil {
		return time.Time{}, 0, err
	}
	if pause.Until.After(now) {
		// Tries during a pause do not prolong it: the owner's would too.
		return pause.Until, 0, r.ResetCounter(ctx, g.recent)
	}
	return time.Time{}, recent.Count, nil
}

// fail draws the consequences of a failure.
func (g guesses) fail(ctx context.Context, r storage.Records, t Try, own *storage.Factor, recent int) (paused, disabled bool, err error) {
	limits := g.f.config().Limits
	row, err := r.Bump(ctx, g.row, rowMemory, t.Now)
	if err != nil {
		return false, false, err
	}
	if own != nil && row.Count >= limits.FactorDisable {
		// Only own factors: a contact is no factor, and who has none must be able to come back after the pause.
		return false, true, disable(ctx, r, own)
	}
	if recent < limits.FactorFailures {
		return false, false, nil
	}
	pauses, err := r.Bump(ctx, g.pause, pauseMemory, t.Now)
	if err != nil {
		return false, false, err
	}
	d := limits.FactorPause
	for range pauses.Count - 1 {
		if d *= 2; d >= maxPause {
			d = maxPause
			break
		}
	}
	if err := r.Pause(ctx, g.pause, t.Now.Add(d), t.Now); err != nil {
		return false, false, err
	}
	return true, false, r.ResetCounter(ctx, g.recent)
}

// forget clears this factor's counters after a right code, and no other's.
func (g guesses) forget(ctx context.Context, r storage.Records) error {
	return errors.Join(r.ResetCounter(ctx, g.recent), r.ResetCounter(ctx, g.row), r.ResetCounter(ctx, g.pause))
}

func disable(ctx context.Context, r storage.Records, own *storage.Factor) error {
	whole, err := r.Factor(ctx, own.PersonID, own.ID) // with its secret: Put replaces
	if err != nil {
		return err
	}
	whole.Disabled = true
	return r.PutFactor(ctx, whole)
}

// ownFactor returns the person's own factor of that id, or nil: then the credential is a contact.
func ownFactor(p *storage.Person, id string) *storage.Factor {
	for _, f := range p.Factors {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func hasContact(p *storage.Person, id string) bool {
	return slices.ContainsFunc(p.Contacts, func(c *storage.Contact) bool { return c.ID == id })
}
