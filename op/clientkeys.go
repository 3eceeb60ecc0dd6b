package op

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// clientKeys are the public keys of clients: inline ones are in the view, those of a jwks_uri are fetched and kept here.
// There is one entry for each address in the configuration, so strangers cannot make it grow.
type clientKeys struct {
	fetch func(ctx context.Context, url string) ([]byte, error)
	log   *slog.Logger

	mu   sync.Mutex
	sets map[string]*fetchedKeys
}

// fetchedKeys is what is known of one jwks_uri. Whoever needs no newer keys than these reads them without waiting for
// those who do: a stranger's kid must not make the client itself wait for its own slow server.
type fetchedKeys struct {
	known atomic.Pointer[keysAt] // nil before any came

	mu    sync.Mutex // held while fetching: others who need the answer wait for it
	tried time.Time  // when they were last asked for
}

// keysAt are keys and when they came.
type keysAt struct {
	keys    []jose.JSONWebKey
	fetched time.Time
}

const (
	keysFresh   = 10 * time.Minute // then they are asked for again
	keysKept    = 24 * time.Hour   // that long they serve when the client's server is away
	keysTryings = 30 * time.Second // how often an address is asked at most, whatever kid a stranger sends
	keysWait    = 5 * time.Second
	maxJWKS     = 64 << 10 // bytes
	maxKeys     = 20
)

func newClientKeys(fetch func(context.Context, string) ([]byte, error), log *slog.Logger) *clientKeys {
	return &clientKeys{fetch: fetch, log: log, sets: map[string]*fetchedKeys{}}
}

// try gives verify the client's keys; when none of them fits, the keys are asked for once more, because a client that
// rotated signs with one we have not seen.
func (c *clientKeys) try(ctx context.Context, client *client, now time.Time, verify func([]jose.JSONWebKey) error) error {
	if client.JWKSURI == "" {
		return verify(client.keys)
	}
	c.mu.Lock()
	set := c.sets[client.JWKSURI]
	if set == nil {
		set = &fetchedKeys{}
		c.sets[client.JWKSURI] = set
	}
	c.mu.Unlock()

	keys, err := c.current(ctx, set, client.JWKSURI, now, keysFresh)
	if err != nil {
		return err
	}
	if err = verify(keys); !errors.Is(err, errAssertionKey) {
		return err
	}
	newer, err := c.current(ctx, set, client.JWKSURI, now, 0)
	if err != nil {
		return err
	}
	return verify(newer)
}

// current returns keys not older than age, or older ones when they cannot be had.
func (c *clientKeys) current(ctx context.Context, set *fetchedKeys, url string, now time.Time, age time.Duration) ([]jose.JSONWebKey, error) {
	if known := set.known.Load(); known.within(age, now) {
		return known.keys, nil
	}
	set.mu.Lock()
	defer set.mu.Unlock()
	if !set.known.Load().within(age, now) && (set.tried.IsZero() || now.Sub(set.tried) >= keysTryings) {
		set.tried = now
		if keys, err := c.ask(ctx, url); err == nil {
			set.known.Store(&keysAt{keys, now})
		} else {
			c.log.LogAttrs(ctx, slog.LevelWarn, "a client's jwks_uri cannot be read", slog.String("url", url), slog.Any("error", err))
		}
	}
	if known := set.known.Load(); known.within(keysKept, now) {
		return known.keys, nil
	}
	return nil, errKeysAway
}

func (k *keysAt) within(age time.Duration, now time.Time) bool {
	return k != nil && now.Sub(k.fetched) <= age
}

func (c *clientKeys) ask(ctx context.Context, url string) ([]jose.JSONWebKey, error) {
	if c.fetch == nil {
		return nil, errors.New("op: nothing to fetch it with")
	}
	// The caller may hang up; the answer still serves whoever waits behind it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysWait)
	defer cancel()
	raw, err := c.fetch(ctx, url)
	if err != nil {
		return nil, err
	}
	if len(raw) > maxJWKS {
		return nil, errors.New("op: a JWKS of that size is none")
	}
	return parseKeys(raw)
}

// parseKeys reads a JSON Web Key Set: public keys that can verify an assertion, at most maxKeys. Others are left out
// (RFC 7517 §5); a private one spoils the set, because then anyone may be the client.
func parseKeys(raw []byte) ([]jose.JSONWebKey, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, errors.New("op: no JSON Web Key Set")
	}
	var out []jose.JSONWebKey
	for _, one := range set.Keys {
		var k jose.JSONWebKey
		if json.Unmarshal(one, &k) != nil || !k.Valid() {
			continue
		}
		if _, symmetric := k.Key.([]byte); symmetric {
			continue
		}
		if !k.IsPublic() {
			return nil, errors.New("op: the JWKS holds a private key")
		}
		if out = append(out, k); len(out) == maxKeys {
			break
		}
	}
	if len(out) == 0 {
		return nil, errors.New("op: a JWKS without a key for us")
	}
	return out, nil
}
