package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// insertGrant takes the session it hangs on from a row source s with an expires column. Its parameters: $1 session,
// $2 now, $3 session version, $4 person, $5 request, then the grant's.
const insertGrant = `INSERT INTO grants (id, client_id, person_id, session_id, sid, code_hash, code_expires, redirect_uri,
	challenge, nonce, scopes, claims, frozen, offline, created, redeemed_at, expires, keep_until, ended_at, end_reason)
	SELECT $6, $7, $4, $1, $8, $9, CAST($10 AS BIGINT), $11, $12, $13, $14, $15, $16, $17, $2, 0,
		CASE WHEN CAST($18 AS BIGINT) > 0 THEN CAST($18 AS BIGINT) ELSE s.expires END, CAST($10 AS BIGINT), 0, ''`

// issuing is the session that may be given a code.
const issuing = `FROM sessions s WHERE s.id = $1 AND s.version = $3 AND s.person_id = $4 AND ` + sessionAlive + `
	AND EXISTS (SELECT 1 FROM persons p WHERE p.id = s.person_id AND NOT p.disabled)`

// issueFused locks the session against an end under way: EndSessions ends the grants that it sees, and without the lock it
// could miss one that is just being made and, being offline, would outlive the session.
var issueFused = `WITH s AS (SELECT s.id, s.expires ` + issuing + ` FOR SHARE),
	q AS (UPDATE requests SET finished_at = $2 WHERE hash = $5 AND finished_at = 0 AND expires > $2
		AND EXISTS (SELECT 1 FROM s) RETURNING 1),
	g AS (` + insertGrant + ` FROM s WHERE CAST($5 AS BYTEA) IS NULL OR EXISTS (SELECT 1 FROM q) RETURNING id),
	e AS (` + insertEvent(19, "g") + `)
	SELECT (SELECT COUNT(*) FROM s), (SELECT COUNT(*) FROM g)`

// IssueCode takes g.Created for the time of issue, and for that of the activity that moves the session's idle limit. An unset g.Expires is the session's absolute limit.
func (r records) IssueCode(ctx context.Context, g *storage.Grant, sessionVersion int64, ev *storage.Event) error {
	args := []any{
		g.SessionID, micros(g.Created), sessionVersion, g.PersonID, blob(g.RequestHash),
		g.ID, g.ClientID, g.Sid, blob(g.CodeHash), micros(g.CodeExpires), g.RedirectURI, g.Challenge, g.Nonce,
		words(g.Scopes), text(g.Claims), g.Frozen, g.Offline, micros(g.Expires),
	}
	if !g.SessionIdle.IsZero() {
		// The session's row first: two issues that both held it by FOR SHARE could not both move its limit.
		return r.tx(ctx, func(r records) error {
			if err := r.TouchSession(ctx, g.SessionID, g.Created, g.SessionIdle); err != nil {
				return err
			}
			still := *g
			still.SessionIdle = time.Time{}
			return r.IssueCode(ctx, &still, sessionVersion, ev)
		})
	}
	if r.fused {
		var sessions, grants int
		err := r.q.QueryRow(ctx, issueFused, append(args, eventArgs(ev, g.Created)...)...).Scan(&sessions, &grants)
		switch {
		case err != nil:
			return err
		case sessions == 0:
			return storage.ErrConflict
		case grants == 0:
			return storage.ErrUsed
		}
		return nil
	}
	return r.tx(ctx, func(r records) error {
		if err := r.change(ctx, storage.ErrConflict, insertGrant+` `+issuing, args...); err != nil {
			return err
		}
		if len(g.RequestHash) > 0 {
			err := r.change(ctx, storage.ErrUsed, finishRequest, g.RequestHash, micros(g.Created))
			if err != nil {
				return err
			}
		}
		return r.appendEvents(ctx, g.Created, ev)
	})
}
