package session

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// Resume opens a request again that was evicted before its own browser came back to it, at the cost of others.
// storage.ErrConflict when none of them may go.
func (c *Current) Resume(ctx context.Context, db storage.Requests, row *storage.Request, l config.Limits, now time.Time) error {
	if !row.Evicted {
		return nil
	}
	known := storage.Returned
	if c.SignedIn() {
		known = storage.SignedIn
	}
	row.Standing = max(row.Standing, known)
	return db.ReopenRequest(ctx, row, l.RequestsPerBrowser, l.RequestsPerIP, now)
}
