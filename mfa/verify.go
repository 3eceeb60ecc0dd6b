package mfa

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
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
	cause   error
	replay  bool // with a cause: the code was right, and is used up
	left    int
	counter int64 // of a first answer: its place among the answers
	event   acr.Event
}

// Verify judges an entered code, inside the caller's transaction, in which the caller also appends the event to the
// session and the audit record. Commit whatever the verdict: returning an error from the transaction because the code was
// wrong would give the try back. The error is ErrNoFactor or storage's.
//
// Failures count per own factor, together for all recovery codes of one person, and together for all codes sent to the
// contacts of one person: no session, address, spelling, channel or fresh code gives new tries (docs/security.md F03, G08).
// A replay is refused and not counted: who knows a code guessed nothing, and one code that a browser posts many times at
// once must not shut its owner out.
func (f *Factors) Verify(ctx context.Context, r storage.Records, t Try) (Verdict, error) {
	kind, ok := f.kinds[t.Method]
	if !ok {
		return Verdict{}, fmt.Errorf("%w: %s", ErrNoFactor, t.Method)
	}
	if t.answer = kind.read(t.Form); t.answer == "" {
		return Verdict{Cause: ErrWrong, Left: -1}, nil // no guess, so nothing to count
	}
	own := ownFactor(t.Person, t.Credential)
	if t.Method == acr.Recovery && len(t.Person.Factors) == 0 || t.Method != acr.Recovery && own == nil && !hasContact(t.Person, t.Credential) {
		return Verdict{}, ErrNoFactor
	}
	if own != nil && own.Disabled {
		return Verdict{Cause: ErrDisabled, Left: -1}, nil
	}
	g := f.guesses(t.Person, t.Method, own)
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
		return Verdict{OK: true, Event: found.event, Left: found.left}, g.clearCounters(ctx, r, t)
	}
	v := Verdict{Cause: found.cause, Left: found.left}
	if found.replay {
		return v, g.excuse(ctx, r, t.Now)
	}
	v.PausedUntil, v.DisabledNow, err = g.fail(ctx, r, t, own, count)
	return v, err
}

// PausedUntil is the end of the pause of a person's factor, named as in a [Question]; zero = it takes codes. It is for the
// owner's eyes, behind a sign-in: whoever is still to prove something learns only that a code did not do.
func (f *Factors) PausedUntil(ctx context.Context, r storage.Records, person *storage.Person, m acr.Method, credential string, now time.Time) (time.Time, error) {
	pause, err := r.Counter(ctx, f.guesses(person, m, ownFactor(person, credential)).pause, now)
	if err != nil || !pause.Until.After(now) {
		return time.Time{}, err
	}
	return pause.Until, nil
}

// guesses are the counters of one factor.
type guesses struct {
	f                  *Factors
	recent, row, pause string // keys: tries in the window, failures in a row, pauses
	replays            string // key: those of recent that were replays; with the window's begin in its name, see count
}

func (f *Factors) guesses(person *storage.Person, m acr.Method, own *storage.Factor) *guesses {
	what := "sent codes"
	switch {
	case m == acr.Recovery:
		what = "recovery codes"
	case own != nil:
		what = own.ID
	}
	return f.guessesAt(person, what)
}

// guessesAt are the counters of what a person answers.
func (f *Factors) guessesAt(person *storage.Person, what string) *guesses {
	name := func(kind string) string {
		mac := f.box.MAC("factor limit", kind, person.ID, what)
		return "mfa." + kind + "." + base64.RawURLEncoding.EncodeToString(mac[:16])
	}
	return &guesses{f: f, recent: name("recent"), row: name("row"), pause: name("pause"), replays: name("replays")}
}

// count counts a try before it is judged. until is set when the factor is paused. Bump comes first, because it holds the
// counter's row until the commit: of many tries at once each sees the pause that the one before it made.
func (g *guesses) count(ctx context.Context, r storage.Records, now time.Time) (until time.Time, n int, err error) {
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
	// Replays are counted apart, in a counter of this window: setting recent back would forgive the wrong tries in it.
	g.replays += "." + strconv.FormatInt(recent.Since.UnixMicro(), 36)
	return time.Time{}, recent.Count, nil
}

// excuse notes that the try just counted was a replay.
func (g *guesses) excuse(ctx context.Context, r storage.Records, now time.Time) error {
	_, err := r.Bump(ctx, g.replays, g.f.config().Limits.FactorWindow, now)
	return err
}

// fail draws the consequences of a failure: until is the end of the pause that it began.
func (g *guesses) fail(ctx context.Context, r storage.Records, t Try, own *storage.Factor, recent int) (until time.Time, disabled bool, err error) {
	limits := g.f.config().Limits
	row, err := r.Bump(ctx, g.row, rowMemory, t.Now)
	if err != nil {
		return time.Time{}, false, err
	}
	if own != nil && row.Count >= limits.FactorDisable {
		// Only own factors: a contact is no factor, and who has none must be able to come back after the pause.
		return time.Time{}, true, disable(ctx, r, own)
	}
	if recent < limits.FactorFailures {
		return time.Time{}, false, nil
	}
	replays, err := r.Counter(ctx, g.replays, t.Now)
	if err != nil || recent-replays.Count < limits.FactorFailures {
		return time.Time{}, false, err
	}
	pauses, err := r.Bump(ctx, g.pause, pauseMemory, t.Now)
	if err != nil {
		return time.Time{}, false, err
	}
	d := limits.FactorPause
	for range pauses.Count - 1 {
		if d *= 2; d >= maxPause {
			d = maxPause
			break
		}
	}
	until = t.Now.Add(d)
	if err := r.Pause(ctx, g.pause, until); err != nil {
		return time.Time{}, false, err
	}
	return until, false, r.ResetCounter(ctx, g.recent)
}

// clearCounters takes away this factor's counters after a right code, and no other's, and counts what the caller counts then.
func (g *guesses) clearCounters(ctx context.Context, r storage.Records, t Try) error {
	_, err := r.Tally(ctx, []string{g.recent, g.row, g.pause}, t.Now, t.Hits...)
	return err
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
