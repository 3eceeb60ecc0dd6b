package sql

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// counterKept is how long a counter outlives its window and its pause, so that a streak is not forgotten by waiting a
// little.
const counterKept = 7 * 24 * time.Hour

const counterColumns = `hits, since, until, streak`

func scanCounter(row Row) (storage.Counter, error) {
	var c storage.Counter
	err := row.Scan(&c.Count, instant{&c.Since}, instant{&c.Until}, &c.Streak)
	return c, err
}

func (r records) Bump(ctx context.Context, key string, window time.Duration, now time.Time) (storage.Counter, error) {
	return scanCounter(r.q.QueryRow(ctx, `INSERT INTO counters (name, hits, since, ends, until, streak, keep_until)
		VALUES ($1, 1, $2, $3, 0, 0, $4)
		ON CONFLICT (name) DO UPDATE SET
			hits = CASE WHEN counters.ends <= excluded.since THEN 1 ELSE counters.hits + 1 END,
			since = CASE WHEN counters.ends <= excluded.since THEN excluded.since ELSE counters.since END,
			ends = CASE WHEN counters.ends <= excluded.since THEN excluded.ends ELSE counters.ends END,
			keep_until = CASE WHEN counters.keep_until < excluded.keep_until AND counters.ends <= excluded.since
				THEN excluded.keep_until ELSE counters.keep_until END
		RETURNING `+counterColumns,
		key, micros(now), micros(now.Add(window)), micros(now.Add(window+counterKept))))
}

// Counter is zero for a key never bumped; its Count and Since are zero once the window has passed.
func (r records) Counter(ctx context.Context, key string, now time.Time) (storage.Counter, error) {
	c, err := scanCounter(r.q.QueryRow(ctx, `SELECT CASE WHEN ends > $2 THEN hits ELSE 0 END,
		CASE WHEN ends > $2 THEN since ELSE 0 END, until, streak FROM counters WHERE name = $1`, key, micros(now)))
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Counter{}, nil
	}
	return c, err
}

// Pause never shortens a pause, and raises the streak once a pause: of parallel callers who all saw the limit passed,
// the later ones only say so again.
func (r records) Pause(ctx context.Context, key string, until, now time.Time) error {
	_, err := r.q.Exec(ctx, `INSERT INTO counters (name, hits, since, ends, until, streak, keep_until)
		VALUES ($1, 0, 0, 0, $2, 1, $3)
		ON CONFLICT (name) DO UPDATE SET
			streak = CASE WHEN counters.until <= $4 THEN counters.streak + 1 ELSE counters.streak END,
			until = CASE WHEN counters.until < excluded.until THEN excluded.until ELSE counters.until END,
			keep_until = CASE WHEN counters.keep_until < excluded.keep_until
				THEN excluded.keep_until ELSE counters.keep_until END`,
		key, micros(until), micros(until.Add(counterKept)), micros(now))
	return err
}

func (r records) ResetCounter(ctx context.Context, keys ...string) error {
	args, places := make([]any, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		args[i], places[i] = k, "$"+strconv.Itoa(i+1)
	}
	_, err := r.q.Exec(ctx, `DELETE FROM counters WHERE name IN (`+strings.Join(places, ", ")+`)`, args...)
	return err
}
