// Package tokens is what we sign: the signing keys and their rotation, the JWKS, the claims of what we issue, and the
// reading of tokens that come back.
//
// It owns the form of a token and knows whether one is ours, which purpose it was signed for and whether its time is over.
// It leaves to op what goes into a token, for whom, and whether the grant behind one is alive; and single use to storage.
// It knows no request and no protocol, so that a command may change keys beside running servers: those see each change by
// the polled generation within 5 s.
//
// Tokens are written here, as bytes and without maps, because they are made on every sign-in; they are read by go-jose.
// What was signed or verified by this instance is not verified twice, see proven.
//
// Easy to get wrong: two kinds of token are signed with the same keys. An ID token is no access token, nor the other way
// round: typ tells them apart (RFC 9068 §2.1), and so [Keys.ReadAccess] and [Keys.ReadID] are two. And a new key is
// published before it signs and an old one after, longer than anyone may keep a copy of the JWKS.
package tokens

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

// Keys are the signing keys of the database: a server signs and reads with them, a command lists and changes them beside
// running servers. Make them with [New]; they are safe for concurrent use.
type Keys struct {
	store   storage.Store
	box     *secret.Box
	config  func() *config.Config
	loading sync.Mutex
	current atomic.Pointer[keySet]
}

// New prepares the keys and reads nothing yet: List, Rotate and Retire work at once, everything else after [Keys.Ensure].
func New(store storage.Store, box *secret.Box, cfg func() *config.Config) *Keys {
	return &Keys{store: store, box: box, config: cfg}
}

const (
	keyLease    = "signing-keys"
	leaseFor    = 30 * time.Second
	leaseWait   = 50 * time.Millisecond
	pollEvery   = 2 * time.Second // a rotation on one instance is seen by all within 5 s (R11)
	rotateEvery = time.Minute     // how often a rotation is considered
	jwksMaxAge  = 5 * time.Minute
	startLimit  = 30 * time.Second // how long Ensure waits for another instance that is making the first keys
)

// set returns the keys known now.
func (k *Keys) set() *keySet { return k.current.Load() }

// Ensure loads the keys and makes those that are missing; instances that start together take turns.
func (k *Keys) Ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		if err := k.load(ctx); err != nil {
			return err
		}
		if len(k.due(k.store.Now())) == 0 {
			return nil
		}
		if done, err := k.rotateDue(ctx); err != nil {
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
func (k *Keys) load(ctx context.Context) error {
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
	set := &keySet{byID: make(map[string]*signingKey, len(rows)), generation: generation, proven: newProven()}
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
	if set.jwks, err = renderJWKS(set.keys, k.store.Now(), maxAge(k.config())); err != nil {
		return err
	}
	k.current.Store(set)
	return nil
}

// JWKS is the JSON Web Key Set (RFC 7517 §5). It changes with the keys; the same pointer is the same document.
func (k *Keys) JWKS() *JWKS { return k.set().jwks }

// Ready says whether there is a key to sign with for every algorithm. The error is for operators.
func (k *Keys) Ready() error {
	set, now := k.set(), k.store.Now()
	for _, alg := range Algorithms {
		if _, err := set.signer(alg, now); err != nil {
			return err
		}
	}
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
func (k *Keys) due(now time.Time) []planned {
	var out []planned
	set, cfg := k.set(), k.config()
	for _, alg := range Algorithms {
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

// rotateDue makes the keys that are due, on one instance at a time; false when another instance is at it.
func (k *Keys) rotateDue(ctx context.Context) (bool, error) {
	holder := secret.NewID()
	ok, err := k.store.Lease(ctx, keyLease, holder, k.store.Now(), leaseFor)
	if err != nil || !ok {
		return false, err
	}
	defer k.store.Release(context.WithoutCancel(ctx), keyLease, holder)
	if err := k.load(ctx); err != nil { // another instance may have been faster
		return false, err
	}
	now := k.store.Now().UTC().Truncate(time.Microsecond)
	due := k.due(now)
	c := change{name: audit.KeyRotated, reason: "due"}
	for _, d := range due { // outside the transaction: an RSA key takes a while
		key, err := makeKey(k.box, d.alg, now, d.activeFrom)
		if err != nil {
			return false, err
		}
		c.made = append(c.made, key)
		if d.replaces != nil {
			c.old = append(c.old, retired(d.replaces.row, d.activeFrom, d.activeFrom.Add(keep(k.config()))))
		}
	}
	if len(due) == 0 {
		return true, nil
	}
	if err := k.store.Tx(ctx, func(tx storage.Records) error { return c.write(ctx, tx, now) }); err != nil {
		return false, err
	}
	return true, k.load(ctx)
}

// keep is how long a retired key stays published: as long as a token it signed may be shown to anyone, and as long as a
// session it spoke of may be signed out of with that token as the hint.
func keep(cfg *config.Config) time.Duration {
	return max(cfg.Lifetimes.AccessToken, cfg.Lifetimes.IDToken, cfg.Sessions.Absolute) + maxAge(cfg)
}

// Run polls for keys made elsewhere and rotates them in time, until ctx ends. Without it the keys of the start stay.
func (k *Keys) Run(ctx context.Context, log *slog.Logger) {
	poll, rotate := time.NewTicker(pollEvery), time.NewTicker(rotateEvery)
	defer poll.Stop()
	defer rotate.Stop()
	failed := func(what string, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			log.LogAttrs(ctx, slog.LevelWarn, what, slog.Any("error", err))
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			g, err := k.store.Generation(ctx)
			if err == nil && g != k.set().generation {
				err = k.load(ctx)
			}
			failed("polling signing keys", err)
		case <-rotate.C:
			err := k.load(ctx) // keys that are gone leave the JWKS
			if err == nil && len(k.due(k.store.Now())) > 0 {
				_, err = k.rotateDue(ctx)
			}
			failed("rotating signing keys", err)
		}
	}
}
