package sql

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func sessionColumns(c *columns, s *storage.Session) {
	c.text("id", &s.ID)
	c.text("person_id", &s.PersonID)
	c.number("version", &s.Version)
	c.json("events", &s.Events)
	c.text("ip", &s.IP)
	c.text("user_agent", &s.UserAgent)
	c.time("created", &s.Created)
	c.time("last_seen", &s.LastSeen)
	c.time("idle_until", &s.IdleUntil)
	c.time("expires", &s.Expires)
}

// wholeSession is a session in whatever state, with its hash.
func wholeSession(c *columns, s *storage.Session) {
	sessionColumns(c, s)
	c.blob("hash", &s.Hash)
	c.time("ended_at", &s.EndedAt)
	c.text("end_reason", &s.EndReason)
}

// liveSession is the session behind the hash $1 at $2.
const liveSession = `root AS (SELECT * FROM sessions
		WHERE hash = $1 AND ended_at = 0 AND idle_until > $2 AND expires > $2)`

var (
	sessionRows   = branchOf("session", sessionColumns, "root")
	sessionByHash = union(liveSession, append([]branch{sessionRows}, owner...)...)
	anySession    = `SELECT ` + listOfColumns(wholeSession) + ` FROM sessions `
)

// CreateSession stores s and sets s.Version.
func (r records) CreateSession(ctx context.Context, s *storage.Session) error {
	err := r.change(ctx, storage.ErrConflict, `INSERT INTO sessions (id, person_id, hash, version, events, ip, user_agent,
		created, last_seen, idle_until, expires, ended_at, end_reason)
		VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, 0, '') ON CONFLICT DO NOTHING`,
		s.ID, s.PersonID, s.Hash, text(s.Events), s.IP, s.UserAgent, micros(s.Created), micros(s.LastSeen),
		micros(s.IdleUntil), micros(s.Expires))
	if err == nil {
		s.Version = 1
	}
	return err
}

func (r records) SessionByHash(ctx context.Context, hash []byte, now time.Time) (*storage.Session, *storage.Person, error) {
	var s *storage.Session
	p, err := first(sessionByHash.each(ctx, r.q, func(row *columns) { s = take(row, sessionColumns) }, hash, micros(now)))
	if err != nil {
		return nil, nil, err
	}
	s.Hash = hash
	return s, p, nil
}

func (r records) Session(ctx context.Context, id string) (*storage.Session, error) {
	return scan(r.q.QueryRow(ctx, anySession+`WHERE id = $1`, id), wholeSession)
}

// SessionsOf lists the live ones, last seen first.
func (r records) SessionsOf(ctx context.Context, personID string, now time.Time) ([]*storage.Session, error) {
	return scanAll(ctx, r.q, wholeSession, anySession+`WHERE person_id = $1 AND ended_at = 0 AND idle_until > $2 AND expires > $2
		ORDER BY last_seen DESC, id`, personID, micros(now))
}

// OverdueSessions reads by the indexes on the two limits.
func (r records) OverdueSessions(ctx context.Context, now time.Time, n int) ([]*storage.Session, error) {
	return scanAll(ctx, r.q, wholeSession, anySession+`WHERE id IN
		(SELECT id FROM sessions WHERE ended_at = 0 AND idle_until <= $1 UNION ALL
		SELECT id FROM sessions WHERE ended_at = 0 AND expires <= $1) LIMIT $2`, micros(now), n)
}

// LiveSessions reads the sessions of the last hours by the index on expires; what is older was not swept yet.
func (r records) LiveSessions(ctx context.Context, now time.Time) (int, error) {
	n := 0
	err := r.q.QueryRow(ctx, `SELECT COUNT(*) FROM sessions WHERE expires > $1 AND idle_until > $1 AND ended_at = 0`,
		micros(now)).Scan(&n)
	return n, err
}

// RotateSession also moves the idle limit when s.IdleUntil is later than what is kept.
func (r records) RotateSession(ctx context.Context, s *storage.Session, newHash []byte, now time.Time) error {
	err := r.q.QueryRow(ctx, `UPDATE sessions SET hash = $3, events = $4, version = version + 1,
		idle_until = CASE WHEN idle_until < $5 THEN $5 ELSE idle_until END
		WHERE id = $1 AND version = $2 AND ended_at = 0 AND idle_until > $6 AND expires > $6 RETURNING version`,
		s.ID, s.Version, newHash, text(s.Events), micros(s.IdleUntil), micros(now)).Scan(&s.Version)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.ErrConflict
	}
	if err == nil {
		s.Hash = newHash
	}
	return err
}

func (r records) TouchSession(ctx context.Context, id string, now, idleUntil time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE sessions SET last_seen = $2, idle_until = $3
		WHERE id = $1 AND last_seen < $4 AND ended_at = 0 AND idle_until > $2 AND expires > $2`,
		id, micros(now), micros(idleUntil), seenBefore(now, idleUntil))
	return err
}

// seenBefore is when a session must have been seen last for activity at now to be written.
func seenBefore(now, idleUntil time.Time) int64 {
	return micros(now.Add(-storage.Grain(idleUntil.Sub(now))))
}
