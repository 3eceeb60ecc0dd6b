package sql

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func (r records) Request(ctx context.Context, hash []byte, now time.Time) (*storage.Request, error) {
	var q storage.Request
	var params, asked string
	err := r.q.QueryRow(ctx, `SELECT hash, version, client_id, browser_hash, ip, params, asked, interacted, standing,
		evicted, created, expires, finished_at FROM requests WHERE hash = $1 AND expires > $2`, hash, micros(now)).Scan(
		&q.Hash, &q.Version, &q.ClientID, &q.BrowserHash, &q.IP, &params, &asked, &q.Interacted, &q.Standing,
		&q.Evicted, instant{&q.Created}, instant{&q.Expires}, instant{&q.FinishedAt})
	if err != nil {
		return nil, err
	}
	q.Params, q.Asked = bytesOf(params), bytesOf(asked)
	return &q, nil
}

// requestInSession has the request as one more kind of row. The hash of its browser comes in hexadecimal, as text; SQLite
// calls that function by another name.
func requestInSession(hex string) shape {
	return union(liveSession, append([]branch{sessionRow, {
		kind:    "request",
		texts:   "q.client_id, q.browser, q.ip, q.params, q.asked",
		numbers: "q.version, CASE WHEN q.interacted THEN 1 ELSE 0 END, q.created, q.expires, q.finished_at, q.standing, CASE WHEN q.evicted THEN 1 ELSE 0 END",
		from:    `(SELECT requests.*, COALESCE(` + hex + `, '') AS browser FROM requests WHERE hash = $3 AND expires > $2) AS q`,
	}}, owner...)...)
}

var (
	requestInSessionFused = requestInSession(`encode(browser_hash, 'hex')`)
	requestInSessionLite  = requestInSession(`hex(browser_hash)`)
)

func (r records) RequestInSession(ctx context.Context, hash, sessionHash []byte, now time.Time) (*storage.Request, *storage.Session, *storage.Person, error) {
	all := &requestInSessionLite
	if r.fused {
		all = &requestInSessionFused
	}
	var q *storage.Request
	var s *storage.Session
	var spoilt error
	p, err := all.each(ctx, r.q, func(w *wide) {
		if w.kind == sessionRow.kind {
			s = sessionOf(w, sessionHash)
			return
		}
		t, n := &w.t, &w.n
		q = &storage.Request{
			Hash: hash, ClientID: t[0], IP: t[2], Params: bytesOf(t[3]), Asked: bytesOf(t[4]),
			Version: n[0], Interacted: n[1] != 0, Created: moment(n[2]), Expires: moment(n[3]), FinishedAt: moment(n[4]),
			Standing: storage.Standing(n[5]), Evicted: n[6] != 0,
		}
		if t[1] != "" {
			q.BrowserHash, spoilt = hex.DecodeString(t[1])
		}
	}, sessionHash, micros(now), hash)
	switch {
	case err != nil || spoilt != nil:
		return nil, nil, nil, errors.Join(err, spoilt)
	case q == nil:
		return nil, nil, nil, storage.ErrNotFound
	case s == nil || len(p) == 0:
		return q, nil, nil, nil
	}
	return q, s, p[0], nil
}

// UpdateRequest raises q.Version. A browser once bound stays: another hash is a conflict.
func (r records) UpdateRequest(ctx context.Context, q *storage.Request) error {
	err := r.change(ctx, storage.ErrConflict, `UPDATE requests SET version = version + 1, asked = $3, interacted = $4,
		browser_hash = COALESCE(browser_hash, $5), standing = CASE WHEN standing < $6 THEN $6 ELSE standing END
		WHERE hash = $1 AND version = $2 AND (browser_hash IS NULL OR browser_hash = $5)`,
		q.Hash, q.Version, text(q.Asked), q.Interacted, blob(q.BrowserHash), int64(q.Standing))
	if err == nil {
		q.Version++
	}
	return err
}

const finishRequest = `UPDATE requests SET finished_at = $2 WHERE hash = $1 AND finished_at = 0 AND expires > $2`

func (r records) FinishRequest(ctx context.Context, hash []byte, now time.Time) error {
	n, err := r.q.Exec(ctx, finishRequest, hash, micros(now))
	if err != nil || n > 0 {
		return err
	}
	return r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM requests WHERE hash = $1 AND expires > $2`, hash, micros(now))
}
