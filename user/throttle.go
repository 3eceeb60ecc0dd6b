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
// hammers does not lengthen the owner's wait. The transaction is its own: it must be kept before the password is looked at,
// or a crash and a race would give free guesses.
//
// A known device answers to its own counter alone: neither a stranger guessing this account nor a neighbour behind the
// same address keeps its owner out. A browser becomes known only by the right password.
func (s *SignIn) reserve(ctx context.Context, a Attempt, person *storage.Person) (reservation, error) {
	limits := s.config().Limits
	who := s.who(a, person)
	res := reservation{own: s.key("account", who)}
	limit := "account"
	if a.Device != "" {
		device := a.Device
		if person != nil { // a new password forgets every device (security.md G05)
			device += " " + strconv.FormatInt(person.PasswordSetAt.UnixMicro(), 36)
		}
		res.known = s.key("known", who, device)
		mark, err := s.store.Counter(ctx, res.known, a.Now)
		if err != nil {
			return res, err
		}
		if mark.Count > 0 {
			res.own, res.since, limit = s.key("device", who, device), mark.Since, "device"
		}
	}
	hits := []storage.Hit{{Key: res.own, Window: guessWindow}}
	address := s.key("ip", a.IPKey)
	if limit != "device" {
		hits = append(hits, storage.Hit{Key: address, Window: limits.PerIPWindow})
	}
	err := s.store.Tx(ctx, func(r storage.Records) error {
		// Tally holds the counters' rows until the commit: attempts on one account stand in line from here.
		counted, err := r.Tally(ctx, nil, a.Now, hits...)
		if err != nil {
			return err
		}
		own := counted[0]
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
		all := counted[1]
		// Right passwords are counted apart, in a counter named after the window: subtracting them never touches
		// the count of the wrong ones, so nobody clears an address by signing in to an account of one's own.
		res.ip = address + "." + strconv.FormatInt(all.Since.UnixMicro(), 36)
		if all.Count <= limits.WrongPasswordsPerIP {
			return nil
		}
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
