package sql

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

const eventColumns = `id, at, name, outcome, reason, actor, person_id, client_id, session_id, ip, user_agent, request_id,
	detail`

// insertEvent writes an audit event in the statement it is about, if there is one to write. Its parameters are those of
// eventArgs, from $n on.
func insertEvent(n int, from string) string {
	return fmt.Sprintf(`INSERT INTO audit_events (%s) SELECT %s FROM %s WHERE CAST($%d AS TEXT) <> ''`,
		eventColumns, params(n, 13), from, n)
}

var appendEvent = `INSERT INTO audit_events (` + eventColumns + `) VALUES (` + params(1, 13) + `)`

// appendEvents writes several; its parameters are arrays.
var appendEvents = `INSERT INTO audit_events (` + eventColumns + `) SELECT * FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS BIGINT[]),
	CAST($3 AS TEXT[]), CAST($4 AS TEXT[]), CAST($5 AS TEXT[]), CAST($6 AS TEXT[]), CAST($7 AS TEXT[]), CAST($8 AS TEXT[]),
	CAST($9 AS TEXT[]), CAST($10 AS TEXT[]), CAST($11 AS TEXT[]), CAST($12 AS TEXT[]), CAST($13 AS TEXT[]))`

// eventArgs gives an event without an id one of 128 random bits, and one without a time now.
func eventArgs(ev *storage.Event, now time.Time) []any {
	if ev == nil {
		return []any{"", int64(0), "", "", "", "", "", "", "", "", "", "", ""}
	}
	id, at := ev.ID, ev.At
	if id == "" {
		id = rand.Text()
	}
	if at.IsZero() {
		at = now
	}
	return []any{
		id, micros(at), ev.Name, ev.Outcome, ev.Reason, ev.Actor, ev.PersonID, ev.ClientID, ev.SessionID, ev.IP,
		ev.UserAgent, ev.RequestID, text(ev.Detail),
	}
}

// Append gives an event without an id or a time one.
func (r records) Append(ctx context.Context, ev *storage.Event) error {
	if ev == nil || r.open != nil || !r.fused {
		return r.appendEvent(ctx, ev, r.clock.now())
	}
	return r.store.appender.append(ctx, r.q, eventArgs(ev, r.clock.now()))
}

func (r records) appendEvent(ctx context.Context, ev *storage.Event, now time.Time) error {
	if ev == nil {
		return nil
	}
	_, err := r.q.Exec(ctx, appendEvent, eventArgs(ev, now)...)
	return err
}

// Events lists newest first what happened before a time; the zero time is no limit.
func (r records) Events(ctx context.Context, personID string, before time.Time, n int) ([]*storage.Event, error) {
	limit := micros(before)
	if before.IsZero() {
		limit = 1<<63 - 1
	}
	text := `SELECT ` + eventColumns + ` FROM audit_events WHERE at < $1 ORDER BY at DESC, id DESC LIMIT $2`
	args := []any{limit, n}
	if personID != "" {
		text = `SELECT ` + eventColumns + ` FROM audit_events WHERE person_id = $3 AND at < $1
			ORDER BY at DESC, id DESC LIMIT $2`
		args = append(args, personID)
	}
	return r.events(ctx, text, args...)
}

// EventsSince may miss what is written late with an earlier time: who follows looks back a little.
func (r records) EventsSince(ctx context.Context, at time.Time, id string, n int) ([]*storage.Event, error) {
	return r.events(ctx, `SELECT `+eventColumns+` FROM audit_events WHERE (at, id) > ($1, $2) ORDER BY at, id LIMIT $3`,
		micros(at), id, n)
}

func (r records) events(ctx context.Context, text string, args ...any) ([]*storage.Event, error) {
	var out []*storage.Event
	err := r.q.Query(ctx, func(row Row) error {
		var ev storage.Event
		var detail string
		err := row.Scan(&ev.ID, instant{&ev.At}, &ev.Name, &ev.Outcome, &ev.Reason, &ev.Actor, &ev.PersonID,
			&ev.ClientID, &ev.SessionID, &ev.IP, &ev.UserAgent, &ev.RequestID, &detail)
		ev.Detail = bytesOf(detail)
		out = append(out, &ev)
		return err
	}, text, args...)
	return out, err
}
