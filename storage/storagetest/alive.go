package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// LiveGrant and AccessToken ask the variants without a person along: they must agree wherever they are asked.
func (w *world) LiveGrant(ctx context.Context, id string, now time.Time) (*storage.Grant, *storage.Person, error) {
	g, p, err := w.Store.LiveGrant(ctx, id, now)
	_, alone := w.LiveGrantAlone(ctx, id, now)
	return g, p, agreed(err, alone)
}

func (w *world) AccessToken(ctx context.Context, hash []byte, now time.Time) (*storage.AccessToken, *storage.Grant, *storage.Person, error) {
	a, g, p, err := w.Store.AccessToken(ctx, hash, now)
	_, _, alone := w.AccessTokenAlone(ctx, hash, now)
	return a, g, p, agreed(err, alone)
}

func agreed(err, alone error) error {
	if err == nil {
		return alone // in a race it may have ended between the two
	}
	if alone == nil {
		return errors.New("dead with its person, alive alone")
	}
	return err
}

func asPanelsKnow(p *storage.Person) *storage.Person {
	known := *p
	known.PasswordHash, known.PasswordVia, known.Factors, known.Identities, known.RecoveryCodes = "", "", nil, nil, 0
	return &known
}
