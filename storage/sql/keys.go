package sql

import (
	"context"
	"errors"

	"github.com/soglia-sso/soglia/storage"
)

const keyColumns = `id, alg, sealed, public, created, active_from, retired_at, gone_at`

func (r records) PutKey(ctx context.Context, k *storage.Key) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO signing_keys (`+keyColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		k.ID, k.Alg, blob(k.Sealed), blob(k.Public), micros(k.Created), micros(k.ActiveFrom), micros(k.RetiredAt),
		micros(k.GoneAt))
}

// Keys goes by the database's clock.
func (r records) Keys(ctx context.Context) ([]*storage.Key, error) {
	var out []*storage.Key
	err := r.q.Query(ctx, func(row Row) error {
		var k storage.Key
		err := row.Scan(&k.ID, &k.Alg, &k.Sealed, &k.Public, instant{&k.Created}, instant{&k.ActiveFrom},
			instant{&k.RetiredAt}, instant{&k.GoneAt})
		out = append(out, &k)
		return err
	}, `SELECT `+keyColumns+` FROM signing_keys WHERE gone_at = 0 OR gone_at > $1 ORDER BY created, id`,
		micros(r.clock.now()))
	return out, err
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
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil // never raised
	}
	return n, err
}

func (r records) BumpGeneration(ctx context.Context) error {
	_, err := r.q.Exec(ctx, `INSERT INTO generations (name, value) VALUES ('all', 1)
		ON CONFLICT (name) DO UPDATE SET value = generations.value + 1`)
	return err
}
