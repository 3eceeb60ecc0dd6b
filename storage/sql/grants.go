package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// sessionAlive is the condition for a session s to be alive at $2.
const sessionAlive = `s.ended_at = 0 AND s.idle_until > $2 AND s.expires > $2`

// grantAlive is the condition for a grant g to be alive at $2, but for its person: itself, and its session s (outer joined)
// unless it is offline.
const grantAlive = `g.ended_at = 0 AND g.expires > $2 AND (g.offline OR (` + sessionAlive + `))`

// grantAndPersonAlive is the whole condition.
const grantAndPersonAlive = grantAlive + ` AND EXISTS (SELECT 1 FROM persons p WHERE p.id = g.person_id AND NOT p.disabled)`

// sessionOver says of an offline grant whether its session has ended; s may be missing. $2 now.
const sessionOver = `CASE WHEN ` + sessionAlive + ` THEN 0 ELSE 1 END AS session_over`

// grantColumns are of a common table root, which has all columns of grants and a few more.
func grantColumns(c *columns, g *storage.Grant) {
	c.text("id", &g.ID)
	c.text("client_id", &g.ClientID)
	c.text("person_id", &g.PersonID)
	c.text("session_id", &g.SessionID)
	c.text("sid", &g.Sid)
	c.text("redirect_uri", &g.RedirectURI)
	c.text("challenge", &g.Challenge)
	c.text("nonce", &g.Nonce)
	c.words("scopes", &g.Scopes)
	c.json("claims", &g.Claims)
	c.text("frozen", &g.Frozen)
	c.time("code_expires", &g.CodeExpires)
	c.flag("offline", &g.Offline)
	c.time("created", &g.Created)
	c.time("redeemed_at", &g.RedeemedAt)
	c.time("expires", &g.Expires)
	c.time("CASE WHEN offline THEN 0 ELSE session_idle END", &g.SessionIdle)
	c.time("CASE WHEN offline THEN 0 ELSE session_ends END", &g.SessionEnds)
	c.flag("offline AND session_over = 1", &g.SessionOver)
}

// anyGrantColumns are for who reads grants in whatever state.
func anyGrantColumns(c *columns, g *storage.Grant) {
	grantColumns(c, g)
	c.time("ended_at", &g.EndedAt)
	c.text("end_reason", &g.EndReason)
}

// refreshColumns are of the refresh token by which a grant was found.
func refreshColumns(c *columns, g *storage.Grant) {
	c.number("generation", &g.Generation)
	c.time("refresh_until", &g.RefreshUntil)
	c.time("refresh_used", &g.UsedAt)
	c.time("noted_at", &g.NotedAt)
}

func tokenColumns(c *columns, a *storage.AccessToken) {
	c.text("id", &a.GrantID)
	c.text("token_client", &a.ClientID)
	c.words("token_scopes", &a.Scopes)
	c.text("acr", &a.Acr)
	c.words("amr", &a.Amr)
	c.time("auth_time", &a.AuthTime)
	c.time("issued", &a.Issued)
	c.time("token_expires", &a.Expires)
}

var (
	grantRows    = branchOf("grant", grantColumns, "root")
	anyGrantRows = branchOf("any_grant", anyGrantColumns, "root")
	refreshRows  = branchOf("refresh", refreshColumns, "root")
	tokenRows    = branchOf("token", tokenColumns, "root")
)

var grantByRefresh = union(`root AS (SELECT g.*, s.idle_until AS session_idle, s.expires AS session_ends, `+sessionOver+`,
		r.generation, r.until AS refresh_until, r.used_at AS refresh_used, r.noted_at
	FROM refreshes r JOIN grants g ON g.id = r.grant_id LEFT JOIN sessions s ON s.id = g.session_id
	WHERE r.hash = $1 AND (r.used_at <> 0 OR r.until > $2) AND `+grantAlive+`)`,
	append([]branch{grantRows, refreshRows}, owner...)...)

// grantByCode finds a grant in whatever state it is. Its code asks for the session when it is used.
var grantByCode = union(`root AS (SELECT g.*, COALESCE(s.idle_until, 0) AS session_idle, COALESCE(s.expires, 0) AS session_ends,
		0 AS session_over FROM grants g LEFT JOIN sessions s ON s.id = g.session_id WHERE g.code_hash = $1)`,
	append([]branch{anyGrantRows}, owner...)...)

const liveGrantRoot = `root AS (SELECT g.*, s.idle_until AS session_idle, s.expires AS session_ends, ` + sessionOver + `
	FROM grants g LEFT JOIN sessions s ON s.id = g.session_id WHERE g.id = $1 AND ` + grantAlive + `)`

const accessTokenRoot = `root AS (SELECT g.*, s.idle_until AS session_idle, s.expires AS session_ends, ` + sessionOver + `,
		a.client_id AS token_client, a.scopes AS token_scopes,
		a.acr, a.amr, a.auth_time, a.issued, a.expires AS token_expires
	FROM access_tokens a JOIN grants g ON g.id = a.grant_id LEFT JOIN sessions s ON s.id = g.session_id
	WHERE a.hash = $1 AND a.expires > $2 AND ` + grantAlive + `)`

var (
	liveGrant   = union(liveGrantRoot, append([]branch{grantRows}, owner...)...)
	accessToken = union(accessTokenRoot, append([]branch{grantRows, tokenRows}, owner...)...)
)

// found is what a statement of this file finds.
type found struct {
	grant  *storage.Grant
	token  *storage.AccessToken
	person *storage.Person
}

// GrantByRefresh knows every refresh token the grant ever had; an ended grant has none.
func (r records) GrantByRefresh(ctx context.Context, refreshHash []byte, now time.Time) (*storage.Grant, *storage.Person, error) {
	f, err := r.liveGrantBy(ctx, &grantByRefresh, refreshHash, now)
	if err != nil {
		return nil, nil, err
	}
	f.grant.RefreshHash = refreshHash
	return f.grant, f.person, nil
}

// GrantByCode reads a grant in whatever state it is.
func (r records) GrantByCode(ctx context.Context, codeHash []byte) (*storage.Grant, *storage.Person, error) {
	f, err := r.grant(ctx, &grantByCode, codeHash)
	if err != nil {
		return nil, nil, err
	}
	f.grant.CodeHash = codeHash
	return f.grant, f.person, nil
}

func (r records) LiveGrant(ctx context.Context, id string, now time.Time) (*storage.Grant, *storage.Person, error) {
	f, err := r.liveGrantBy(ctx, &liveGrant, id, now)
	return f.grant, f.person, err
}

func (r records) AccessToken(ctx context.Context, hash []byte, now time.Time) (*storage.AccessToken, *storage.Grant, *storage.Person, error) {
	f, err := r.liveGrantBy(ctx, &accessToken, hash, now)
	if err != nil {
		return nil, nil, nil, err
	}
	f.token.Hash = hash
	return f.token, f.grant, f.person, nil
}

// liveGrantBy finds a grant that is alive and whose person is not disabled. The person is read in the same statement anyhow, so
// the statement does not look for it a second time.
func (r records) liveGrantBy(ctx context.Context, s *shape, key any, now time.Time) (found, error) {
	f, err := r.grant(ctx, s, key, micros(now))
	if err == nil && f.person.Disabled {
		return found{}, storage.ErrNotFound
	}
	return f, err
}

func (r records) grant(ctx context.Context, s *shape, args ...any) (f found, err error) {
	var used *storage.Grant // what its refresh token says; rows come in any order
	f.person, err = first(s.each(ctx, r.q, func(row *columns) {
		switch row.kind {
		case grantRows.kind:
			f.grant = take(row, grantColumns)
		case anyGrantRows.kind:
			f.grant = take(row, anyGrantColumns)
		case refreshRows.kind:
			used = take(row, refreshColumns)
		case tokenRows.kind:
			f.token = take(row, tokenColumns)
		}
	}, args...))
	if g := f.grant; err == nil && used != nil {
		g.Generation, g.RefreshUntil, g.UsedAt, g.NotedAt = used.Generation, used.RefreshUntil, used.UsedAt, used.NotedAt
	}
	return f, err
}

func (r records) RevokeAccessToken(ctx context.Context, hash []byte) error {
	_, err := r.q.Exec(ctx, `DELETE FROM access_tokens WHERE hash = $1`, hash)
	return err
}
