package sql

import (
	"context"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Freeze is decided by the row itself: of two acts that are disowned at once each leaves its own, and the earlier one counts.
func (r records) Freeze(ctx context.Context, z *storage.Freezing) error {
	var mailed int64
	if z.Mailed {
		mailed = micros(z.Act)
	}
	return r.change(ctx, storage.ErrNotFound, `UPDATE persons SET
		frozen_since = CASE WHEN frozen_until > $6 AND frozen_since < $2 THEN frozen_since ELSE $2 END,
		frozen_mailed = CASE WHEN frozen_until > $6 AND frozen_mailed > 0 AND (CAST($3 AS BIGINT) = 0 OR frozen_mailed < $3) THEN frozen_mailed ELSE $3 END,
		frozen_via = CASE WHEN frozen_until > $6 THEN frozen_via || $5 ELSE $5 END,
		frozen_until = CASE WHEN frozen_until > $4 THEN frozen_until ELSE $4 END,
		frozen_lifted = 0, birth_address = '', birth_until = 0 WHERE id = $1`,
		z.PersonID, micros(z.Act), mailed, micros(z.Until), lines(z.Via), micros(z.Now))
}

func (r records) Unfreeze(ctx context.Context, personID string, now time.Time) (bool, error) {
	n, err := r.q.Exec(ctx, `UPDATE persons SET frozen_lifted = $2 WHERE id = $1 AND frozen_until > $2 AND frozen_lifted = 0`, personID, micros(now))
	return n > 0, err
}

// lines are addresses, each with a line break after it, so that two of them can be put together by a statement.
func lines(addresses []string) string {
	var b strings.Builder
	for _, a := range addresses {
		b.WriteString(a + addressSeparator)
	}
	return b.String()
}
