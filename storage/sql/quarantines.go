package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

const quarantineColumns = `id, person_id, hash, events, ip, user_agent, created, expires`

var quarantineByHash = union(`root AS (SELECT * FROM quarantines WHERE hash = $1 AND expires > $2)`,
	append([]branch{{
		kind:    "quarantine",
		texts:   "root.id, root.person_id, root.events, root.ip, root.user_agent",
		numbers: "root.created, root.expires",
		from:    "root",
	}}, owner...)...)

func (r records) CreateQuarantine(ctx context.Context, q *storage.Quarantine) error {
	return r.change(ctx, storage.ErrConflict, `INSERT INTO quarantines (`+quarantineColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		q.ID, q.PersonID, q.Hash, text(q.Events), q.IP, q.UserAgent, micros(q.Created), micros(q.Expires))
}

func (r records) QuarantineByHash(ctx context.Context, hash []byte, now time.Time) (*storage.Quarantine, *storage.Person, error) {
	var q *storage.Quarantine
	p, err := first(quarantineByHash.each(ctx, r.q, func(w *wide) {
		q = &storage.Quarantine{
			ID: w.t[0], PersonID: w.t[1], Hash: hash, Events: bytesOf(w.t[2]), IP: w.t[3], UserAgent: w.t[4],
			Created: moment(w.n[0]), Expires: moment(w.n[1]),
		}
	}, hash, micros(now)))
	if err != nil {
		return nil, nil, err
	}
	return q, p, nil
}

func (r records) TakeQuarantine(ctx context.Context, id string) (*storage.Quarantine, error) {
	var q storage.Quarantine
	var events string
	err := r.q.QueryRow(ctx, `DELETE FROM quarantines WHERE id = $1 RETURNING `+quarantineColumns, id).Scan(
		&q.ID, &q.PersonID, &q.Hash, &events, &q.IP, &q.UserAgent, instant{&q.Created}, instant{&q.Expires})
	if err != nil {
		return nil, err
	}
	q.Events = bytesOf(events)
	return &q, nil
}
