package sql

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func rememberColumns(c *columns, m *storage.Remember) {
	c.blob("hash", &m.Hash)
	c.text("person_id", &m.PersonID)
	c.text("ip", &m.IP)
	c.text("user_agent", &m.UserAgent)
	c.time("created", &m.Created)
	c.time("expires", &m.Expires)
}

var takeRemember = `UPDATE remembers SET used_at = $2 WHERE hash = $1 AND used_at = 0 AND expires > $2
	RETURNING ` + listOfColumns(rememberColumns)

func (r records) PutRemember(ctx context.Context, m *storage.Remember) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO remembers (hash, person_id, ip, user_agent, created, expires, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING`,
		m.Hash, m.PersonID, m.IP, m.UserAgent, micros(m.Created), micros(m.Expires))
}

func (r records) TakeRemember(ctx context.Context, hash []byte, now time.Time) (*storage.Remember, error) {
	m, err := scan(r.q.QueryRow(ctx, takeRemember, hash, micros(now)), rememberColumns)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, r.stolen(ctx, hash, now)
	}
	return m, err
}

// stolen finds out why a cookie was refused. Of one used before, the person's unused ones go; the used ones stay, so
// that each of them is still told from an unknown one.
func (r records) stolen(ctx context.Context, hash []byte, now time.Time) error {
	why := storage.ErrNotFound
	err := r.evenIfRolledBack(ctx, func(r records) error {
		var person string
		err := r.q.QueryRow(ctx, `SELECT person_id FROM remembers WHERE hash = $1 AND used_at <> 0 AND expires > $2`,
			hash, micros(now)).Scan(&person)
		if err != nil {
			return ignoreNotFound(err)
		}
		why = storage.ErrUsed
		_, err = r.q.Exec(ctx, `DELETE FROM remembers WHERE person_id = $1 AND used_at = 0`, person)
		return err
	})
	if err != nil {
		return err
	}
	return why
}

func (r records) DropRemembers(ctx context.Context, personID string) error {
	_, err := r.q.Exec(ctx, `DELETE FROM remembers WHERE person_id = $1`, personID)
	return err
}

func (r records) DropRemember(ctx context.Context, hash []byte) error {
	_, err := r.q.Exec(ctx, `DELETE FROM remembers WHERE hash = $1`, hash)
	return err
}

func (r records) DropRememberOf(ctx context.Context, hash []byte, personID string) (bool, error) {
	n, err := r.q.Exec(ctx, `DELETE FROM remembers WHERE hash = $1 AND person_id = $2`, hash, personID)
	return n > 0, err
}
