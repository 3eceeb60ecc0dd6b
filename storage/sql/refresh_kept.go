package sql

import (
	"context"
	"errors"
	"fmt"

	"github.com/soglia-sso/soglia/storage"
)

// usableRefresh is a refresh token that may be used. Numbers as in rotate.
const usableRefresh = `SELECT r.grant_id FROM refreshes r WHERE r.hash = $1 AND r.grant_id = $3 AND r.used_at = 0 AND r.until > $2
	AND EXISTS (SELECT 1 FROM ` + refreshGrant + `)`

// prolong moves the idle limit of a refresh token, $1 at $2. With a record to write ($noted is not negative) it notes that, if
// the last one is of then or before: of many at once one writes it, and has moved the limit for all.
func prolong(noted, until int, more string) string {
	return fmt.Sprintf(`UPDATE refreshes SET
	until = CASE WHEN until < CAST($%[2]d AS BIGINT) THEN CAST($%[2]d AS BIGINT) ELSE until END,
	noted_at = CASE WHEN CAST($%[1]d AS BIGINT) >= 0 THEN $2 ELSE noted_at END
	WHERE hash = $1 AND used_at = 0
	AND CASE WHEN CAST($%[1]d AS BIGINT) >= 0 THEN noted_at <= CAST($%[1]d AS BIGINT) ELSE until < CAST($%[2]d AS BIGINT) END%[3]s
	RETURNING grant_id`, noted, until, more)
}

var (
	prolongAlone = prolong(3, 4, "")
	useFused     = `WITH f AS (` + usableRefresh + `),
	k AS (` + prolong(5, 8, " AND EXISTS (SELECT 1 FROM f)") + `),
	t AS (` + touchOf(2, 3, 6, 7) + ` AND EXISTS (SELECT 1 FROM f)),
	a AS (` + insertAccess(9, "f.grant_id", "f") + `),
	e AS (` + insertEvent(17, "k") + `)
	SELECT grant_id FROM f`
)

// UseRefresh is one statement on PostgreSQL, and none where nothing is due.
func (r records) UseRefresh(ctx context.Context, x *storage.RefreshUse) error {
	record, noted := eventDue(x), int64(-1)
	if record != nil {
		noted = micros(x.Now.Add(-storage.NotedEvery))
	}
	if record == nil && x.Access == nil && x.RefreshUntil.IsZero() && x.IdleUntil.IsZero() {
		return nil
	}
	var id string
	if r.fused {
		args := []any{
			x.Hash, micros(x.Now), x.GrantID, x.ClientID, noted, micros(x.IdleUntil), seenBefore(x.Now, x.IdleUntil), micros(x.RefreshUntil),
		}
		args = append(args, accessArgs(x.Access, x.ClientID)...)
		args = append(args, eventArgs(record, x.Now)...)
		return r.q.QueryRow(ctx, useFused, args...).Scan(&id)
	}
	return r.tx(ctx, func(r records) error {
		if err := r.q.QueryRow(ctx, usableRefresh, x.Hash, micros(x.Now), x.GrantID, x.ClientID).Scan(&id); err != nil {
			return err
		}
		err := r.q.QueryRow(ctx, prolongAlone, x.Hash, micros(x.Now), noted, micros(x.RefreshUntil)).Scan(&id)
		if errors.Is(err, storage.ErrNotFound) {
			record, err = nil, nil // another was faster
		}
		if err != nil {
			return err
		}
		return r.writeWithUse(ctx, x, record)
	})
}
