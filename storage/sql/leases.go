package sql

import (
	"context"
	"time"
)

func (r records) Lease(ctx context.Context, name, holder string, now time.Time, d time.Duration) (bool, error) {
	n, err := r.q.Exec(ctx, `INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE leases.until <= $4 OR leases.holder = excluded.holder`, name, holder, micros(now.Add(d)), micros(now))
	return n > 0, err
}

// Release is no error when somebody else holds the lease by now.
func (r records) Release(ctx context.Context, name, holder string) error {
	_, err := r.q.Exec(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, name, holder)
	return err
}
