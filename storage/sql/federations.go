package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

const federationColumns = `state_hash, provider, request_id, browser_hash, sealed, created, expires`

func (r records) PutFederation(ctx context.Context, f *storage.Federation) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO federations (`+federationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		f.StateHash, f.Provider, f.RequestID, blob(f.BrowserHash), blob(f.Sealed), micros(f.Created), micros(f.Expires))
}

// TakeFederation leaves the row alone when provider or browser is another: a stranger must not be able to use it up.
func (r records) TakeFederation(ctx context.Context, stateHash []byte, provider string, browserHash []byte, now time.Time) (*storage.Federation, error) {
	var f storage.Federation
	err := r.q.QueryRow(ctx, `DELETE FROM federations
		WHERE state_hash = $1 AND provider = $2 AND browser_hash = $3 AND expires > $4 RETURNING `+federationColumns,
		stateHash, provider, browserHash, micros(now)).Scan(
		&f.StateHash, &f.Provider, &f.RequestID, &f.BrowserHash, &f.Sealed, instant{&f.Created}, instant{&f.Expires})
	if err != nil {
		return nil, err
	}
	return &f, nil
}
