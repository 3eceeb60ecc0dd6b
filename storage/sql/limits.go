package sql

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// counterKept is how long a counter outlives its window and its pause.
const counterKept = 7 * 24 * time.Hour

const counterColumns = `hits, since, until`

func scanCounter(row Row) (storage.Counter, error) {
	var c storage.Counter
	err := row.Scan(&c.Count, instant{&c.Since}, instant{&c.Until})
	return c, err
}

// One hit (streak is a column that nothing reads): $1 now, then key, end of the window and of keeping for each counter.
const (
	countHits = `INSERT INTO counters (name, hits, since, ends, until, streak, keep_until) VALUES `
	orCount   = ` ON CONFLICT (name) DO UPDATE SET
			hits = CASE WHEN counters.ends <= excluded.since THEN 1 ELSE counters.hits + 1 END,
			since = CASE WHEN counters.ends <= excluded.since THEN excluded.since ELSE counters.since END,
			ends = CASE WHEN counters.ends <= excluded.since THEN excluded.ends ELSE counters.ends END,
			keep_until = CASE WHEN counters.keep_until < excluded.keep_until AND counters.ends <= excluded.since
				THEN excluded.keep_until ELSE counters.keep_until END
		RETURNING ` + counterColumns
)

func (r records) Bump(ctx context.Context, key string, window time.Duration, now time.Time) (storage.Counter, error) {
	return scanCounter(r.q.QueryRow(ctx, countHits+`($2, 1, $1, $3, 0, 0, $4)`+orCount,
		micros(now), key, micros(now.Add(window)), micros(now.Add(window+counterKept))))
}

// Tally takes the rows in the order of hits, so that callers who name theirs in one order do not meet in a deadlock.
func (r records) Tally(ctx context.Context, forget []string, now time.Time, hits ...storage.Hit) ([]storage.Counter, error) {
	if len(hits) == 0 {
		return nil, r.ResetCounter(ctx, forget...)
	}
	if len(forget) > 0 && !r.fused {
		var out []storage.Counter
		err := r.tx(ctx, func(r records) (err error) {
			if err = r.ResetCounter(ctx, forget...); err == nil {
				out, err = r.Tally(ctx, nil, now, hits...)
			}
			return err
		})
		return out, err
	}
	args, rows := []any{micros(now)}, make([]string, len(hits))
	place := func(v any) string {
		args = append(args, v)
		return `$` + strconv.Itoa(len(args))
	}
	for i, h := range hits {
		rows[i] = `(` + place(h.Key) + `, 1, $1, ` + place(micros(now.Add(h.Window))) + `, 0, 0, ` +
			place(micros(now.Add(h.Window+counterKept))) + `)`
	}
	with := ``
	if len(forget) > 0 {
		names := make([]string, len(forget))
		for i, k := range forget {
			names[i] = place(k)
		}
		with = `WITH gone AS (DELETE FROM counters WHERE name IN (` + strings.Join(names, `, `) + `)) `
	}
	out := make([]storage.Counter, len(hits))
	err := r.q.Query(ctx, func(row Row) error {
		var key string
		var c storage.Counter
		err := row.Scan(&c.Count, instant{&c.Since}, instant{&c.Until}, &key)
		// Neither engine promises an order of what it returns.
		if i := slices.IndexFunc(hits, func(h storage.Hit) bool { return h.Key == key }); i >= 0 {
			out[i] = c
		}
		return err
	}, with+countHits+strings.Join(rows, `, `)+orCount+`, name`, args...)
	return out, err
}

// Counter is zero for a key never bumped; its Count and Since are zero once the window has passed.
func (r records) Counter(ctx context.Context, key string, now time.Time) (storage.Counter, error) {
	c, err := scanCounter(r.q.QueryRow(ctx, `SELECT CASE WHEN ends > $2 THEN hits ELSE 0 END,
		CASE WHEN ends > $2 THEN since ELSE 0 END, until FROM counters WHERE name = $1`, key, micros(now)))
	return c, ignoreNotFound(err)
}

// Pause never shortens a pause.
func (r records) Pause(ctx context.Context, key string, until time.Time) error {
	_, err := r.q.Exec(ctx, `INSERT INTO counters (name, hits, since, ends, until, streak, keep_until)
		VALUES ($1, 0, 0, 0, $2, 0, $3)
		ON CONFLICT (name) DO UPDATE SET
			until = CASE WHEN counters.until < excluded.until THEN excluded.until ELSE counters.until END,
			keep_until = CASE WHEN counters.keep_until < excluded.keep_until
				THEN excluded.keep_until ELSE counters.keep_until END`,
		key, micros(until), micros(until.Add(counterKept)))
	return err
}

func (r records) ResetCounter(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	args, places := make([]any, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		args[i], places[i] = k, "$"+strconv.Itoa(i+1)
	}
	_, err := r.q.Exec(ctx, `DELETE FROM counters WHERE name IN (`+strings.Join(places, ", ")+`)`, args...)
	return err
}
