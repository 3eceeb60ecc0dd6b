package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func federationColumns(c *columns, f *storage.Federation) {
	c.blob("state_hash", &f.StateHash)
	c.text("provider", &f.Provider)
	c.text("request_id", &f.RequestID)
	c.blob("browser_hash", &f.BrowserHash)
	c.blob("sealed", &f.Sealed)
	c.time("created", &f.Created)
	c.time("expires", &f.Expires)
}

func (r records) PutFederation(ctx context.Context, f *storage.Federation) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO federations (state_hash, provider, request_id,
		browser_hash, sealed, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		f.StateHash, f.Provider, f.RequestID, blob(f.BrowserHash), blob(f.Sealed), micros(f.Created), micros(f.Expires))
}

var takeFederation = `DELETE FROM federations
	WHERE state_hash = $1 AND provider = $2 AND browser_hash = $3 AND expires > $4 RETURNING ` + listOfColumns(federationColumns)

// TakeFederation leaves the row alone when provider or browser is another: a stranger must not be able to use it up.
func (r records) TakeFederation(ctx context.Context, stateHash []byte, provider string, browserHash []byte, now time.Time) (*storage.Federation, error) {
	return scan(r.q.QueryRow(ctx, takeFederation, stateHash, provider, browserHash, micros(now)), federationColumns)
}
