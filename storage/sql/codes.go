package sql

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func (r records) PutCode(ctx context.Context, c *storage.Code) error {
	return r.tx(ctx, func(r records) error {
		_, err := r.q.Exec(ctx, `UPDATE codes SET replaced_at = $3
			WHERE flow = $1 AND purpose = $2 AND replaced_at = 0 AND used_at = 0`,
			c.Transaction, c.Purpose, micros(c.Created))
		if err != nil {
			return err
		}
		_, err = r.q.Exec(ctx, `INSERT INTO codes (id, flow, purpose, person_id, contact_id, channel, mac, tries,
			max_tries, created, expires, used_at, replaced_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)`,
			c.ID, c.Transaction, c.Purpose, c.PersonID, c.ContactID, c.Channel, c.MAC, int64(c.Tries),
			int64(c.MaxTries), micros(c.Created), micros(c.Expires))
		return err
	})
}

func (r records) LatestCode(ctx context.Context, transaction, purpose string) (*storage.Code, error) {
	var c storage.Code
	err := r.q.QueryRow(ctx, `SELECT id, flow, purpose, person_id, contact_id, channel, mac, tries, max_tries, created,
		expires, used_at, replaced_at FROM codes WHERE flow = $1 AND purpose = $2
		ORDER BY created DESC, replaced_at LIMIT 1`, transaction, purpose).Scan(
		&c.ID, &c.Transaction, &c.Purpose, &c.PersonID, &c.ContactID, &c.Channel, &c.MAC, &c.Tries, &c.MaxTries,
		instant{&c.Created}, instant{&c.Expires}, instant{&c.UsedAt}, instant{&c.ReplacedAt})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// LastSent knows what has not been swept: a day and more (see Sweep).
func (r records) LastSent(ctx context.Context, contactID string) (time.Time, error) {
	var t time.Time
	err := r.q.QueryRow(ctx, `SELECT COALESCE(MAX(created), 0) FROM codes WHERE contact_id = $1`, contactID).Scan(instant{&t})
	return t, err
}

// TryCode's comparison of MACs need not take constant time: who chooses the code does not choose its keyed MAC.
func (r records) TryCode(ctx context.Context, t *storage.CodeTry) (ok bool, left int, err error) {
	err = r.q.QueryRow(ctx, `UPDATE codes SET tries = tries + 1, used_at = CASE WHEN mac = $5 THEN $6 ELSE 0 END
		WHERE id = $1 AND flow = $2 AND purpose = $3 AND person_id = $4
		AND used_at = 0 AND replaced_at = 0 AND tries < max_tries AND expires > $6
		RETURNING mac = $5, max_tries - tries`,
		t.ID, t.Transaction, t.Purpose, t.PersonID, t.MAC, micros(t.Now)).Scan(&ok, &left)
	if errors.Is(err, storage.ErrNotFound) {
		err = r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM codes
			WHERE id = $1 AND flow = $2 AND purpose = $3 AND person_id = $4
			AND (used_at <> 0 OR replaced_at <> 0 OR tries >= max_tries)`,
			t.ID, t.Transaction, t.Purpose, t.PersonID)
	}
	return ok, left, err
}
