package sql

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// eventColumns are in the order of eventArgs.
func eventColumns(c *columns, ev *storage.Event) {
	c.text("id", &ev.ID)
	c.time("at", &ev.At)
	c.text("name", &ev.Name)
	c.text("outcome", &ev.Outcome)
	c.text("reason", &ev.Reason)
	c.text("actor", &ev.Actor)
	c.text("person_id", &ev.PersonID)
	c.text("client_id", &ev.ClientID)
	c.text("session_id", &ev.SessionID)
	c.text("ip", &ev.IP)
	c.text("user_agent", &ev.UserAgent)
	c.text("request_id", &ev.RequestID)
	c.json("detail", &ev.Detail)
}

var (
	eventNames = listOfColumns(eventColumns)
	anyEvents  = `SELECT ` + eventNames + ` FROM audit_events `
)

// insertEvent writes an audit event in the statement it is about, if there is one to write. Its parameters are those of
// eventArgs, from $n on.
func insertEvent(n int, from string) string {
	return fmt.Sprintf(`INSERT INTO audit_events (%s) SELECT %s FROM %s WHERE CAST($%d AS TEXT) <> ''`,
		eventNames, params(n, 13), from, n)
}

var insertOne = `INSERT INTO audit_events (` + eventNames + `) VALUES (` + params(1, 13) + `)`

// insertMany takes arrays.
var insertMany = `INSERT INTO audit_events (` + eventNames + `) SELECT * FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS BIGINT[]),
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
func (r records) Append(ctx context.Context, events ...*storage.Event) error {
	if len(events) == 1 && events[0] != nil && r.open == nil && r.fused {
		return r.store.appender.append(ctx, r.q, eventArgs(events[0], r.clock.now()))
	}
	return r.appendEvents(ctx, r.clock.now(), events...)
}

func (r records) appendEvents(ctx context.Context, now time.Time, events ...*storage.Event) error {
	all := make([][]any, 0, len(events))
	for _, ev := range events {
		if ev != nil {
			all = append(all, eventArgs(ev, now))
		}
	}
	if r.fused || len(all) < 2 {
		return insertEvents(ctx, r.q, all)
	}
	return r.tx(ctx, func(r records) error {
		for i := range all {
			if err := insertEvents(ctx, r.q, all[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// insertEvents writes several at once on PostgreSQL, as arrays.
func insertEvents(ctx context.Context, q Q, all [][]any) error {
	switch len(all) {
	case 0:
		return nil
	case 1:
		_, err := q.Exec(ctx, insertOne, all[0]...)
		return err
	}
	columns := make([]any, len(all[0]))
	for i, v := range all[0] {
		if _, number := v.(int64); number {
			columns[i] = columnOf[int64](all, i)
		} else {
			columns[i] = columnOf[string](all, i)
		}
	}
	_, err := q.Exec(ctx, insertMany, columns...)
	return err
}

// columnOf is argument i of every event, as the array of a column.
func columnOf[T any](events [][]any, i int) []T {
	out := make([]T, len(events))
	for row, args := range events {
		out[row] = args[i].(T)
	}
	return out
}

// Events lists newest first what happened before a time; the zero time is no limit.
func (r records) Events(ctx context.Context, personID string, before time.Time, n int) ([]*storage.Event, error) {
	limit := micros(before)
	if before.IsZero() {
		limit = 1<<63 - 1
	}
	text := anyEvents + `WHERE at < $1 ORDER BY at DESC, id DESC LIMIT $2`
	args := []any{limit, n}
	if personID != "" {
		text = anyEvents + `WHERE person_id = $3 AND at < $1
			ORDER BY at DESC, id DESC LIMIT $2`
		args = append(args, personID)
	}
	return scanAll(ctx, r.q, eventColumns, text, args...)
}

// Journal reads along the index of the person's records; how many names are asked for is the text's, not the request's.
func (r records) Journal(ctx context.Context, of storage.JournalPage) ([]*storage.Event, error) {
	at := int64(1<<63 - 1)
	if !of.At.IsZero() {
		at = micros(of.At)
	}
	args := []any{of.PersonID, at, of.ID, micros(of.Since), of.Most}
	for _, name := range of.Names {
		args = append(args, name)
	}
	return scanAll(ctx, r.q, eventColumns, anyEvents+`WHERE person_id = $1 AND (at, id) < ($2, $3) AND at >= $4
		AND name IN (`+params(6, len(of.Names))+`) ORDER BY at DESC, id DESC LIMIT $5`, args...)
}

// EventsSince can miss an event that is committed late with an earlier time, so callers ask again for the last seconds.
func (r records) EventsSince(ctx context.Context, at time.Time, id string, n int) ([]*storage.Event, error) {
	return scanAll(ctx, r.q, eventColumns, anyEvents+`WHERE (at, id) > ($1, $2) ORDER BY at, id LIMIT $3`,
		micros(at), id, n)
}
