package op

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// keyring keeps the signing keys of the database in memory and rotates them.
type keyring struct {
	store   storage.Store
	box     *secret.Box
	loading sync.Mutex
	current atomic.Pointer[keySet]
}

const (
	keyLease    = "signing-keys"
	leaseFor    = 30 * time.Second
	leaseWait   = 50 * time.Millisecond
	pollEvery   = 2 * time.Second // a rotation on one instance is seen by all within 5 s (R11)
	rotateEvery = time.Minute     // how often a rotation is considered
	jwksMaxAge  = 5 * time.Minute
)

// set returns the keys known now.
func (k *keyring) set() *keySet { return k.current.Load() }

// ensure loads the keys and makes those that are missing; instances that start together take turns.
func (k *keyring) ensure(ctx context.Context, cfg *config.Config) error {
	for {
		if err := k.load(ctx, cfg); err != nil {
			return err
		}
		if len(k.due(cfg, k.store.Now())) == 0 {
			return nil
		}
		if done, err := k.rotate(ctx, cfg); err != nil {
			return err
		} else if done {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leaseWait):
		}
	}
}

// load reads the keys, opening only those not yet known.
func (k *keyring) load(ctx context.Context, cfg *config.Config) error {
	k.loading.Lock()
	defer k.loading.Unlock()
	generation, err := k.store.Generation(ctx)
	if err != nil {
		return err
	}
	rows, err := k.store.Keys(ctx)
	if err != nil {
		return err
	}
	old := k.current.Load()
	set := &keySet{byID: make(map[string]*signingKey, len(rows)), generation: generation}
	for _, row := range rows {
		var key *signingKey
		if old != nil && old.byID[row.ID] != nil {
			known := *old.byID[row.ID]
			known.row = row
			key = &known
		} else if key, err = openKey(k.box, row); err != nil {
			return err
		}
		set.keys = append(set.keys, key)
		set.byID[row.ID] = key
	}
	if set.jwks, err = renderJWKS(set.keys, k.store.Now(), maxAge(cfg)); err != nil {
		return err
	}
	k.current.Store(set)
	return nil
}

// maxAge is how long panels may keep the JWKS: half of what a key is published before its use at most, because an
// instance that has not heard of the key yet still hands out the JWKS without it.
func maxAge(cfg *config.Config) time.Duration {
	return max(min(jwksMaxAge, cfg.Signing.PublishBefore/2), time.Second)
}

// planned is a key to be made.
type planned struct {
	alg        jose.SignatureAlgorithm
	activeFrom time.Time
	replaces   *signingKey // nil for the first of its kind
}

// due lists the keys to be made now: the first of an algorithm at once, a successor early enough to be published before
// its use.
func (k *keyring) due(cfg *config.Config, now time.Time) []planned {
	var out []planned
	set := k.set()
	for _, alg := range algorithms {
		var newest *signingKey
		for _, key := range set.keys {
			if key.alg == alg && key.row.RetiredAt.IsZero() {
				newest = key
			}
		}
		switch {
		case newest == nil:
			out = append(out, planned{alg: alg, activeFrom: now})
		case cfg.Signing.RotateEvery > 0 && !now.Before(newest.row.ActiveFrom.Add(cfg.Signing.RotateEvery-cfg.Signing.PublishBefore)):
			out = append(out, planned{alg: alg, activeFrom: now.Add(cfg.Signing.PublishBefore), replaces: newest})
		}
	}
	return out
}

// rotate makes the keys that are due, on one instance at a time; false when another instance is at it.
func (k *keyring) rotate(ctx context.Context, cfg *config.Config) (bool, error) {
	holder := secret.NewID()
	ok, err := k.store.Lease(ctx, keyLease, holder, k.store.Now(), leaseFor)
	if err != nil || !ok {
		return false, err
	}
	defer k.store.Release(context.WithoutCancel(ctx), keyLease, holder)
	if err := k.load(ctx, cfg); err != nil { // another instance may have been faster
		return false, err
	}
	now := k.store.Now().UTC().Truncate(time.Microsecond)
	due := k.due(cfg, now)
	c := change{name: audit.KeyRotated, reason: "due"}
	for _, d := range due { // outside the transaction: an RSA key takes a while
		key, err := makeKey(k.box, d.alg, now, d.activeFrom)
		if err != nil {
			return false, err
		}
		c.made = append(c.made, key)
		if d.replaces != nil {
			c.old = append(c.old, retired(d.replaces.row, d.activeFrom, d.activeFrom.Add(keep(cfg))))
		}
	}
	if len(due) == 0 {
		return true, nil
	}
	if err := k.store.Tx(ctx, func(tx storage.Records) error { return c.write(ctx, tx, now) }); err != nil {
		return false, err
	}
	return true, k.load(ctx, cfg)
}

// keep is how long a retired key stays published: as long as a token it signed may be shown to anyone, and as long as a
// session it spoke of may be signed out of with that token as the hint.
func keep(cfg *config.Config) time.Duration {
	return max(cfg.Lifetimes.AccessToken, cfg.Lifetimes.IDToken, cfg.Sessions.Absolute) + maxAge(cfg)
}

// Run polls for keys made elsewhere and rotates them in time, until ctx ends. Without it the keys of the start stay.
func (p *Provider) Run(ctx context.Context) {
	poll, rotate := time.NewTicker(pollEvery), time.NewTicker(rotateEvery)
	defer poll.Stop()
	defer rotate.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			g, err := p.Store.Generation(ctx)
			if err == nil && g != p.keys.set().generation {
				err = p.keys.load(ctx, p.Config())
			}
			p.logRun(ctx, "polling signing keys", err)
		case <-rotate.C:
			err := p.keys.load(ctx, p.Config()) // keys that are gone leave the JWKS
			if err == nil && len(p.keys.due(p.Config(), p.Store.Now())) > 0 {
				_, err = p.keys.rotate(ctx, p.Config())
			}
			p.logRun(ctx, "rotating signing keys", err)
		}
	}
}

func (p *Provider) logRun(ctx context.Context, what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.Log.LogAttrs(ctx, slog.LevelWarn, what, slog.Any("error", err))
	}
}
