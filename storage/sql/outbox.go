package sql

import (
	"context"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Enqueue is due at once when m.Due is unset.
func (r records) Enqueue(ctx context.Context, m *storage.Message) error {
	due := m.Due
	if due.IsZero() {
		due = m.Created
	}
	return r.change(ctx, storage.ErrConflict, `INSERT INTO outbox (id, person_id, channel, kind, sealed, created,
		not_after, due, attempts, client_id, sid, session_id, state, reason, leased_by, lease_until, finished_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', '', '', 0, 0) ON CONFLICT DO NOTHING`,
		m.ID, m.PersonID, m.Channel, m.Kind, blob(m.Sealed), micros(m.Created), micros(m.NotAfter), micros(due),
		int64(m.Attempts), m.Stay.ClientID, m.Stay.Sid, m.Stay.SessionID)
}

func messageColumns(c *columns, m *storage.Message) {
	c.text("id", &m.ID)
	c.text("person_id", &m.PersonID)
	c.text("channel", &m.Channel)
	c.text("kind", &m.Kind)
	c.blob("sealed", &m.Sealed)
	c.time("created", &m.Created)
	c.time("not_after", &m.NotAfter)
	c.time("due", &m.Due)
	c.count("attempts", &m.Attempts)
	c.text("client_id", &m.Stay.ClientID)
	c.text("sid", &m.Stay.Sid)
	c.text("session_id", &m.Stay.SessionID)
}

// leaseMessages are the statements by addressee.
var leaseMessages = map[storage.Addressee]string{
	storage.ToPeople:   leaseWhere(`NOT IN`, storage.ChannelLogout, storage.ChannelEvent),
	storage.ToPanels:   leaseWhere(`IN`, storage.ChannelLogout),
	storage.ToOperator: leaseWhere(`IN`, storage.ChannelEvent),
}

func leaseWhere(in string, channels ...string) string {
	return `UPDATE outbox SET leased_by = $1, lease_until = $2, attempts = attempts + 1
	WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND due <= $3 AND not_after > $3
		AND lease_until <= $3 AND channel ` + in + ` ('` + strings.Join(channels, `', '`) + `') ORDER BY due LIMIT $4)
	AND state = 'queued' AND lease_until <= $3
	RETURNING ` + listOfColumns(messageColumns)
}

// LeaseMessages counts the attempt. Workers that look at the same rows wait for each other and then find the lease
// taken, so a worker may get fewer than n although more are due.
func (r records) LeaseMessages(ctx context.Context, worker string, to storage.Addressee, n int, now time.Time, lease time.Duration) ([]*storage.Message, error) {
	var out []*storage.Message
	err := r.tx(ctx, func(r records) (err error) {
		out, err = scanAll(ctx, r.q, messageColumns, leaseMessages[to], worker, micros(now.Add(lease)), micros(now), n)
		return err
	})
	return out, err
}

// FinishMessage forgets the content: what was sent is of no more use, and what was not must not be. ErrConflict when
// another worker has the message or it is finished.
func (r records) FinishMessage(ctx context.Context, id, worker string, e storage.MessageEnd) error {
	return r.change(ctx, storage.ErrConflict, `UPDATE outbox SET state = $3, reason = $4, finished_at = $5, gateway = $6,
		gateway_id = $7, sealed = NULL WHERE id = $1 AND leased_by = $2 AND state = 'queued'`,
		id, worker, e.State, e.Reason, micros(e.At), e.Gateway, e.GatewayID)
}

// receiptRank orders states: a receipt counts that ranks higher than the one before. Of delivered and failed the first counts.
var receiptRank = map[string]int{"sent": 1, "delivered": 2, "failed": 2, "read": 3}

func (r records) NoteReceipt(ctx context.Context, n *storage.Receipt) error {
	rank := receiptRank[n.State]
	if rank == 0 || n.GatewayID == "" {
		return nil
	}
	_, err := r.q.Exec(ctx, `UPDATE outbox SET receipt = $3,
		receipt_at = CASE WHEN receipt = 'delivered' THEN receipt_at ELSE $4 END WHERE gateway_id = $2 AND gateway_id <> '' AND gateway = $1
		AND CASE receipt WHEN '' THEN 0 WHEN 'sent' THEN 1 WHEN 'read' THEN 3 ELSE 2 END < $5`,
		n.Gateway, n.GatewayID, n.State, micros(n.At), rank)
	return err
}

// stateColumns are those of a message m that may not be there. A try is counted when it begins, and a message that was given
// back after one has no worker.
func stateColumns(c *columns, s *storage.MessageState) {
	c.text(`COALESCE(CASE WHEN m.state = 'queued' AND (m.attempts > 1 OR m.attempts = 1 AND m.leased_by = '')
		THEN 'retrying' ELSE m.state END, '')`, &s.State)
	c.time("COALESCE(m.finished_at, 0)", &s.Ended)
	c.flag("COALESCE(m.gateway_id <> '', FALSE)", &s.Reports)
	c.text("COALESCE(m.receipt, '')", &s.Receipt)
	c.time("COALESCE(m.receipt_at, 0)", &s.ReceiptAt)
}

var messageState = `SELECT ` + listOfColumns(stateColumns) + ` FROM outbox m WHERE m.id = $1`

func (r records) MessageState(ctx context.Context, id string) (*storage.MessageState, error) {
	found, err := scanAll(ctx, r.q, stateColumns, messageState, id)
	if err != nil || len(found) == 0 {
		return new(storage.MessageState), err
	}
	return found[0], nil
}

// RetryMessage fails with ErrConflict when another worker has the message or it is finished.
func (r records) RetryMessage(ctx context.Context, id, worker string, next time.Time) error {
	return r.change(ctx, storage.ErrConflict, `UPDATE outbox SET due = $3, leased_by = '', lease_until = 0
		WHERE id = $1 AND leased_by = $2 AND state = 'queued'`, id, worker, micros(next))
}

// OutboxDepth counts what may still be sent.
func (r records) OutboxDepth(ctx context.Context) (int, error) {
	n := 0
	err := r.q.QueryRow(ctx, `SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND not_after > $1`,
		micros(r.clock.now())).Scan(&n)
	return n, err
}

func logoutColumns(c *columns, l *storage.Logout) {
	c.text("client_id", &l.ClientID)
	c.text("session_id", &l.SessionID)
	c.text("state", &l.State)
	c.time("created", &l.Ended)
	c.time("finished_at", &l.At)
}

var logouts = `SELECT ` + listOfColumns(logoutColumns) + ` FROM outbox WHERE person_id = $1 AND channel = 'logout'
	ORDER BY created DESC, client_id LIMIT $2`

func (r records) Logouts(ctx context.Context, personID string, n int) ([]*storage.Logout, error) {
	return scanAll(ctx, r.q, logoutColumns, logouts, personID, n)
}
