package sql

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// How often a transaction is run at most when it meets serialisation failures or deadlocks, and how long the first
// pause is at most. Without a pause of random length the same two would meet again.
const (
	tries      = 5
	firstPause = 10 * time.Millisecond
)

// records are all methods of storage.Records over a Q: a database's, or a transaction's.
type records struct {
	q     Q
	fused bool // PostgreSQL: one statement may write several tables
	clock *clock
	store *Store
	open  *[]func(records) error // in a transaction: what must outlive its rollback
}

// Tx runs f in one transaction. It repeats f after a serialisation failure or deadlock; then storage.ErrAway.
func (s *Store) Tx(ctx context.Context, f func(storage.Records) error) error {
	return s.tx(ctx, func(r records) error { return f(r) })
}

// tx runs f in the transaction r is in, or in one of its own.
func (r records) tx(ctx context.Context, f func(records) error) error {
	if r.open != nil {
		return f(r)
	}
	return retry(ctx, func() error { return r.once(ctx, f) })
}

// retry runs f until it does not ask for repetition.
func retry(ctx context.Context, f func() error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := f()
		if !errors.Is(err, errRepeat) {
			return err
		}
		if try == tries {
			return fmt.Errorf("%w: %w", storage.ErrAway, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(rand.N(pause)):
		}
		pause *= 2
	}
}

func (r records) once(ctx context.Context, f func(records) error) (err error) {
	t, err := r.store.engine.begin(ctx)
	if err != nil {
		return err
	}
	var lasting []func(records) error
	done := false
	defer func() {
		if !done { // f failed or panicked
			t.rollback(ctx)
		}
	}()
	inside := r
	inside.q, inside.open = t, &lasting
	if err := f(inside); err != nil {
		t.rollback(ctx)
		done = true
		if errors.Is(err, errRepeat) {
			return err
		}
		for _, l := range lasting {
			if lerr := r.tx(ctx, l); lerr != nil {
				return errors.Join(err, lerr)
			}
		}
		return err
	}
	done = true
	return t.commit(ctx)
}

// evenIfRolledBack runs f in a transaction that survives: when r is inside somebody's transaction and that one is rolled back
// (because the caller passes on the very error f is about), f is run again on its own. So a replay ends its grant
// wherever it was noticed.
func (r records) evenIfRolledBack(ctx context.Context, f func(records) error) error {
	if r.open != nil {
		*r.open = append(*r.open, f)
	}
	return r.tx(ctx, f)
}

// existing turns "no row was changed" into err when the row is there, and into storage.ErrNotFound when it is not.
func (r records) existing(ctx context.Context, err error, text string, args ...any) error {
	var one int64
	if found := r.q.QueryRow(ctx, text, args...).Scan(&one); found != nil {
		return found
	}
	return err
}

// change runs a statement that must change a row; otherwise err.
func (r records) change(ctx context.Context, err error, text string, args ...any) error {
	n, failed := r.q.Exec(ctx, text, args...)
	if failed != nil {
		return failed
	}
	if n == 0 {
		return err
	}
	return nil
}

// ignoreNotFound is for a statement that need not find anything.
func ignoreNotFound(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}
