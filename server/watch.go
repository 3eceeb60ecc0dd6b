package server

import (
	"context"

	"github.com/soglia-sso/soglia/storage"
)

// watched is a database whose audit records are counted once they are kept: the metrics and the audit tell the same
// story, and whoever records something new need not think of metrics.
type watched struct {
	storage.Store
	seen func(*storage.Event)
}

func (w watched) Append(ctx context.Context, events ...*storage.Event) error {
	return w.after(w.Store.Append(ctx, events...), events...)
}

func (w watched) IssueCode(ctx context.Context, g *storage.Grant, sessionVersion int64, ev *storage.Event) error {
	return w.after(w.Store.IssueCode(ctx, g, sessionVersion, ev), ev)
}

func (w watched) Redeem(ctx context.Context, r *storage.Redemption) error {
	return w.after(w.Store.Redeem(ctx, r), r.Event)
}

func (w watched) Refresh(ctx context.Context, r *storage.Rotation) error {
	return w.after(w.Store.Refresh(ctx, r), r.Event)
}

// UseRefresh counts each use; few leave a record.
func (w watched) UseRefresh(ctx context.Context, r *storage.RefreshUse) error {
	return w.after(w.Store.UseRefresh(ctx, r), r.Event)
}

func (w watched) after(err error, events ...*storage.Event) error {
	for _, ev := range events {
		if err == nil && ev != nil {
			w.seen(ev)
		}
	}
	return err
}

// Tx counts what f recorded when it is committed, once however often f was repeated.
func (w watched) Tx(ctx context.Context, f func(storage.Records) error) error {
	var kept []*storage.Event
	err := w.Store.Tx(ctx, func(r storage.Records) error {
		kept = nil
		return f(watchedRecords{r, &kept})
	})
	if err == nil {
		for _, ev := range kept {
			w.seen(ev)
		}
	}
	return err
}

// watchedRecords remembers what is recorded in a transaction.
type watchedRecords struct {
	storage.Records
	kept *[]*storage.Event
}

func (w watchedRecords) Append(ctx context.Context, events ...*storage.Event) error {
	return w.after(w.Records.Append(ctx, events...), events...)
}

func (w watchedRecords) IssueCode(ctx context.Context, g *storage.Grant, sessionVersion int64, ev *storage.Event) error {
	return w.after(w.Records.IssueCode(ctx, g, sessionVersion, ev), ev)
}

func (w watchedRecords) Redeem(ctx context.Context, r *storage.Redemption) error {
	return w.after(w.Records.Redeem(ctx, r), r.Event)
}

func (w watchedRecords) Refresh(ctx context.Context, r *storage.Rotation) error {
	return w.after(w.Records.Refresh(ctx, r), r.Event)
}

func (w watchedRecords) UseRefresh(ctx context.Context, r *storage.RefreshUse) error {
	return w.after(w.Records.UseRefresh(ctx, r), r.Event)
}

func (w watchedRecords) after(err error, events ...*storage.Event) error {
	for _, ev := range events {
		if err == nil && ev != nil {
			*w.kept = append(*w.kept, ev)
		}
	}
	return err
}
