package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

const linkColumns = `hash, purpose, person_id, address, data, created, expires, used_at`

// PutLink takes the place of the older one: a person has one row a purpose. ErrConflict when the hash is taken.
func (r records) PutLink(ctx context.Context, l *storage.Link) error {
	_, err := r.q.Exec(ctx, `INSERT INTO links (`+linkColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
		ON CONFLICT (person_id, purpose) DO UPDATE SET hash = excluded.hash, address = excluded.address,
		data = excluded.data, created = excluded.created, expires = excluded.expires, used_at = 0`,
		l.Hash, l.Purpose, l.PersonID, l.Address, text(l.Data), micros(l.Created), micros(l.Expires))
	return err
}

func (r records) Link(ctx context.Context, hash []byte, purpose string, now time.Time) (*storage.Link, error) {
	return scanLink(r.q.QueryRow(ctx, `SELECT `+linkColumns+` FROM links
		WHERE hash = $1 AND purpose = $2 AND used_at = 0 AND expires > $3`, hash, purpose, micros(now)))
}

func (r records) TakeLink(ctx context.Context, hash []byte, purpose string, now time.Time) (*storage.Link, error) {
	return scanLink(r.q.QueryRow(ctx, `UPDATE links SET used_at = $3
		WHERE hash = $1 AND purpose = $2 AND used_at = 0 AND expires > $3 RETURNING `+linkColumns,
		hash, purpose, micros(now)))
}

func (r records) DropLinks(ctx context.Context, personID string, now time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE links SET used_at = $2 WHERE person_id = $1 AND used_at = 0`, personID, micros(now))
	return err
}

func scanLink(row Row) (*storage.Link, error) {
	var l storage.Link
	var data string
	err := row.Scan(&l.Hash, &l.Purpose, &l.PersonID, &l.Address, &data, instant{&l.Created}, instant{&l.Expires},
		instant{&l.UsedAt})
	if err != nil {
		return nil, err
	}
	l.Data = bytesOf(data)
	return &l, nil
}
