package sql

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// rotate decides who uses a refresh token. $1 old hash, $2 now, $3 grant, $4 client.
const rotate = `UPDATE refreshes SET used_at = $2
	WHERE hash = $1 AND grant_id = $3 AND used_at = 0 AND until > $2
	AND EXISTS (SELECT 1 FROM grants g LEFT JOIN sessions s ON s.id = g.session_id
		WHERE g.id = $3 AND g.client_id = $4 AND ` + living + `)
	RETURNING grant_id, generation, expires`

// touchOf moves the idle limit of a grant's session, at most once in its grain. $2 now, $3 grant.
const touchOf = `UPDATE sessions SET last_seen = $2, idle_until = CAST($5 AS BIGINT)
	WHERE id = (SELECT session_id FROM grants WHERE id = $3) AND CAST($5 AS BIGINT) > 0
	AND last_seen < CAST($6 AS BIGINT) AND ended_at = 0 AND idle_until > $2 AND expires > $2`

var refreshFused = `WITH f AS (` + rotate + `),
	n AS (INSERT INTO refreshes (hash, grant_id, generation, until, expires, used_at)
		SELECT $7, grant_id, generation + 1, CAST($8 AS BIGINT), expires, 0 FROM f),
	t AS (` + touchOf + ` AND EXISTS (SELECT 1 FROM f)),
	a AS (` + insertAccess(9, "f.grant_id", "f") + `),
	e AS (` + insertEvent(17, "f") + `)
	SELECT grant_id FROM f`

// Refresh is one statement on PostgreSQL.
func (r records) Refresh(ctx context.Context, x *storage.Rotation) error {
	err := r.rotate(ctx, x)
	if errors.Is(err, storage.ErrNotFound) {
		return r.reuse(ctx, x)
	}
	return err
}

func (r records) rotate(ctx context.Context, x *storage.Rotation) error {
	now := micros(x.Now)
	seen := seenBefore(x.Now, x.IdleUntil)
	if r.fused {
		args := []any{
			x.OldHash, now, x.GrantID, x.ClientID, micros(x.IdleUntil), seen, x.NewHash, micros(x.RefreshUntil),
		}
		args = append(args, accessArgs(x.Access, x.ClientID)...)
		args = append(args, eventArgs(x.Event, x.Now)...)
		var id string
		return r.q.QueryRow(ctx, refreshFused, args...).Scan(&id)
	}
	return r.tx(ctx, func(r records) error {
		var id string
		var generation, expires int64
		err := r.q.QueryRow(ctx, rotate, x.OldHash, now, x.GrantID, x.ClientID).Scan(&id, &generation, &expires)
		if err != nil {
			return err
		}
		_, err = r.q.Exec(ctx, insertRefresh, x.NewHash, id, generation+1, micros(x.RefreshUntil), expires)
		if err != nil {
			return err
		}
		if !x.IdleUntil.IsZero() {
			// The texts share their numbers; $1 and $4 are spare here.
			if _, err := r.q.Exec(ctx, touchOf, nil, now, id, nil, micros(x.IdleUntil), seen); err != nil {
				return err
			}
		}
		if err := r.putAccess(ctx, x.Access, x.ClientID, id); err != nil {
			return err
		}
		return r.appendEvents(ctx, x.Now, x.Event)
	})
}

// reuse finds out why a refresh token was refused. One used before means that two hold the chain, and which of them is
// the thief nobody knows: the grant ends (RFC 9700 §4.14.2).
func (r records) reuse(ctx context.Context, x *storage.Rotation) error {
	var used error
	err := r.lasting(ctx, func(r records) error {
		var id string
		err := r.q.QueryRow(ctx, `SELECT g.id FROM refreshes r JOIN grants g ON g.id = r.grant_id
			WHERE r.hash = $1 AND r.used_at <> 0 AND g.id = $2 AND g.client_id = $3`,
			x.OldHash, x.GrantID, x.ClientID).Scan(&id)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		used, err = r.endForTheft(ctx, id, "refresh_reuse", "token.reuse", x.Event, x.Now)
		return err
	})
	if err != nil {
		return err
	}
	if used != nil {
		return used
	}
	return storage.ErrNotFound
}

// endForTheft ends a grant whose secret was seen twice and says so once in the audit, with the circumstances (client,
// address) of the event that could not happen. used is storage.ErrTheft, or storage.ErrUsed when the grant was over.
func (r records) endForTheft(ctx context.Context, id, reason, name string, instead *storage.Event, now time.Time) (used, err error) {
	var ev storage.Event
	if instead != nil {
		ev = *instead
	}
	err = r.q.QueryRow(ctx, `UPDATE grants SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at = 0
		RETURNING person_id, session_id, client_id`, id, micros(now), reason).Scan(&ev.PersonID, &ev.SessionID, &ev.ClientID)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.ErrUsed, nil
	}
	if err != nil {
		return nil, err
	}
	ev.ID, ev.At, ev.Name, ev.Outcome, ev.Reason, ev.Detail = "", now, name, "fail", reason, nil
	return storage.ErrTheft, r.appendEvents(ctx, now, &ev)
}
