package servertest_test

import (
	"context"
	"fmt"

	"github.com/soglia-sso/soglia/storage"
)

// awayStore is a database that can go away.
type awayStore struct {
	storage.Store
	gone bool
}

func (a *awayStore) err() error {
	if a.gone {
		return fmt.Errorf("%w: refused", storage.ErrAway)
	}
	return nil
}

func (a *awayStore) Ready(ctx context.Context) error {
	if err := a.err(); err != nil {
		return err
	}
	return a.Store.Ready(ctx)
}

func (a *awayStore) OutboxDepth(ctx context.Context) (int, error) {
	if err := a.err(); err != nil {
		return 0, err
	}
	return a.Store.OutboxDepth(ctx)
}

func (a *awayStore) Keys(ctx context.Context) ([]*storage.Key, error) {
	if err := a.err(); err != nil {
		return nil, err
	}
	return a.Store.Keys(ctx)
}
