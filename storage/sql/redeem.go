package sql

import (
	"context"
	"errors"

	"github.com/soglia-sso/soglia/storage"
)

// redeem decides who uses a code. $1 code hash, $2 now, $3 client, $4 absolute end of the grant or 0.
const redeem = `UPDATE grants AS g SET redeemed_at = $2,
	expires = CASE WHEN CAST($4 AS BIGINT) > 0 THEN CAST($4 AS BIGINT) ELSE g.expires END,
	keep_until = CASE WHEN CAST($4 AS BIGINT) > 0 THEN CAST($4 AS BIGINT) ELSE g.expires END
	WHERE g.code_hash = $1 AND g.client_id = $3 AND g.redeemed_at = 0 AND g.ended_at = 0 AND g.code_expires > $2
	AND EXISTS (SELECT 1 FROM persons p WHERE p.id = g.person_id AND NOT p.disabled AND p.second_since < g.created)
	AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = g.session_id AND ` + sessionAlive + `)
	RETURNING `

var redeemFused = `WITH g AS (` + redeem + `g.id, g.expires),
	r AS (INSERT INTO refreshes (hash, grant_id, generation, until, expires, used_at)
		SELECT $5, g.id, 1, CAST($6 AS BIGINT), g.expires, 0 FROM g WHERE CAST($5 AS BYTEA) IS NOT NULL),
	a AS (` + insertAccess(7, "g.id", "g") + `),
	e AS (` + insertEvent(15, "g") + `)
	SELECT id FROM g`

// SQLite knows no alias in RETURNING.
const redeemAlone = redeem + `id, expires`

const insertRefresh = `INSERT INTO refreshes (hash, grant_id, generation, until, expires, used_at, noted_at)
	VALUES ($1, $2, $3, $4, $5, 0, $6)`

func (r records) Redeem(ctx context.Context, x *storage.Redemption) error {
	err := r.redeem(ctx, x)
	if errors.Is(err, storage.ErrNotFound) {
		return r.replay(ctx, x)
	}
	return err
}

func (r records) redeem(ctx context.Context, x *storage.Redemption) error {
	var id string
	args := []any{x.CodeHash, micros(x.Now), x.ClientID, micros(x.Expires)}
	if r.fused {
		args = append(args, blob(x.RefreshHash), micros(x.RefreshUntil))
		args = append(args, accessArgs(x.Access, x.ClientID)...)
		args = append(args, eventArgs(x.Event, x.Now)...)
		return r.q.QueryRow(ctx, redeemFused, args...).Scan(&id)
	}
	return r.tx(ctx, func(r records) error {
		var expires int64
		if err := r.q.QueryRow(ctx, redeemAlone, args...).Scan(&id, &expires); err != nil {
			return err
		}
		if len(x.RefreshHash) > 0 {
			_, err := r.q.Exec(ctx, insertRefresh, x.RefreshHash, id, 1, micros(x.RefreshUntil), expires, 0)
			if err != nil {
				return err
			}
		}
		if err := r.putAccess(ctx, x.Access, x.ClientID, id); err != nil {
			return err
		}
		return r.appendEvents(ctx, x.Now, x.Event)
	})
}

// replay finds out why a code was refused. One used before ends its grant (RFC 6749 §4.1.2), however long ago that was;
// a late one ends nothing.
func (r records) replay(ctx context.Context, x *storage.Redemption) error {
	return r.usedBefore(ctx, x.SecondUse, x.Event, x.Now, `SELECT id FROM grants WHERE code_hash = $1 AND client_id = $2
		AND redeemed_at <> 0`, x.CodeHash, x.ClientID)
}
