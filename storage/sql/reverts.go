package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func revertColumns(c *columns, r *storage.Revert) {
	c.blob("hash", &r.Hash)
	c.text("person_id", &r.PersonID)
	c.text("address", &r.Address)
	c.json("data", &r.Data)
	c.time("created", &r.Created)
	c.time("expires", &r.Expires)
	c.time("used_at", &r.UsedAt)
}

var (
	readRevert = `SELECT ` + listOfColumns(revertColumns) + ` FROM reverts WHERE hash = $1 AND used_at = 0 AND expires > $2`
	takeRevert = `UPDATE reverts SET used_at = $2 WHERE hash = $1 AND used_at = 0 AND expires > $2 RETURNING ` + listOfColumns(revertColumns)
)

func (r records) PutRevert(ctx context.Context, v *storage.Revert) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO reverts (hash, person_id, address, data, created, expires, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING`,
		v.Hash, v.PersonID, v.Address, text(v.Data), micros(v.Created), micros(v.Expires))
}

func (r records) Revert(ctx context.Context, hash []byte, now time.Time) (*storage.Revert, error) {
	return scan(r.q.QueryRow(ctx, readRevert, hash, micros(now)), revertColumns)
}

func (r records) TakeRevert(ctx context.Context, hash []byte, now time.Time) (*storage.Revert, error) {
	return scan(r.q.QueryRow(ctx, takeRevert, hash, micros(now)), revertColumns)
}

func (r records) DropReverts(ctx context.Context, personID, address string, now time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE reverts SET used_at = $3 WHERE person_id = $1 AND address = $2 AND used_at = 0`, personID, address, micros(now))
	return err
}
