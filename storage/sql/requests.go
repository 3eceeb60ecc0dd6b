package sql

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func requestColumns(c *columns, q *storage.Request) {
	c.number("version", &q.Version)
	c.text("client_id", &q.ClientID)
	c.text("ip", &q.IP)
	c.json("params", &q.Params)
	c.json("asked", &q.Asked)
	c.flag("interacted", &q.Interacted)
	c.number("standing", (*int64)(&q.Standing))
	c.flag("evicted", &q.Evicted)
	c.time("created", &q.Created)
	c.time("expires", &q.Expires)
	c.time("finished_at", &q.FinishedAt)
}

// wholeRequest is a request with its hashes.
func wholeRequest(c *columns, q *storage.Request) {
	requestColumns(c, q)
	c.blob("hash", &q.Hash)
	c.blob("browser_hash", &q.BrowserHash)
}

var requestByHash = `SELECT ` + listOfColumns(wholeRequest) + ` FROM requests WHERE hash = $1 AND expires > $2`

func (r records) Request(ctx context.Context, hash []byte, now time.Time) (*storage.Request, error) {
	return scan(r.q.QueryRow(ctx, requestByHash, hash, micros(now)), wholeRequest)
}

// requestFound is a request as a union has it: the hash of its browser comes in hexadecimal, as text.
type requestFound struct {
	storage.Request
	browser string
}

func requestFoundColumns(c *columns, q *requestFound) {
	requestColumns(c, &q.Request)
	c.text("browser", &q.browser)
}

// requestInSession has the request as one more kind of row. SQLite calls the function for hexadecimal by another name.
func requestInSession(hex string) shape {
	return union(liveSession, append([]branch{sessionRows, branchOf("request", requestFoundColumns,
		`(SELECT requests.*, COALESCE(`+hex+`, '') AS browser FROM requests WHERE hash = $3 AND expires > $2) AS q`)}, owner...)...)
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
	var q *requestFound
	var s *storage.Session
	p, err := all.each(ctx, r.q, func(row *columns) {
		if row.kind == sessionRows.kind {
			s = take(row, sessionColumns)
		} else {
			q = take(row, requestFoundColumns)
		}
	}, sessionHash, micros(now), hash)
	if err != nil {
		return nil, nil, nil, err
	}
	if q == nil {
		return nil, nil, nil, storage.ErrNotFound
	}
	q.Hash = hash
	if q.browser != "" {
		if q.BrowserHash, err = hex.DecodeString(q.browser); err != nil {
			return nil, nil, nil, err
		}
	}
	if s == nil || len(p) == 0 {
		return &q.Request, nil, nil, nil
	}
	s.Hash = sessionHash
	return &q.Request, s, p[0], nil
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
