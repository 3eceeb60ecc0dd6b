package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// DurationOrOff is a duration, or off (0).
type DurationOrOff time.Duration

// SessionOrDuration is a duration, or session (0): as long as the session.
type SessionOrDuration time.Duration

var units = []struct {
	letter byte
	name   string
	length time.Duration
}{{'d', "days", 24 * time.Hour}, {'h', "hours", time.Hour}, {'m', "minutes", time.Minute}, {'s', "seconds", time.Second}}

var errDuration = errors.New("must be a duration such as 90d, 12h, 10m or 60s")

// parseDuration reads whole numbers with d, h, m, s, largest unit first: 90d, 1h30m. Days are 24 hours.
func parseDuration(s string) (time.Duration, error) {
	var total time.Duration
	rest, unit := s, -1
	for rest != "" {
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 {
			return 0, errDuration
		}
		n, err := strconv.ParseInt(rest[:i], 10, 64)
		found := -1
		for j, u := range units {
			if u.letter == rest[i] && j > unit {
				found = j
			}
		}
		if err != nil || found < 0 {
			return 0, errDuration
		}
		if n > (math.MaxInt64-int64(total))/int64(units[found].length) {
			return 0, errors.New("is longer than 292 years")
		}
		total += time.Duration(n) * units[found].length
		rest, unit = rest[i+1:], found
	}
	if s == "" {
		return 0, errDuration
	}
	return total, nil
}

// formatDuration writes d the way parseDuration reads it: in its largest whole unit.
func formatDuration(d time.Duration) string {
	for _, u := range units {
		if d >= u.length && d%u.length == 0 {
			return fmt.Sprintf("%d%c", d/u.length, u.letter)
		}
	}
	return d.String()
}
