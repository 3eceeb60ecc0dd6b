package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func quarantineColumns(c *columns, q *storage.Quarantine) {
	c.text("id", &q.ID)
	c.text("person_id", &q.PersonID)
	c.json("events", &q.Events)
	c.text("ip", &q.IP)
	c.text("user_agent", &q.UserAgent)
	c.time("created", &q.Created)
	c.time("expires", &q.Expires)
}

var quarantineByHash = union(`root AS (SELECT * FROM quarantines WHERE hash = $1 AND expires > $2)`,
	append([]branch{branchOf("quarantine", quarantineColumns, "root")}, owner...)...)

func (r records) CreateQuarantine(ctx context.Context, q *storage.Quarantine) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO quarantines (id, person_id, hash, events, ip, user_agent,
		created, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		q.ID, q.PersonID, q.Hash, text(q.Events), q.IP, q.UserAgent, micros(q.Created), micros(q.Expires))
}

func (r records) QuarantineByHash(ctx context.Context, hash []byte, now time.Time) (*storage.Quarantine, *storage.Person, error) {
	var q *storage.Quarantine
	p, err := first(quarantineByHash.each(ctx, r.q, func(row *columns) {
		q = take(row, quarantineColumns)
		q.Hash = hash
	}, hash, micros(now)))
	if err != nil {
		return nil, nil, err
	}
	return q, p, nil
}

// wholeQuarantine is a quarantine with its hash.
func wholeQuarantine(c *columns, q *storage.Quarantine) {
	quarantineColumns(c, q)
	c.blob("hash", &q.Hash)
}

var takeQuarantine = `DELETE FROM quarantines WHERE id = $1 RETURNING ` + listOfColumns(wholeQuarantine)

func (r records) TakeQuarantine(ctx context.Context, id string) (*storage.Quarantine, error) {
	return scan(r.q.QueryRow(ctx, takeQuarantine, id), wholeQuarantine)
}
