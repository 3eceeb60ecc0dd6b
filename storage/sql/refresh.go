package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// refreshGrant is the grant g that $3 names, of client $4, alive at $2. s is its session, outer joined.
const refreshGrant = `grants g LEFT JOIN sessions s ON s.id = g.session_id WHERE g.id = $3 AND g.client_id = $4 AND ` + grantAndPersonAlive

// rotate decides who uses a refresh token. $1 old hash, $2 now, $3 grant, $4 client, $5 key of the successor.
const rotate = `UPDATE refreshes SET used_at = $2, key_id = CAST($5 AS BIGINT)
	WHERE hash = $1 AND grant_id = $3 AND used_at = 0 AND until > $2 AND EXISTS (SELECT 1 FROM ` + refreshGrant + `)
	RETURNING grant_id, generation, expires, noted_at`

var refreshFused = `WITH f AS (` + rotate + `),
	n AS (INSERT INTO refreshes (hash, grant_id, generation, until, expires, used_at, noted_at)
		SELECT $8, grant_id, generation + 1, CAST($9 AS BIGINT), expires, 0,
			CASE WHEN CAST($18 AS TEXT) <> '' THEN $2 ELSE noted_at END FROM f),
	t AS (` + touchOf(2, 3, 6, 7) + ` AND EXISTS (SELECT 1 FROM f)),
	a AS (` + insertAccess(10, "f.grant_id", "f") + `),
	e AS (` + insertEvent(18, "f") + `)
	SELECT grant_id FROM f`

// repeated finds the grant of a refresh token that was replaced after $5 and whose successor $6 is still the current one.
const repeated = `SELECT r.grant_id FROM refreshes r JOIN refreshes n ON n.hash = $6 AND n.grant_id = r.grant_id
	WHERE r.hash = $1 AND r.grant_id = $3 AND r.used_at > $5 AND n.used_at = 0 AND n.until > $2
	AND EXISTS (SELECT 1 FROM ` + refreshGrant + `)`

// touchOf moves the idle limit of a grant's session, at most once in its grain. It is given the numbers of its parameters.
func touchOf(now, grant, limit, seen int) string {
	return fmt.Sprintf(`UPDATE sessions SET last_seen = $%[1]d, idle_until = CAST($%[3]d AS BIGINT)
	WHERE id = (SELECT session_id FROM grants WHERE id = $%[2]d) AND CAST($%[3]d AS BIGINT) > 0
	AND last_seen < CAST($%[4]d AS BIGINT) AND ended_at = 0 AND idle_until > $%[1]d AND expires > $%[1]d`, now, grant, limit, seen)
}

var touchAlone = touchOf(1, 2, 3, 4)

// Refresh is one statement on PostgreSQL.
func (r records) Refresh(ctx context.Context, x *storage.Rotation) error {
	err := r.rotate(ctx, x)
	if errors.Is(err, storage.ErrNotFound) && x.Leeway > 0 {
		err = r.repeat(ctx, x)
	}
	if errors.Is(err, storage.ErrNotFound) {
		return r.reuse(ctx, x)
	}
	return err
}

func (r records) rotate(ctx context.Context, x *storage.Rotation) error {
	now, record := micros(x.Now), eventDue(&x.RefreshUse)
	if r.fused {
		args := []any{
			x.Hash, now, x.GrantID, x.ClientID, int64(x.KeyID), micros(x.IdleUntil), seenBefore(x.Now, x.IdleUntil),
			x.NewHash, micros(x.RefreshUntil),
		}
		args = append(args, accessArgs(x.Access, x.ClientID)...)
		args = append(args, eventArgs(record, x.Now)...)
		var id string
		return r.q.QueryRow(ctx, refreshFused, args...).Scan(&id)
	}
	return r.tx(ctx, func(r records) error {
		var id string
		var generation, expires, noted int64
		err := r.q.QueryRow(ctx, rotate, x.Hash, now, x.GrantID, x.ClientID, int64(x.KeyID)).Scan(&id, &generation, &expires, &noted)
		if err != nil {
			return err
		}
		if record != nil {
			noted = now
		}
		_, err = r.q.Exec(ctx, insertRefresh, x.NewHash, id, generation+1, micros(x.RefreshUntil), expires, noted)
		if err != nil {
			return err
		}
		return r.writeWithUse(ctx, &x.RefreshUse, record)
	})
}

// repeat answers the second use of a token within its leeway: nothing moves on, and each has a record.
func (r records) repeat(ctx context.Context, x *storage.Rotation) error {
	return r.tx(ctx, func(r records) error {
		var id string
		err := r.q.QueryRow(ctx, repeated, x.Hash, micros(x.Now), x.GrantID, x.ClientID, micros(x.Now.Add(-x.Leeway)), x.NewHash).Scan(&id)
		if err != nil {
			return err
		}
		record := x.Event
		if record != nil {
			mine := *record
			mine.Reason, record = x.LeewayReason, &mine
		}
		return r.writeWithUse(ctx, &x.RefreshUse, record)
	})
}

// eventDue is the record to write of a use, if one is due.
func eventDue(x *storage.RefreshUse) *storage.Event {
	if x.Due {
		return x.Event
	}
	return nil
}

// writeWithUse writes what goes with the use of a refresh token, where all of it is not one statement.
func (r records) writeWithUse(ctx context.Context, x *storage.RefreshUse, record *storage.Event) error {
	if !x.IdleUntil.IsZero() {
		if _, err := r.q.Exec(ctx, touchAlone, micros(x.Now), x.GrantID, micros(x.IdleUntil), seenBefore(x.Now, x.IdleUntil)); err != nil {
			return err
		}
	}
	if err := r.putAccess(ctx, x.Access, x.ClientID, x.GrantID); err != nil {
		return err
	}
	return r.appendEvents(ctx, x.Now, record)
}

// reuse finds out why a refresh token was refused. One used before means that two hold the chain, and nobody knows which of
// them is the thief: the grant ends (RFC 9700 §4.14.2). The exception is one within its leeway whose successor was made with
// another master key: it is no fault of the panel's that the successor cannot be given again.
func (r records) reuse(ctx context.Context, x *storage.Rotation) error {
	return r.usedBefore(ctx, x.SecondUse, x.Event, x.Now, `SELECT g.id FROM refreshes r JOIN grants g ON g.id = r.grant_id
		WHERE r.hash = $1 AND r.used_at <> 0 AND g.id = $2 AND g.client_id = $3 AND NOT (r.used_at > $4 AND r.key_id <> $5)`,
		x.Hash, x.GrantID, x.ClientID, micros(x.Now.Add(-x.Leeway)), int64(x.KeyID))
}

// usedBefore ends the grant that find finds, whose secret was seen twice, and records it once, with the circumstances
// (client, address) of the use that was refused. storage.ErrTheft; storage.ErrUsed when the grant was over before,
// storage.ErrNotFound when there is none.
func (r records) usedBefore(ctx context.Context, second storage.SecondUse, refused *storage.Event, now time.Time, find string, args ...any) error {
	why := storage.ErrNotFound
	err := r.evenIfRolledBack(ctx, func(r records) error {
		var id string
		err := r.q.QueryRow(ctx, find, args...).Scan(&id)
		if err != nil {
			return ignoreNotFound(err)
		}
		why = storage.ErrUsed
		var ev storage.Event
		if refused != nil {
			ev = *refused
		}
		err = r.q.QueryRow(ctx, `UPDATE grants SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at = 0
			RETURNING person_id, session_id, client_id`, id, micros(now), second.Reason).Scan(&ev.PersonID, &ev.SessionID, &ev.ClientID)
		if err != nil {
			return ignoreNotFound(err)
		}
		why = storage.ErrTheft
		ev.ID, ev.At, ev.Name, ev.Outcome, ev.Reason, ev.Detail = "", now, second.Name, second.Outcome, second.Reason, nil
		return r.appendEvents(ctx, now, &ev)
	})
	return cmp.Or(err, why)
}
