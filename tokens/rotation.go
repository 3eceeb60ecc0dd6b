package tokens

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// KeyState is where in its life a key is.
type KeyState string

// The states, in the order of a life.
const (
	KeyPublished KeyState = "published" // in the JWKS, signs from ActiveFrom on
	KeyActive    KeyState = "active"    // signs
	KeyRetired   KeyState = "retired"   // signs no more, stays in the JWKS until GoneAt
	KeyGone      KeyState = "gone"      // just taken out of the JWKS
)

// KeyInfo is a key without its secret. Times are UTC.
type KeyInfo struct {
	ID         string // kid
	Alg        string
	State      KeyState
	Created    time.Time
	ActiveFrom time.Time
	RetiredAt  time.Time // zero = not planned
	GoneAt     time.Time // zero = not planned
	Public     []byte    // PKIX, DER
}

// The errors of Rotate and Retire, for people.
var (
	ErrKeyUnknown = errors.New("no such key in the JWKS")
	ErrKeyAlg     = errors.New("no keys are kept for this algorithm")
	ErrKeyBusy    = errors.New("another instance is changing the keys; try again in a moment")
)

// List returns what is in the JWKS now, oldest first.
func (k *Keys) List(ctx context.Context) ([]KeyInfo, error) {
	rows, err := k.store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	now := k.store.Now()
	out := make([]KeyInfo, 0, len(rows))
	for _, row := range rows {
		out = append(out, keyInfo(row, now))
	}
	return out, nil
}

// Rotate publishes successors now, to sign once signing.publish_before has passed, and plans the end of the keys they
// replace; alg "" means all Algorithms. Where a successor already waits, it is returned and none is made, so that
// asking twice is asking once.
func (k *Keys) Rotate(ctx context.Context, alg string) ([]KeyInfo, error) {
	algs := Algorithms
	if alg != "" {
		if !slices.Contains(Algorithms, jose.SignatureAlgorithm(alg)) {
			return nil, ErrKeyAlg
		}
		algs = []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)}
	}
	var out []KeyInfo
	err := k.change(ctx, func(rows []*storage.Key, now time.Time) (change, error) {
		out = nil
		c := change{name: audit.KeyRotated}
		for _, a := range algs {
			newest := newestKey(rows, a)
			if newest != nil && newest.ActiveFrom.After(now) {
				out = append(out, keyInfo(newest, now))
				continue
			}
			if newest != nil { // with another master key the successor would be one that no server can open
				if _, err := openKey(k.box, newest); err != nil {
					return c, err
				}
			}
			next, err := makeKey(k.box, a, now, now.Add(k.config().Signing.PublishBefore))
			if err != nil {
				return c, err
			}
			if newest == nil {
				next.ActiveFrom = now
			} else {
				c.old = append(c.old, retired(newest, next.ActiveFrom, next.ActiveFrom.Add(keep(k.config()))))
			}
			c.made = append(c.made, next)
			out = append(out, keyInfo(next, now))
		}
		return c, nil
	})
	return out, err
}

// Retire ends one key and returns it and its successor.
//
// Normally this is Rotate for the key's algorithm: the key signs until its successor may, and stays in the JWKS for as
// long as what it signed may be shown; a key whose end is planned already is left as it is.
//
// In an emergency, when the key may be in other hands, it leaves the JWKS now and a new one signs now. What it signed is
// refused here within 5 s, and by panels as soon as their copy of the JWKS is older than its max-age. A successor that
// was waiting goes with it: whoever read the one could read the other.
func (k *Keys) Retire(ctx context.Context, kid string, emergency bool) ([]KeyInfo, error) {
	rows, err := k.store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rows, func(row *storage.Key) bool { return row.ID == kid })
	if i < 0 {
		return nil, ErrKeyUnknown
	}
	if !emergency {
		if !rows[i].RetiredAt.IsZero() {
			return []KeyInfo{keyInfo(rows[i], k.store.Now())}, nil
		}
		made, err := k.Rotate(ctx, rows[i].Alg)
		if err != nil {
			return nil, err
		}
		return k.with(ctx, kid, made)
	}
	var out []KeyInfo
	err = k.change(ctx, func(rows []*storage.Key, now time.Time) (change, error) {
		out = nil
		c := change{name: audit.KeyRetired, reason: "emergency"}
		i := slices.IndexFunc(rows, func(row *storage.Key) bool { return row.ID == kid })
		if i < 0 {
			return c, ErrKeyUnknown
		}
		bad, until := rows[i], now
		if !bad.RetiredAt.IsZero() && bad.RetiredAt.Before(now) {
			until = bad.RetiredAt
		}
		c.old = []*storage.Key{retired(bad, until, now)}
		out = append(out, keyInfo(c.old[0], now))
		if !bad.RetiredAt.IsZero() && !bad.RetiredAt.After(now) {
			return c, nil // it had stopped signing already, and its successor signs
		}
		for _, row := range rows {
			switch {
			case row == bad || row.Alg != bad.Alg:
			case row.ActiveFrom.After(now):
				c.old = append(c.old, retired(row, now, now))
			case row.RetiredAt.IsZero() || row.RetiredAt.After(now):
				c.old = append(c.old, retired(row, now, now.Add(keep(k.config()))))
			}
		}
		next, err := makeKey(k.box, jose.SignatureAlgorithm(bad.Alg), now, now)
		if err != nil {
			return c, err
		}
		c.made = []*storage.Key{next}
		out = append(out, keyInfo(next, now))
		return c, nil
	})
	return out, err
}

// with puts the present state of a key in front of the other keys.
func (k *Keys) with(ctx context.Context, kid string, others []KeyInfo) ([]KeyInfo, error) {
	all, err := k.List(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(i KeyInfo) bool { return i.ID == kid }); i >= 0 {
		others = slices.Concat(all[i:i+1], slices.DeleteFunc(others, func(i KeyInfo) bool { return i.ID == kid }))
	}
	return others, nil
}

// change is what becomes of the keys in one transaction, with its records.
type change struct {
	name, reason string
	made, old    []*storage.Key
}

// change works out a change under the lease that rotation takes, and writes it. Nothing to change is nothing written.
func (k *Keys) change(ctx context.Context, plan func(rows []*storage.Key, now time.Time) (change, error)) error {
	holder := secret.NewID()
	ok, err := k.store.Lease(ctx, keyLease, holder, k.store.Now(), leaseFor)
	if err != nil {
		return err
	}
	if !ok {
		return ErrKeyBusy
	}
	defer k.store.Release(context.WithoutCancel(ctx), keyLease, holder)
	rows, err := k.store.Keys(ctx)
	if err != nil {
		return err
	}
	now := k.store.Now().UTC().Truncate(time.Microsecond)
	c, err := plan(rows, now) // outside the transaction: an RSA key takes a while
	if err != nil || len(c.made)+len(c.old) == 0 {
		return err
	}
	return k.store.Tx(ctx, func(tx storage.Records) error { return c.write(ctx, tx, now) })
}

func (c *change) write(ctx context.Context, tx storage.Records, now time.Time) error {
	for _, key := range c.made {
		if err := tx.PutKey(ctx, key); err != nil {
			return err
		}
	}
	for _, key := range c.old {
		if err := tx.UpdateKey(ctx, key); err != nil {
			return err
		}
	}
	for _, key := range slices.Concat(c.made, c.old) {
		ev := audit.From(ctx).Event(c.name, audit.OK, c.reason)
		ev.At, ev.Detail = now, Object(160).Text("kid", key.ID).Text("alg", key.Alg).Text("state", string(keyInfo(key, now).State)).End()
		if err := tx.Append(ctx, ev); err != nil {
			return err
		}
	}
	return tx.BumpGeneration(ctx)
}

// newestKey is the youngest key of an algorithm whose end is not planned, or nil.
func newestKey(rows []*storage.Key, alg jose.SignatureAlgorithm) *storage.Key {
	for _, row := range slices.Backward(rows) {
		if row.Alg == string(alg) && row.RetiredAt.IsZero() {
			return row
		}
	}
	return nil
}

// retired is a copy of a key with its end.
func retired(row *storage.Key, at, gone time.Time) *storage.Key {
	out := *row
	out.RetiredAt, out.GoneAt = at, gone
	return &out
}

func keyInfo(row *storage.Key, now time.Time) KeyInfo {
	out := KeyInfo{
		ID: row.ID, Alg: row.Alg, State: KeyActive, Created: row.Created, ActiveFrom: row.ActiveFrom,
		RetiredAt: row.RetiredAt, GoneAt: row.GoneAt, Public: row.Public,
	}
	switch {
	case !row.GoneAt.IsZero() && !row.GoneAt.After(now):
		out.State = KeyGone
	case row.ActiveFrom.After(now):
		out.State = KeyPublished
	case !row.RetiredAt.IsZero() && !row.RetiredAt.After(now):
		out.State = KeyRetired
	}
	return out
}
