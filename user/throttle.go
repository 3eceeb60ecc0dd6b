package user

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Throttled: this attempt was not even looked at, the same for a right and a wrong password.
type Throttled struct {
	Until time.Time // when the next attempt is looked at
	Limit string    // "account", "device" or "ip": for the audit record only
}

func (e *Throttled) Error() string { return "user: throttled by " + e.Limit }

// Resting is an ErrWrong that stands for a right password too: the account has had too many wrong ones under another of
// its names. Whoever asks must not learn that both names are one account, so it looks like a wrong password, costs like
// one and counts like one. It is told apart for the audit record only.
type Resting struct {
	Limit string // "account" or "device"
}

func (e *Resting) Error() string { return "user: account resting by " + e.Limit }

// Unwrap makes it a wrong password to everybody.
func (e *Resting) Unwrap() error { return ErrWrong }

const (
	// guessWindow is how long wrong passwords are remembered from the first one. With the delays of docs/security.md it
	// leaves a stranger some hundred guesses a day, and the owner never waits longer than the last delay.
	guessWindow = 24 * time.Hour
	firstDelay  = time.Second
	// DeviceWindow is how long a browser that signed in once, or gave a second step, counts as the person's own.
	DeviceWindow = 180 * 24 * time.Hour
)

// reservation is an attempt that was counted as wrong before it was looked at, so that many tries at once cannot be
// more than the limit. What is needed to take it back:
type reservation struct {
	own   string // the counter of the account, or of the known device
	typed string // the counter of right passwords under the name that was typed
	ip    string // the counter of attempts from the address that were right; "" = known device, not counted there
	known string // the mark of the known device; "" = no device cookie
	since time.Time
}

// reserve counts the attempt or refuses it. A refused attempt leaves no trace (its transaction is rolled back): who
// hammers does not lengthen the owner's wait. The transaction is its own: it must be kept before the password is looked at,
// or a crash and a race would give free guesses.
//
// There are two counters. That of the name as typed tells the person to wait (*Throttled), whether an account has that
// name or not. That of the account counts over all its names, and nobody may see that: an attempt that it stops is counted
// on the name and the address like one at a name without an account, costs one hash like any other, and is *Resting,
// which is a wrong password to everybody.
//
// A known device answers to its own counters alone: neither a stranger guessing this account nor a neighbour behind the
// same address keeps its owner out. A browser becomes known only by the right password.
func (s *SignIn) reserve(ctx context.Context, a Attempt, person *storage.Person) (reservation, *Resting, error) {
	who, text := s.counted(a, person), s.counted(a, a.Person)
	res := reservation{own: s.key("account", who)}
	typed, limit := s.key("typed", text), "account"
	if a.Device != "" {
		device := a.Device
		if person != nil { // a new password forgets every device (docs/security.md G05)
			device += " " + strconv.FormatInt(person.PasswordSetAt.UnixMicro(), 36)
		}
		res.known = s.key("known", who, device)
		mark, err := s.store.Counter(ctx, res.known, a.Now)
		if err != nil {
			return res, nil, err
		}
		if mark.Count > 0 {
			res.own, res.since, limit = s.key("device", who, device), mark.Since, "device"
			typed = s.key("typed", text, device)
		}
	}
	named := []storage.Hit{{Key: typed, Window: guessWindow}}
	if limit != "device" {
		named = append(named, storage.Hit{Key: s.key("ip", a.IPKey), Window: s.config().Limits.PerIPWindow})
	}
	var resting *Resting
	err := s.store.Tx(ctx, func(r storage.Records) error {
		// Tally holds the counters' rows until the commit: attempts on one account stand in line from here.
		counted, err := r.Tally(ctx, nil, a.Now, append([]storage.Hit{{Key: res.own, Window: guessWindow}}, named...)...)
		if err != nil {
			return err
		}
		own := counted[0]
		if err := s.judgeNamed(ctx, r, &res, limit, a.Now, named, counted[1:]); err != nil {
			return err
		}
		if own.Until.After(a.Now) {
			return &Resting{limit}
		}
		return s.pauseAfter(ctx, r, res.own, own.Count, a.Now)
	})
	if !errors.As(err, &resting) {
		return res, nil, err
	}
	err = s.store.Tx(ctx, func(r storage.Records) error {
		counted, err := r.Tally(ctx, nil, a.Now, named...)
		if err != nil {
			return err
		}
		return s.judgeNamed(ctx, r, &res, limit, a.Now, named, counted)
	})
	return res, resting, err
}

// judgeNamed judges the counters that tell the person to wait: that of the name, then that of the address.
//
// Right passwords are counted apart, in a counter named after the window: subtracting them never touches the count of the
// wrong ones, so nobody clears an address by signing in to an account of one's own, nor sees by a name's counter that
// its owner came.
func (s *SignIn) judgeNamed(ctx context.Context, r storage.Records, res *reservation, limit string, now time.Time, named []storage.Hit, counted []storage.Counter) error {
	limits := s.config().Limits
	apart := func(i int) string { return named[i].Key + "." + strconv.FormatInt(counted[i].Since.UnixMicro(), 36) }
	wrong := func(i, enough int) (int, error) {
		n := counted[i].Count
		if n < enough {
			return n, nil
		}
		right, err := r.Counter(ctx, apart(i), now)
		return n - right.Count, err
	}
	res.typed = apart(0)
	if counted[0].Until.After(now) {
		return &Throttled{counted[0].Until, limit}
	}
	if len(named) > 1 {
		res.ip = apart(1)
		n, err := wrong(1, limits.WrongPasswordsPerIP+1)
		if err != nil {
			return err
		}
		if n > limits.WrongPasswordsPerIP {
			return &Throttled{counted[1].Since.Add(limits.PerIPWindow), "ip"}
		}
	}
	n, err := wrong(0, limits.WrongPasswordsFree)
	if err != nil {
		return err
	}
	return s.pauseAfter(ctx, r, named[0].Key, n, now)
}

// pauseAfter makes a counter wait after its n-th wrong password.
func (s *SignIn) pauseAfter(ctx context.Context, r storage.Records, key string, n int, now time.Time) error {
	limits := s.config().Limits
	if d := delay(n, limits.WrongPasswordsFree, limits.DelayMax); d > 0 {
		return r.Pause(ctx, key, now.Add(d))
	}
	return nil
}

// delay is the wait after the n-th wrong password in a row: none before the free-th, then one second, doubling.
func delay(n, free int, most time.Duration) time.Duration {
	if n < free {
		return 0
	}
	d := firstDelay
	for ; n > free && d < most; n-- {
		d *= 2
	}
	return min(d, most)
}

// counted names what an attempt counts on: the person, so that all names share one counter, or the identifier's canonical
// form when it names nobody.
func (s *SignIn) counted(a Attempt, person *storage.Person) string {
	if person != nil {
		return "person " + person.ID
	}
	if c, err := CanonicalEmail(a.Identifier); err == nil {
		return "text " + c
	}
	if c, err := CanonicalUsername(a.Identifier); err == nil {
		return "text " + c
	}
	return "text " + a.Identifier
}

// key is a counter's name, from which nobody can read what it counts.
func (s *SignIn) key(parts ...string) string {
	mac := s.box.MAC(append([]string{"password limit"}, parts...)...)
	return "pw." + parts[0] + "." + base64.RawURLEncoding.EncodeToString(mac[:16])
}
