package sql

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// UseAssertion overwrites a row past its time: an assertion that old is refused for its exp (RFC 7523 §3), and the
// sweep need not be punctual.
func (r records) UseAssertion(ctx context.Context, clientID, jti string, expires, now time.Time) error {
	hash := sha256.Sum256([]byte(clientID + "\x00" + jti)) // a client id has no control characters (RFC 6749 §A.1)
	return r.change(ctx, storage.ErrUsed, `INSERT INTO assertions (hash, client_id, expires) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET expires = excluded.expires WHERE assertions.expires <= $4`,
		hash[:], clientID, micros(expires), micros(now))
}
