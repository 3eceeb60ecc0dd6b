package sql

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// sweeps says for each table that expires by which column, and how long a row is kept beyond it.
// Used codes (grants) and used refresh tokens stay until the grant's absolute end, ended sessions until theirs, used
// remembers until they would have expired.
var sweeps = []struct {
	table, key, by string
	kept           time.Duration
}{
	{"sessions", "id", "expires", sessionKept},
	{"quarantines", "id", "expires", 0},
	{"requests", "hash", "expires", storage.RequestKept}, // to say whose it was
	{"grants", "id", "keep_until", 0},
	{"refreshes", "hash", "expires", 0},
	{"access_tokens", "hash", "expires", 0},
	{"codes", "id", "expires", 24 * time.Hour}, // LastSent looks at them
	{"federations", "state_hash", "expires", 0},
	{"outbox", "id", "not_after", 24 * time.Hour}, // to see what failed yesterday
	{"links", "hash", "expires", 0},
	{"reverts", "hash", "expires", 0},
	{"remembers", "hash", "expires", 0},
	{"assertions", "hash", "expires", 0},
	{"counters", "name", "keep_until", 0},
}

// sessionKept is how long a session stays beyond its limit at least, so that it can be ended and its panels told.
const sessionKept = time.Hour

// enrolmentKept is how long a begun enrolment stays that nobody confirmed: it is worth nothing long before (mfa.Confirm).
const enrolmentKept = 24 * time.Hour

// Sweep removes table by table, each batch in a transaction of its own: short locks. The audit is never swept.
func (r records) Sweep(ctx context.Context, now time.Time, n int) (int, error) {
	gone := 0
	for _, s := range sweeps {
		text := fmt.Sprintf(`DELETE FROM %[1]s WHERE %[2]s IN
			(SELECT %[2]s FROM %[1]s WHERE %[3]s < $1 ORDER BY %[3]s LIMIT $2)`, s.table, s.key, s.by)
		k, err := r.q.Exec(ctx, text, micros(now.Add(-s.kept)), n)
		gone += int(k)
		if err != nil {
			return gone, fmt.Errorf("sweeping %s: %w", s.table, err)
		}
	}
	k, err := r.q.Exec(ctx, `DELETE FROM factors WHERE id IN
		(SELECT id FROM factors WHERE pending AND created < $1 ORDER BY created LIMIT $2)`, micros(now.Add(-enrolmentKept)), n)
	if err != nil {
		return gone, fmt.Errorf("sweeping factors: %w", err)
	}
	return gone + int(k), nil
}
