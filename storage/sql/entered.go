package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// neverLeft is a message that no gateway took and probably none will: it says nothing of whom it was for.
const neverLeft = `EXISTS (SELECT 1 FROM outbox m WHERE m.id = c.id AND (m.state = 'failed' OR m.state = 'queued'
	AND (m.not_after <= $5 OR m.attempts > 1 OR m.attempts = 1 AND m.leased_by = '')))`

func (r records) Entered(ctx context.Context, channel, prefix string, since time.Time, grace time.Duration, now time.Time) (storage.Entered, error) {
	var e storage.Entered
	err := r.q.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.used_at <> 0 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN c.used_at = 0 AND c.created > $4 THEN 1 ELSE 0 END), 0)
		FROM codes c WHERE c.prefix = $2 AND c.prefix <> '' AND c.channel = $1 AND c.created > $3 AND (c.used_at <> 0 OR NOT `+neverLeft+`)`,
		channel, prefix, micros(since), micros(now.Add(-grace)), micros(now)).Scan(&e.Sent, &e.Entered, &e.Young)
	return e, err
}
