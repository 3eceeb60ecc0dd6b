package sql

import (
	"context"

	"github.com/soglia-sso/soglia/storage"
)

func keyColumns(c *columns, k *storage.Key) {
	c.text("id", &k.ID)
	c.text("alg", &k.Alg)
	c.blob("sealed", &k.Sealed)
	c.blob("public", &k.Public)
	c.time("created", &k.Created)
	c.time("active_from", &k.ActiveFrom)
	c.time("retired_at", &k.RetiredAt)
	c.time("gone_at", &k.GoneAt)
}

var keysInUse = `SELECT ` + listOfColumns(keyColumns) + ` FROM signing_keys WHERE gone_at = 0 OR gone_at > $1 ORDER BY created, id`

func (r records) PutKey(ctx context.Context, k *storage.Key) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO signing_keys (id, alg, sealed, public, created, active_from, retired_at, gone_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		k.ID, k.Alg, blob(k.Sealed), blob(k.Public), micros(k.Created), micros(k.ActiveFrom), micros(k.RetiredAt),
		micros(k.GoneAt))
}

// Keys goes by the database's clock.
func (r records) Keys(ctx context.Context) ([]*storage.Key, error) {
	return scanAll(ctx, r.q, keyColumns, keysInUse, micros(r.clock.now()))
}

// UpdateKey replaces all but the public key and the time of creation. ErrNotFound when there is no such key.
func (r records) UpdateKey(ctx context.Context, k *storage.Key) error {
	return r.change(ctx, storage.ErrNotFound, `UPDATE signing_keys
		SET sealed = $2, active_from = $3, retired_at = $4, gone_at = $5 WHERE id = $1`,
		k.ID, blob(k.Sealed), micros(k.ActiveFrom), micros(k.RetiredAt), micros(k.GoneAt))
}

func (r records) Generation(ctx context.Context) (int64, error) {
	var n int64
	err := r.q.QueryRow(ctx, `SELECT value FROM generations WHERE name = 'all'`).Scan(&n)
	return n, ignoreNotFound(err) // 0 = never raised
}

func (r records) BumpGeneration(ctx context.Context) error {
	_, err := r.q.Exec(ctx, `INSERT INTO generations (name, value) VALUES ('all', 1)
		ON CONFLICT (name) DO UPDATE SET value = generations.value + 1`)
	return err
}
