package user

import (
	"context"
	"encoding/base64"
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

const (
	// guessWindow is how long wrong passwords are remembered from the first one. With the delays of security.md it
	// leaves a stranger some hundred guesses a day, and the owner never waits longer than the last delay.
	guessWindow = 24 * time.Hour
	firstDelay  = time.Second
	// deviceWindow is how long a browser that signed in once counts as the person's own.
	deviceWindow = 180 * 24 * time.Hour
)

// reservation is an attempt that was counted as wrong before it was looked at, so that many tries at once cannot be
// more than the limit. What is needed to take it back:
type reservation struct {
	own   string // the counter of the account, or of the known device
	ip    string // the counter of attempts from the address that were right; "" = known device, not counted there
	known string // the mark of the known device; "" = no device cookie
	since time.Time
}

// reserve counts the attempt or refuses it. A refused attempt leaves no trace (its transaction is rolled back): who
// hammers does not lengthen the owner's wait.
//
// A known device answers to its own counter alone: neither a stranger guessing this account nor a neighbour behind the
// same address keeps its owner out. A browser becomes known only by the right password.
func (s *SignIn) reserve(ctx context.Context, a Attempt, person *storage.Person) (reservation, error) {
	limits := s.config().Limits
	who := s.who(a, person)
	var res reservation
	err := s.store.Tx(ctx, func(r storage.Records) error {
		res = reservation{own: s.key("account", who)}
		limit := "account"
		if a.Device != "" {
			device := a.Device
			if person != nil { // a new password forgets every device (security.md G05)
				device += " " + strconv.FormatInt(person.PasswordSetAt.UnixMicro(), 36)
			}
			res.known = s.key("known", who, device)
			mark, err := r.Counter(ctx, res.known, a.Now)
			if err != nil {
				return err
			}
			if mark.Count > 0 {
				res.own, res.since, limit = s.key("device", who, device), mark.Since, "device"
			}
		}
		// Bump holds the counter's row until the commit: attempts on one account stand in line from here.
		own, err := r.Bump(ctx, res.own, guessWindow, a.Now)
		if err != nil {
			return err
		}
		if own.Until.After(a.Now) {
			return &Throttled{own.Until, limit}
		}
		if d := delay(own.Count, limits.WrongPasswordsFree, limits.DelayMax); d > 0 {
			if err := r.Pause(ctx, res.own, a.Now.Add(d), a.Now); err != nil {
				return err
			}
		}
		if limit == "device" {
			return nil
		}
		address := s.key("ip", a.IPKey)
		all, err := r.Bump(ctx, address, limits.PerIPWindow, a.Now)
		if err != nil {
			return err
		}
		// Right passwords are counted apart, in a counter named after the window: subtracting them never touches
		// the count of the wrong ones, so nobody clears an address by signing in to an account of one's own.
		res.ip = address + "." + strconv.FormatInt(all.Since.UnixMicro(), 36)
		right, err := r.Counter(ctx, res.ip, a.Now)
		if err != nil {
			return err
		}
		if all.Count-right.Count > limits.WrongPasswordsPerIP {
			return &Throttled{all.Since.Add(limits.PerIPWindow), "ip"}
		}
		return nil
	})
	return res, err
}

// succeed takes the reservation back and remembers the browser.
func (s *SignIn) succeed(ctx context.Context, res reservation, person *storage.Person, fresh string, now time.Time) error {
	return s.store.Tx(ctx, func(r storage.Records) error {
		again := res.known != "" && now.Sub(res.since) > deviceWindow/2 // new, or its window is to be begun anew
		over := []string{res.own}
		if again {
			over = append(over, res.known)
		}
		if err := r.ResetCounter(ctx, over...); err != nil {
			return err
		}
		if res.ip != "" {
			if _, err := r.Bump(ctx, res.ip, s.config().Limits.PerIPWindow, now); err != nil {
				return err
			}
		}
		if again {
			if _, err := r.Bump(ctx, res.known, deviceWindow, now); err != nil {
				return err
			}
		}
		if fresh != "" {
			return r.RehashPassword(ctx, person.ID, person.PasswordHash, fresh)
		}
		return nil
	})
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

// who names the account an attempt is for: the person, so that all spellings share one counter, or the identifier's
// canonical form when it names nobody.
func (s *SignIn) who(a Attempt, person *storage.Person) string {
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
