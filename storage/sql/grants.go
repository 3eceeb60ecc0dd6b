package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// alive is what keeps a session going; its $n is the time.
const alive = `s.ended_at = 0 AND s.idle_until > $2 AND s.expires > $2`

// living is what keeps a grant going: itself, its person, and its session unless it is offline. s is that session, outer
// joined.
const living = `g.ended_at = 0 AND g.expires > $2 AND (g.offline OR (` + alive + `))
	AND EXISTS (SELECT 1 FROM persons p WHERE p.id = g.person_id AND NOT p.disabled)`

// over says of an offline grant whether its session has ended; s may be missing. $2 now.
const over = `CASE WHEN ` + alive + ` THEN 0 ELSE 1 END AS session_over`

// grantBranch is a grant out of a common table root, which has all columns of grants and a few more.
var grantBranch = branch{
	kind: "grant",
	texts: "root.id, root.client_id, root.person_id, root.session_id, root.sid, root.redirect_uri, root.challenge, root.nonce, root.scopes," +
		"root.claims, root.frozen",
	// offline is 1, and 2 when the session it began in is over.
	numbers: "root.code_expires, CASE WHEN NOT root.offline THEN 0 WHEN root.session_over = 1 THEN 2 ELSE 1 END, root.created, root.redeemed_at, root.expires," +
		"CASE WHEN root.offline THEN 0 ELSE root.session_idle END, CASE WHEN root.offline THEN 0 ELSE root.session_ends END," +
		"root.generation, root.refresh_until, root.refresh_used",
	from: "root",
}

const whoOfRoot = `, who AS (SELECT person_id FROM root)`

var grantByRefresh = union(`root AS (SELECT g.*, s.idle_until AS session_idle, s.expires AS session_ends, `+over+`,
		r.generation, r.until AS refresh_until, r.used_at AS refresh_used
	FROM refreshes r JOIN grants g ON g.id = r.grant_id LEFT JOIN sessions s ON s.id = g.session_id
	WHERE r.hash = $1 AND (r.used_at <> 0 OR r.until > $2) AND `+living+`)`+whoOfRoot,
	append([]branch{grantBranch}, people...)...)

const liveGrantRoot = `root AS (SELECT g.*, s.idle_until AS session_idle, s.expires AS session_ends, ` + over + `,
		0 AS generation, 0 AS refresh_until, 0 AS refresh_used
	FROM grants g LEFT JOIN sessions s ON s.id = g.session_id WHERE g.id = $1 AND ` + living + `)`

const accessTokenRoot = `root AS (SELECT g.*, s.idle_until AS session_idle, s.expires AS session_ends, ` + over + `,
		0 AS generation, 0 AS refresh_until, 0 AS refresh_used, a.client_id AS token_client, a.scopes AS token_scopes,
		a.acr, a.amr, a.auth_time, a.issued, a.expires AS token_expires
	FROM access_tokens a JOIN grants g ON g.id = a.grant_id LEFT JOIN sessions s ON s.id = g.session_id
	WHERE a.hash = $1 AND a.expires > $2 AND ` + living + `)`

var tokenBranch = branch{
	kind:    "token",
	texts:   "root.id, root.token_client, root.token_scopes, root.acr, root.amr",
	numbers: "root.auth_time, root.issued, root.token_expires",
	from:    "root",
}

var (
	liveGrant        = union(liveGrantRoot+whoOfRoot, append([]branch{grantBranch}, known...)...)
	liveGrantAlone   = union(liveGrantRoot, grantBranch)
	accessToken      = union(accessTokenRoot+whoOfRoot, append([]branch{grantBranch, tokenBranch}, known...)...)
	accessTokenAlone = union(accessTokenRoot, grantBranch, tokenBranch)
)

func (w *wide) grant() *storage.Grant {
	t, n := &w.t, &w.n
	return &storage.Grant{
		ID: t[0], ClientID: t[1], PersonID: t[2], SessionID: t[3], Sid: t[4], RedirectURI: t[5], Challenge: t[6],
		Nonce: t[7], Scopes: wordsOf(t[8]), Claims: bytesOf(t[9]), Frozen: bytesOf(t[10]),
		CodeExpires: moment(n[0]), Offline: n[1] != 0, SessionOver: n[1] == 2, Created: moment(n[2]), RedeemedAt: moment(n[3]),
		Expires: moment(n[4]), SessionIdle: moment(n[5]), SessionEnds: moment(n[6]), Generation: n[7],
		RefreshUntil: moment(n[8]), Reused: n[9] != 0,
	}
}

// GrantByRefresh knows every refresh token the grant ever had; an ended grant has none.
func (r records) GrantByRefresh(ctx context.Context, refreshHash []byte, now time.Time) (*storage.Grant, *storage.Person, error) {
	g, _, p, err := r.grantWhole(ctx, grantByRefresh, refreshHash, now)
	if err != nil {
		return nil, nil, err
	}
	g.RefreshHash = refreshHash
	return g, p, nil
}

func (r records) LiveGrant(ctx context.Context, id string, now time.Time) (*storage.Grant, *storage.Person, error) {
	g, _, p, err := r.grantWhole(ctx, liveGrant, id, now)
	return g, p, err
}

func (r records) LiveGrantAlone(ctx context.Context, id string, now time.Time) (*storage.Grant, error) {
	g, _, _, err := r.grant(ctx, liveGrantAlone, id, now)
	return g, err
}

func (r records) AccessToken(ctx context.Context, hash []byte, now time.Time) (*storage.AccessToken, *storage.Grant, *storage.Person, error) {
	g, a, p, err := r.grantWhole(ctx, accessToken, hash, now)
	if err != nil {
		return nil, nil, nil, err
	}
	a.Hash = hash
	return a, g, p, nil
}

func (r records) AccessTokenAlone(ctx context.Context, hash []byte, now time.Time) (*storage.AccessToken, *storage.Grant, error) {
	g, a, _, err := r.grant(ctx, accessTokenAlone, hash, now)
	if err != nil {
		return nil, nil, err
	}
	a.Hash = hash
	return a, g, nil
}

// grantWhole wants the person too.
func (r records) grantWhole(ctx context.Context, s shape, key any, now time.Time) (*storage.Grant, *storage.AccessToken, *storage.Person, error) {
	g, a, people, err := r.grant(ctx, s, key, now)
	p, err := first(people, err)
	if err != nil {
		return nil, nil, nil, err
	}
	return g, a, p, nil
}

func (r records) grant(ctx context.Context, s shape, key any, now time.Time) (g *storage.Grant, a *storage.AccessToken, people []*storage.Person, err error) {
	people, err = s.each(ctx, r.q, func(w *wide) {
		if w.kind == "grant" {
			g = w.grant()
			return
		}
		a = &storage.AccessToken{
			GrantID: w.t[0], ClientID: w.t[1], Scopes: wordsOf(w.t[2]), Acr: w.t[3], Amr: wordsOf(w.t[4]),
			AuthTime: moment(w.n[0]), Issued: moment(w.n[1]), Expires: moment(w.n[2]),
		}
	}, key, micros(now))
	if err == nil && g == nil {
		err = storage.ErrNotFound
	}
	return g, a, people, err
}

// grantColumns are read by scanGrant; $n, joined with session s for two more.
const grantColumns = `g.id, g.client_id, g.person_id, g.session_id, g.sid, g.code_hash, g.code_expires, g.redirect_uri,
	g.challenge, g.nonce, g.scopes, g.claims, g.frozen, g.offline, g.created, g.redeemed_at, g.expires, g.ended_at,
	g.end_reason`

func scanGrant(row Row, more ...any) (*storage.Grant, error) {
	var g storage.Grant
	var scopes, claims, frozen string
	err := row.Scan(append([]any{
		&g.ID, &g.ClientID, &g.PersonID, &g.SessionID, &g.Sid, &g.CodeHash, instant{&g.CodeExpires}, &g.RedirectURI,
		&g.Challenge, &g.Nonce, &scopes, &claims, &frozen, &g.Offline, instant{&g.Created}, instant{&g.RedeemedAt},
		instant{&g.Expires}, instant{&g.EndedAt}, &g.EndReason,
	}, more...)...)
	if err != nil {
		return nil, err
	}
	g.Scopes, g.Claims, g.Frozen = wordsOf(scopes), bytesOf(claims), bytesOf(frozen)
	return &g, nil
}

// GrantByCode reads a grant in whatever state it is.
func (r records) GrantByCode(ctx context.Context, codeHash []byte) (*storage.Grant, error) {
	var idle, ends time.Time
	g, err := scanGrant(r.q.QueryRow(ctx, `SELECT `+grantColumns+`, COALESCE(s.idle_until, 0), COALESCE(s.expires, 0)
		FROM grants g LEFT JOIN sessions s ON s.id = g.session_id WHERE g.code_hash = $1`, codeHash),
		instant{&idle}, instant{&ends})
	if err != nil {
		return nil, err
	}
	if !g.Offline {
		g.SessionIdle, g.SessionEnds = idle, ends
	}
	return g, nil
}

// EndGrant is no error for a grant that is over or was never there.
func (r records) EndGrant(ctx context.Context, id, reason string, now time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE grants SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at = 0`,
		id, micros(now), reason)
	return err
}

// EndGrantsOf does not count what has expired already.
func (r records) EndGrantsOf(ctx context.Context, personID, clientID, reason string, now time.Time) (int, error) {
	n, err := r.q.Exec(ctx, `UPDATE grants SET ended_at = $3, end_reason = $4
		WHERE person_id = $1 AND ended_at = 0 AND expires > $3 AND (CAST($2 AS TEXT) = '' OR client_id = $2)`,
		personID, clientID, micros(now), reason)
	return int(n), err
}

func (r records) RevokeAccessToken(ctx context.Context, hash []byte) error {
	_, err := r.q.Exec(ctx, `DELETE FROM access_tokens WHERE hash = $1`, hash)
	return err
}
