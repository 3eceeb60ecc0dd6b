package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func (r records) RedeemedCodes(ctx context.Context, sessionID, clientID string, since time.Time) ([]storage.RedeemedCode, error) {
	var out []storage.RedeemedCode
	err := r.q.Query(ctx, func(row Row) error {
		var b storage.RedeemedCode
		err := row.Scan(instant{&b.Issued}, instant{&b.Redeemed})
		out = append(out, b)
		return err
	}, `SELECT created, redeemed_at FROM grants WHERE session_id = $1 AND client_id = $2 AND redeemed_at > $3
		ORDER BY redeemed_at, created`, sessionID, clientID, micros(since))
	return out, err
}
