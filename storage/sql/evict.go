package sql

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// The standings as SQL. Requests of a browser with a session, and such in which a step succeeded, neither count for the
// address nor are closed for it: so at an address there is always one that may be closed, and nobody is refused for the
// neighbours' sake.
var signedIn, proved = strconv.Itoa(int(storage.SignedIn)), strconv.Itoa(int(storage.Proved))

// CreateRequest is one statement while there is room. The limits bound a flood, not an exact number: parallel callers may
// overshoot by as many as the pool has connections, and the next one makes up for it.
func (r records) CreateRequest(ctx context.Context, q *storage.Request, maxPerBrowser, maxPerIP int) error {
	atAddress := maxPerIP
	if q.Standing >= storage.SignedIn { // not refused because of others at the address
		atAddress = 0
	}
	err := r.insertRequest(ctx, q, maxPerBrowser, atAddress)
	if !errors.Is(err, storage.ErrConflict) {
		return err
	}
	return r.tx(ctx, func(r records) error {
		if err := r.makeRoom(ctx, q, maxPerBrowser, maxPerIP, q.Created); err != nil {
			return err
		}
		return r.insertRequest(ctx, q, 0, 0)
	})
}

func (r records) insertRequest(ctx context.Context, q *storage.Request, maxPerBrowser, maxPerIP int) error {
	err := r.change(ctx, storage.ErrConflict, `INSERT INTO requests (hash, version, client_id, browser_hash, ip, params,
		asked, interacted, standing, created, expires, finished_at)
		SELECT $1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0
		WHERE ($11 = 0 OR $11 > (SELECT COUNT(*) FROM requests
			WHERE browser_hash = $3 AND finished_at = 0 AND expires > $9))
		AND ($12 = 0 OR $12 > (SELECT COUNT(*) FROM requests
			WHERE ip = $4 AND finished_at = 0 AND expires > $9 AND standing < `+signedIn+`))
		ON CONFLICT DO NOTHING`,
		q.Hash, q.ClientID, blob(q.BrowserHash), q.IP, text(q.Params), text(q.Asked), q.Interacted, int64(q.Standing),
		micros(q.Created), micros(q.Expires), int64(max(maxPerBrowser, 0)), int64(max(maxPerIP, 0)))
	if err == nil {
		q.Version = 1
	}
	return err
}

// ReopenRequest takes the place of others, as a new request would.
func (r records) ReopenRequest(ctx context.Context, q *storage.Request, maxPerBrowser, maxPerIP int, now time.Time) error {
	err := r.tx(ctx, func(r records) error {
		if err := r.makeRoom(ctx, q, maxPerBrowser, maxPerIP, now); err != nil {
			return err
		}
		_, err := r.q.Exec(ctx, `UPDATE requests SET finished_at = 0, evicted = FALSE,
			standing = CASE WHEN standing < $3 THEN $3 ELSE standing END
			WHERE hash = $1 AND evicted AND expires > $2`, q.Hash, micros(now), int64(q.Standing))
		return err
	})
	if err == nil {
		q.FinishedAt, q.Evicted = time.Time{}, false
	}
	return err
}

// makeRoom closes as many open requests of q's browser and address as are too many for one more. ErrConflict when none of
// them may go.
func (r records) makeRoom(ctx context.Context, q *storage.Request, maxPerBrowser, maxPerIP int, now time.Time) error {
	kept := maxPerIP
	if q.Standing >= storage.SignedIn { // not refused because of others at the address
		maxPerIP = 0
	}
	if n, err := r.tooMany(ctx, `browser_hash = $1`, blob(q.BrowserHash), maxPerBrowser, now); err != nil {
		return err
	} else if n > 0 {
		err := r.evict(ctx, q.IP, kept, now, `SELECT hash FROM requests
			WHERE browser_hash = $1 AND finished_at = 0 AND expires > $2 AND standing < `+proved+`
			ORDER BY created LIMIT $3`, blob(q.BrowserHash), micros(now), n)
		if err != nil {
			return err
		}
	}
	n, err := r.tooMany(ctx, `ip = $1 AND standing < `+signedIn, q.IP, maxPerIP, now)
	if err != nil || n == 0 {
		return err
	}
	// Nobody sits at a browser that never came back with its cookie; each of its requests counts alone.
	return r.evict(ctx, q.IP, kept, now, `SELECT hash FROM (
		SELECT hash, created, CASE WHEN standing = 0 THEN NULL ELSE COUNT(*) OVER (PARTITION BY browser_hash) END AS together
		FROM requests WHERE ip = $1 AND finished_at = 0 AND expires > $2 AND standing < `+signedIn+`) AS open
		ORDER BY CASE WHEN together IS NULL THEN 0 ELSE 1 END, together DESC, created LIMIT $3`, q.IP, micros(now), n)
}

// tooMany is how many open requests must go for one more.
func (r records) tooMany(ctx context.Context, whose string, who any, most int, now time.Time) (n int, err error) {
	if most <= 0 {
		return 0, nil
	}
	err = r.q.QueryRow(ctx, `SELECT COUNT(*) FROM requests WHERE `+whose+` AND finished_at = 0 AND expires > $2`,
		who, micros(now)).Scan(&n)
	return max(0, n+1-most), err
}

// closedKept is how many evicted requests of an address are kept for each that may be open. What a person
// has on the screen is forgotten only after as many more came from there.
const closedKept = 4

// evict closes what a query chooses. Of the closed ones of an address the latest are kept.
func (r records) evict(ctx context.Context, ip string, kept int, now time.Time, choose string, args ...any) error {
	closed := []any{micros(now)}
	err := r.q.Query(ctx, func(row Row) error {
		var hash []byte
		err := row.Scan(&hash)
		closed = append(closed, hash)
		return err
	}, choose, args...)
	if err == nil && len(closed) == 1 {
		err = storage.ErrConflict
	}
	if err != nil {
		return err
	}
	_, err = r.q.Exec(ctx, `UPDATE requests SET finished_at = $1, evicted = TRUE
		WHERE hash IN (`+params(2, len(closed)-1)+`) AND finished_at = 0 AND standing < `+proved, closed...)
	if err != nil || kept <= 0 {
		return err
	}
	_, err = r.q.Exec(ctx, `DELETE FROM requests WHERE hash IN
		(SELECT hash FROM requests WHERE ip = $1 AND evicted ORDER BY finished_at DESC LIMIT 1000 OFFSET $2)`, ip, kept*closedKept)
	return err
}

func (r records) OpenRequests(ctx context.Context, now time.Time) (n int, err error) {
	err = r.q.QueryRow(ctx, `SELECT COUNT(*) FROM requests WHERE finished_at = 0 AND expires > $1`, micros(now)).Scan(&n)
	return n, err
}
