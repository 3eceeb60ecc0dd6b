// Package jwks reads JSON Web Key Sets that others keep (RFC 7517 §5): a client's, to check its assertions, and a social
// provider's, to check its ID tokens.
//
// It owns what is taken from such a set and when it is asked for again. It leaves to its callers how the address is
// reached, and what a key is good for.
//
// Easy to get wrong: who may make us ask. A key id in a token comes from whoever sent it, so a set is asked for anew at
// most once in [Remote.Every], and who needs no newer keys does not wait for those who do.
package jwks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The errors of [Remote.Try].
var (
	ErrNoKey = errors.New("jwks: no key fits")             // returned by verify, it has the set asked for once more
	ErrAway  = errors.New("jwks: the keys cannot be read") // and none are known that are young enough
)

const (
	fresh    = 10 * time.Minute // then they are asked for again
	kept     = 24 * time.Hour   // that long they serve while they cannot be read
	again    = 10 * time.Second // after a failure
	patience = 5 * time.Second
	maxSet   = 256 << 10 // bytes
	maxKeys  = 50
)

// Remote is the set behind one address. Its fields are set once; then it is safe for concurrent use.
type Remote struct {
	// Fetch reads the document. It bounds what it reads and obeys ctx.
	Fetch func(ctx context.Context) ([]byte, error)
	Every time.Duration          // how often it is asked for at most, whatever key id a stranger sends
	Trip  func(err error)        // told when it could not be read; nil = nobody
	known atomic.Pointer[keysAt] // nil before any came
	mu    sync.Mutex             // held while fetching: others who need the answer wait for it
	tried time.Time              // when it was last asked for
	cause error                  // why that failed; nil = it did not
}

// keysAt are keys and when they came.
type keysAt struct {
	keys    []jose.JSONWebKey
	fetched time.Time
}

func (k *keysAt) within(age time.Duration, now time.Time) bool {
	return k != nil && now.Sub(k.fetched) <= age
}

// Try gives verify the keys. When it says [ErrNoKey] they are asked for once more, because whoever rotated signs with one
// that we have not seen. The error is verify's, or wraps ErrAway and what happened.
func (s *Remote) Try(ctx context.Context, now time.Time, verify func([]jose.JSONWebKey) error) error {
	keys, err := s.current(ctx, now, fresh)
	if err != nil {
		return err
	}
	if err = verify(keys); !errors.Is(err, ErrNoKey) {
		return err
	}
	if keys, err = s.current(ctx, now, 0); err != nil {
		return err
	}
	return verify(keys)
}

// current returns keys not older than age, or older ones when they cannot be had.
func (s *Remote) current(ctx context.Context, now time.Time, age time.Duration) ([]jose.JSONWebKey, error) {
	if known := s.known.Load(); known.within(age, now) {
		return known.keys, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.Every
	if s.cause != nil {
		wait = min(wait, again)
	}
	if !s.known.Load().within(age, now) && (s.tried.IsZero() || now.Sub(s.tried) >= wait) {
		keys, err := s.ask(ctx)
		if s.tried, s.cause = now, err; err == nil {
			s.known.Store(&keysAt{keys, now})
		} else if s.Trip != nil {
			s.Trip(err)
		}
	}
	if known := s.known.Load(); known.within(kept, now) {
		return known.keys, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrAway, s.cause)
}

// ask outlives a caller who hangs up: the answer still serves whoever waits behind.
func (s *Remote) ask(ctx context.Context) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	raw, err := s.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	return Parse(raw)
}

// Parse reads a set: its public keys, fifty at most. What is none, or cannot be read, is left out (RFC 7517 §5); a private
// key spoils the set, because then anyone may be its owner.
func Parse(raw []byte) ([]jose.JSONWebKey, error) {
	var set struct{ Keys []json.RawMessage }
	if len(raw) > maxSet || json.Unmarshal(raw, &set) != nil {
		return nil, errors.New("jwks: no JSON Web Key Set")
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
			return nil, errors.New("jwks: the set holds a private key")
		}
		if out = append(out, k); len(out) == maxKeys {
			break
		}
	}
	if len(out) == 0 {
		return nil, errors.New("jwks: a set without a key for us")
	}
	return out, nil
}

// Fits reports whether a key may have made a signature: by the key id where there is one, and by the key's own word about
// alg and use (RFC 7517 §4.2, §4.4).
func Fits(key jose.JSONWebKey, kid string, alg jose.SignatureAlgorithm) bool {
	return (kid == "" || key.KeyID == kid) && (key.Algorithm == "" || key.Algorithm == string(alg)) && (key.Use == "" || key.Use == "sig")
}
