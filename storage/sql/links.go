package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func linkColumns(c *columns, l *storage.Link) {
	c.blob("hash", &l.Hash)
	c.text("purpose", &l.Purpose)
	c.text("person_id", &l.PersonID)
	c.text("address", &l.Address)
	c.json("data", &l.Data)
	c.time("created", &l.Created)
	c.time("expires", &l.Expires)
	c.time("used_at", &l.UsedAt)
}

var (
	readLink = `SELECT ` + listOfColumns(linkColumns) + ` FROM links
		WHERE hash = $1 AND purpose = $2 AND used_at = 0 AND expires > $3`
	takeLink = `UPDATE links SET used_at = $3
		WHERE hash = $1 AND purpose = $2 AND used_at = 0 AND expires > $3 RETURNING ` + listOfColumns(linkColumns)
)

// PutLink takes the place of the older one: a person has one row a purpose. ErrConflict when the hash is taken.
func (r records) PutLink(ctx context.Context, l *storage.Link) error {
	_, err := r.q.Exec(ctx, `INSERT INTO links (hash, purpose, person_id, address, data, created, expires, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
		ON CONFLICT (person_id, purpose) DO UPDATE SET hash = excluded.hash, address = excluded.address,
		data = excluded.data, created = excluded.created, expires = excluded.expires, used_at = 0`,
		l.Hash, l.Purpose, l.PersonID, l.Address, text(l.Data), micros(l.Created), micros(l.Expires))
	return err
}

func (r records) Link(ctx context.Context, hash []byte, purpose string, now time.Time) (*storage.Link, error) {
	return scan(r.q.QueryRow(ctx, readLink, hash, purpose, micros(now)), linkColumns)
}

func (r records) TakeLink(ctx context.Context, hash []byte, purpose string, now time.Time) (*storage.Link, error) {
	return scan(r.q.QueryRow(ctx, takeLink, hash, purpose, micros(now)), linkColumns)
}

func (r records) DropLinks(ctx context.Context, personID string, now time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE links SET used_at = $2 WHERE person_id = $1 AND used_at = 0`, personID, micros(now))
	return err
}
