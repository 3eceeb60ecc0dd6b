package sql

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// PutFactor fails with ErrConflict when the id is another person's, with ErrNotFound without a person.
func (r records) PutFactor(ctx context.Context, f *storage.Factor) error {
	return r.tx(ctx, func(r records) error {
		// Only a confirmed factor that is replaced by another one voids second steps.
		_, err := r.q.Exec(ctx, void+` AND EXISTS (SELECT 1 FROM factors WHERE id = $3 AND person_id = $1 AND NOT pending
			AND (method <> $4 OR sealed IS DISTINCT FROM $5 OR address <> $6 OR CAST($7 AS BOOLEAN)
				OR disabled AND NOT CAST($8 AS BOOLEAN)))`,
			f.PersonID, micros(r.clock.now()), f.ID, f.Method, blob(f.Sealed), f.Address, f.Pending, f.Disabled)
		if err == nil && f.Pending {
			err = r.dropPending(ctx, f)
		}
		if err != nil {
			return err
		}
		if err := r.putFactor(ctx, f); err != nil || f.Pending { // a pending one has changed nothing yet
			return err
		}
		return r.markClaimed(ctx, f.PersonID)
	})
}

// lockPerson comes before what changes several factors, or a factor and its person: those who do so at once take turns, and
// never wait for each other.
func (r records) lockPerson(ctx context.Context, id string, unknown error) error {
	return r.change(ctx, unknown, `UPDATE persons SET updated = updated WHERE id = $1`, id)
}

// dropPending removes the older pending factors of the method; with an address, those with any, because a person has one
// number. The lock lets the later of two parallel callers see the other's factor and remove it, so that two never wait to be
// confirmed.
func (r records) dropPending(ctx context.Context, f *storage.Factor) error {
	if err := r.lockPerson(ctx, f.PersonID, storage.ErrNotFound); err != nil {
		return err
	}
	_, err := r.q.Exec(ctx, `DELETE FROM factors WHERE person_id = $1 AND (method = $2 OR $4 <> '' AND address <> '')
		AND pending AND id <> $3`, f.PersonID, f.Method, f.ID, f.Address)
	return err
}

func (r records) putFactor(ctx context.Context, f *storage.Factor) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO factors (id, person_id, method, label, sealed, address,
		pending, last_step, weak_until, disabled, created, last_used, replaces, channels)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO UPDATE SET method = excluded.method, label = excluded.label, sealed = excluded.sealed,
		address = excluded.address, pending = excluded.pending, last_step = excluded.last_step,
		weak_until = excluded.weak_until, disabled = excluded.disabled, last_used = excluded.last_used,
		replaces = excluded.replaces, channels = excluded.channels
		WHERE factors.person_id = excluded.person_id`,
		f.ID, f.PersonID, f.Method, f.Label, blob(f.Sealed), f.Address, f.Pending, f.LastStep, micros(f.RestsUntil),
		f.Disabled, micros(f.Created), micros(f.LastUsed), f.Replaces, words(f.Channels))
}

// wholeFactor is a factor in any state, with its secret.
func wholeFactor(c *columns, f *storage.Factor) {
	factorColumns(c, f)
	c.blob("f.sealed", &f.Sealed)
	c.flag("f.pending", &f.Pending)
	c.text("f.replaces", &f.Replaces)
}

var factorByID = `SELECT ` + listOfColumns(wholeFactor) + ` FROM factors f WHERE f.id = $1 AND f.person_id = $2`

// Factor loads a factor in any state, pending and disabled included.
func (r records) Factor(ctx context.Context, personID, id string) (*storage.Factor, error) {
	return scan(r.q.QueryRow(ctx, factorByID, id, personID), wholeFactor)
}

// UseStep works on active factors only (RFC 6238 §5.2: one step, one use).
func (r records) UseStep(ctx context.Context, id string, step int64, now time.Time) error {
	n, err := r.q.Exec(ctx, `UPDATE factors SET last_step = $2, last_used = $3
		WHERE id = $1 AND last_step < $2 AND NOT pending AND NOT disabled`, id, step, micros(now))
	if err != nil || n > 0 {
		return err
	}
	return r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM factors WHERE id = $1`, id)
}

func (r records) ActivateFactor(ctx context.Context, id string, step int64, restsUntil, now time.Time) error {
	return r.tx(ctx, func(r records) error {
		var person string
		err := r.q.QueryRow(ctx, `UPDATE factors SET pending = FALSE, last_step = $2, weak_until = $3, last_used = $4, created = $4
			WHERE id = $1 AND pending RETURNING person_id`, id, step, micros(restsUntil), micros(now)).Scan(&person)
		if errors.Is(err, storage.ErrNotFound) {
			return r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM factors WHERE id = $1`, id)
		}
		if err != nil {
			return err
		}
		return r.markClaimed(ctx, person)
	})
}

// SwapFactor is decided by the statement that takes the old factor away: of two swaps of it, or of a swap and a removal, one
// finds it. Before that it only locks the person's row, so that a refusal changed nothing.
func (r records) SwapFactor(ctx context.Context, personID, id, replaces string, step int64, restsUntil, now time.Time) error {
	return r.tx(ctx, func(r records) error {
		if err := r.lockPerson(ctx, personID, storage.ErrUsed); err != nil {
			return err
		}
		err := r.change(ctx, storage.ErrUsed, `DELETE FROM factors WHERE id = $1 AND person_id = $2 AND NOT pending AND NOT disabled
			AND EXISTS (SELECT 1 FROM factors n WHERE n.id = $3 AND n.person_id = $2 AND n.pending AND n.replaces = $1)`,
			replaces, personID, id)
		if err != nil {
			return err
		}
		err = r.change(ctx, storage.ErrConflict, `UPDATE factors SET pending = FALSE, replaces = '', last_step = $2, weak_until = $3,
			last_used = $4, created = $4 WHERE id = $1 AND pending`, id, step, micros(restsUntil), micros(now))
		if err != nil {
			return err
		}
		if err := r.markClaimed(ctx, personID); err != nil {
			return err
		}
		return r.VoidSecondSteps(ctx, personID)
	})
}

// AddFactorChannel adds a word to a list of words in one statement: two channels proved at once both stand in it.
func (r records) AddFactorChannel(ctx context.Context, personID, id, channel string) error {
	return r.change(ctx, storage.ErrNotFound, `UPDATE factors SET channels = CASE WHEN ' ' || channels || ' ' LIKE '% ' || CAST($3 AS TEXT) || ' %'
		THEN channels ELSE TRIM(channels || ' ' || CAST($3 AS TEXT)) END
		WHERE id = $1 AND person_id = $2 AND NOT pending`, id, personID, channel)
}

// RemoveFactor fails with ErrNotFound when this person has no such factor.
func (r records) RemoveFactor(ctx context.Context, personID, id string) error {
	return r.tx(ctx, func(r records) error {
		if err := r.lockPerson(ctx, personID, storage.ErrNotFound); err != nil {
			return err
		}
		var pending bool
		err := r.q.QueryRow(ctx, `DELETE FROM factors WHERE id = $1 AND person_id = $2 RETURNING pending`, id, personID).Scan(&pending)
		if err != nil || pending {
			return err
		}
		if err := r.markClaimed(ctx, personID); err != nil {
			return err
		}
		return r.VoidSecondSteps(ctx, personID)
	})
}

func (r records) PutRecoveryCodes(ctx context.Context, personID string, hashes [][]byte, now time.Time) error {
	return r.tx(ctx, func(r records) error {
		// The person's row first, to lock it: of two parallel callers the later one replaces all codes, they never mix.
		err := r.change(ctx, storage.ErrNotFound, `UPDATE persons SET updated = $2, birth_address = '',
			birth_until = 0 WHERE id = $1`, personID, micros(now))
		if err != nil {
			return err
		}
		if _, err := r.q.Exec(ctx, `DELETE FROM recovery_codes WHERE person_id = $1`, personID); err != nil {
			return err
		}
		for _, h := range hashes {
			_, err := r.q.Exec(ctx, `INSERT INTO recovery_codes (person_id, hash, created, used_at)
				VALUES ($1, $2, $3, 0)`, personID, h, micros(now))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (r records) RestRecoveryCodes(ctx context.Context, personID string, until time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE recovery_codes SET weak_until = $2 WHERE person_id = $1`, personID, micros(until))
	return err
}

// UseRecoveryCode fails with ErrNotFound for a code that is none, ErrUsed for one that was.
func (r records) UseRecoveryCode(ctx context.Context, personID string, hash []byte, now time.Time) (int, error) {
	left := 0
	err := r.tx(ctx, func(r records) error {
		n, err := r.q.Exec(ctx, `UPDATE recovery_codes SET used_at = $3
			WHERE person_id = $1 AND hash = $2 AND used_at = 0`, personID, hash, micros(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM recovery_codes WHERE person_id = $1 AND hash = $2`,
				personID, hash)
		}
		return r.q.QueryRow(ctx, `SELECT COUNT(*) FROM recovery_codes WHERE person_id = $1 AND used_at = 0`,
			personID).Scan(&left)
	})
	return left, err
}
