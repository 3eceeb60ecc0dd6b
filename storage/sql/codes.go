package sql

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func (r records) PutCode(ctx context.Context, c *storage.Code) error {
	return r.tx(ctx, func(r records) error {
		if err := r.DropCodes(ctx, c.Transaction, c.Purpose, c.Created); err != nil {
			return err
		}
		_, err := r.q.Exec(ctx, `INSERT INTO codes (id, flow, purpose, person_id, contact_id, sent_to, channel, mac, tries,
			max_tries, created, expires, used_at, replaced_at, request_hash, session_id, prefix)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, $14, $15)`,
			c.ID, c.Transaction, c.Purpose, c.PersonID, c.ContactID, c.SentTo, c.Channel, c.MAC, int64(c.Tries),
			int64(c.MaxTries), micros(c.Created), micros(c.Expires), blob(c.RequestHash), c.SessionID, c.Prefix)
		return err
	})
}

func (r records) DropCodes(ctx context.Context, transaction, purpose string, now time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE codes SET replaced_at = $3
		WHERE flow = $1 AND purpose = $2 AND replaced_at = 0 AND used_at = 0`, transaction, purpose, micros(now))
	return err
}

func codeColumns(c *columns, k *storage.Code) {
	c.text("c.id", &k.ID)
	c.text("c.flow", &k.Transaction)
	c.text("c.purpose", &k.Purpose)
	c.text("c.person_id", &k.PersonID)
	c.text("c.contact_id", &k.ContactID)
	c.text("c.sent_to", &k.SentTo)
	c.text("c.channel", &k.Channel)
	c.blob("c.mac", &k.MAC)
	c.count("c.tries", &k.Tries)
	c.count("c.max_tries", &k.MaxTries)
	c.time("c.created", &k.Created)
	c.time("c.expires", &k.Expires)
	c.time("c.used_at", &k.UsedAt)
	c.time("c.replaced_at", &k.ReplacedAt)
	c.blob("c.request_hash", &k.RequestHash)
	c.text("c.session_id", &k.SessionID)
	stateColumns(c, &k.Message)
}

// awaitedColumns compare nothing: whether the browser is the right one is its caller's to say.
func awaitedColumns(c *columns, a *storage.Awaited) {
	codeColumns(c, &a.Code)
	c.blob(`(SELECT q.browser_hash FROM requests q WHERE q.hash = c.request_hash AND q.finished_at = 0 AND q.expires > $2)`, &a.Browser)
	c.blob(`(SELECT s.hash FROM sessions s WHERE s.id = c.session_id AND `+sessionAlive+`)`, &a.Session)
	c.json(`COALESCE((SELECT p.profile FROM persons p WHERE p.id = c.person_id), '')`, &a.Profile)
}

// codesSent are codes with their messages.
const codesSent = ` FROM codes c LEFT JOIN outbox m ON m.id = c.id `

var (
	latestCode = `SELECT ` + listOfColumns(codeColumns) + codesSent + `WHERE c.flow = $1 AND c.purpose = $2
		ORDER BY c.created DESC, c.replaced_at LIMIT 1`
	awaitedCode = `SELECT ` + listOfColumns(awaitedColumns) + codesSent + `WHERE c.id = $1`
)

func (r records) LatestCode(ctx context.Context, transaction, purpose string) (*storage.Code, error) {
	return scan(r.q.QueryRow(ctx, latestCode, transaction, purpose), codeColumns)
}

func (r records) AwaitedCode(ctx context.Context, id string, now time.Time) (*storage.Awaited, error) {
	return scan(r.q.QueryRow(ctx, awaitedCode, id, micros(now)), awaitedColumns)
}

// LastSent looks back for at least a day (see Sweep). Of codes sent in the same moment it takes one that is still good.
func (r records) LastSent(ctx context.Context, sentTo string, now time.Time) (storage.Sent, error) {
	var s storage.Sent
	var over int
	err := r.q.QueryRow(ctx, `SELECT c.created, CASE WHEN c.used_at <> 0 OR c.replaced_at <> 0
		OR (c.request_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM requests q
			WHERE q.hash = c.request_hash AND q.finished_at = 0 AND q.expires > $2))
		OR (c.session_id <> '' AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session_id AND `+sessionAlive+`))
		THEN 1 ELSE 0 END AS over_now
		FROM codes c WHERE c.sent_to = $1 ORDER BY c.created DESC, over_now LIMIT 1`,
		sentTo, micros(now)).Scan(instant{&s.At}, &over)
	s.Over = over == 1
	return s, ignoreNotFound(err)
}

// TryCode's comparison of MACs need not take constant time: who chooses the code does not choose its keyed MAC.
func (r records) TryCode(ctx context.Context, t *storage.CodeTry) (ok bool, left int, err error) {
	err = r.q.QueryRow(ctx, `UPDATE codes SET tries = tries + 1, used_at = CASE WHEN mac = $5 THEN $6 ELSE 0 END
		WHERE id = $1 AND flow = $2 AND purpose = $3 AND person_id = $4
		AND used_at = 0 AND replaced_at = 0 AND tries < max_tries AND expires > $6
		RETURNING mac = $5, max_tries - tries`,
		t.ID, t.Transaction, t.Purpose, t.PersonID, t.MAC, micros(t.Now)).Scan(&ok, &left)
	if errors.Is(err, storage.ErrNotFound) {
		err = r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM codes
			WHERE id = $1 AND flow = $2 AND purpose = $3 AND person_id = $4
			AND (used_at <> 0 OR replaced_at <> 0 OR tries >= max_tries)`,
			t.ID, t.Transaction, t.Purpose, t.PersonID)
	}
	return ok, left, err
}
