package server

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// countingStore is a database whose audit records are counted once they are committed: the metrics and the audit tell the
// same story, and whoever records something new need not think of metrics.
type countingStore struct {
	countingRecords
	db storage.Store
}

func newCountingStore(db storage.Store, count func(*storage.Event)) countingStore {
	return countingStore{countingRecords{db, count}, db}
}

func (s countingStore) Now() time.Time                  { return s.db.Now() }
func (s countingStore) Ready(ctx context.Context) error { return s.db.Ready(ctx) }
func (s countingStore) Close() error                    { return s.db.Close() }

// Tx counts what f recorded when it is committed, once however often f was repeated.
func (s countingStore) Tx(ctx context.Context, f func(storage.Records) error) error {
	var recorded []*storage.Event
	err := s.db.Tx(ctx, func(r storage.Records) error {
		recorded = nil
		return f(countingRecords{r, func(ev *storage.Event) { recorded = append(recorded, ev) }})
	})
	if err == nil {
		for _, ev := range recorded {
			s.count(ev)
		}
	}
	return err
}

// countingRecords hands every event that was recorded without an error to count.
type countingRecords struct {
	storage.Records
	count func(*storage.Event)
}

func (c countingRecords) Append(ctx context.Context, events ...*storage.Event) error {
	return c.after(c.Records.Append(ctx, events...), events...)
}

func (c countingRecords) IssueCode(ctx context.Context, g *storage.Grant, sessionVersion int64, ev *storage.Event) error {
	return c.after(c.Records.IssueCode(ctx, g, sessionVersion, ev), ev)
}

func (c countingRecords) Redeem(ctx context.Context, r *storage.Redemption) error {
	return c.after(c.Records.Redeem(ctx, r), r.Event)
}

func (c countingRecords) Refresh(ctx context.Context, r *storage.Rotation) error {
	return c.after(c.Records.Refresh(ctx, r), r.Event)
}

// UseRefresh counts each use; few leave a record.
func (c countingRecords) UseRefresh(ctx context.Context, r *storage.RefreshUse) error {
	return c.after(c.Records.UseRefresh(ctx, r), r.Event)
}

func (c countingRecords) after(err error, events ...*storage.Event) error {
	for _, ev := range events {
		if err == nil && ev != nil {
			c.count(ev)
		}
	}
	return err
}
