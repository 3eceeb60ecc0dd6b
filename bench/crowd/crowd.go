// Package crowd fills a migrated database of Soglia with as many people, sessions, grants, refresh tokens and audit
// records as a big provider has after months, so that one can see what grows with them.
//
// Each kind of row is a copy of one that the server itself has written, with the columns changed that make it another
// one: a new column of the schema needs no change here. One in twenty of what expires has expired, for the sweeps.
package crowd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// kind is a table and how its n-th row differs from the model.
type kind struct {
	table   string
	each    int // rows for each ten people
	columns map[string]string
}

// Expressions may use n, the number of the row; now and the other times are microseconds.
const (
	now    = `(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint`
	hour   = `3600000000`
	spread = `(hashint8(n) & 1023)::bigint` // evenly 0 to 1023, and the same for the same row
	stale  = `n % 20 = 0`                   // expired: something to sweep
)

// id is a name of the form of ours, of the n-th row of a kind.
func id(kind, n string) string { return `substr(md5('` + kind + `' || ` + n + `), 1, 26)` }

var person = id("person", "(n % $3)")

var kinds = []kind{
	{"persons", 10, map[string]string{"id": id("person", "n"), "username": `'crowd' || n`, "canonical": `'crowd' || n`, "customer_number": `'C' || n`}},
	{"contacts", 10, map[string]string{"id": id("contact", "n"), "person_id": id("person", "n"), "address": `'crowd' || n || '@bench.test'`, "canonical": `'crowd' || n || '@bench.test'`}},
	{"sessions", 100, map[string]string{
		"id": id("session", "n"), "person_id": person, "hash": `sha256(('session' || n)::bytea)`,
		"created": now + ` - 6 * ` + hour, "last_seen": now + ` - ` + hour,
		"idle_until": `CASE WHEN ` + stale + ` THEN 1 ELSE ` + now + ` + ` + hour + ` END`,
		"expires":    `CASE WHEN ` + stale + ` THEN ` + now + ` - ` + hour + ` - n ELSE ` + now + ` + 6 * ` + hour + ` + ` + spread + ` * 20000000 END`,
		"ended_at":   `0`, "end_reason": `''`,
	}},
	{"grants", 100, map[string]string{
		"id": id("grant", "n"), "person_id": person, "session_id": id("session", "n"), "sid": id("sid", "n"), "code_hash": `sha256(('code' || n)::bytea)`,
		"created": now + ` - 24 * ` + hour + ` * 30`, "redeemed_at": now + ` - 24 * ` + hour + ` * 30`, "offline": `TRUE`, "ended_at": `0`, "end_reason": `''`,
		"expires":    `CASE WHEN ` + stale + ` THEN ` + now + ` - ` + hour + ` - n ELSE ` + now + ` + 24 * ` + hour + ` * 30 + ` + spread + ` * 2000000000 END`,
		"keep_until": `CASE WHEN ` + stale + ` THEN ` + now + ` - ` + hour + ` - n ELSE ` + now + ` + 24 * ` + hour + ` * 30 + ` + spread + ` * 2000000000 END`,
	}},
	{"refreshes", 100, map[string]string{
		"hash": `sha256(('refresh' || n)::bytea)`, "grant_id": id("grant", "n"), "until": now + ` + 24 * ` + hour, "used_at": `CASE WHEN n % 3 = 0 THEN ` + now + ` ELSE 0 END`,
		"expires": `CASE WHEN ` + stale + ` THEN ` + now + ` - ` + hour + ` - n ELSE ` + now + ` + 24 * ` + hour + ` * 30 + ` + spread + ` * 2000000000 END`,
	}},
	{"audit_events", 100, map[string]string{"at": now + ` - 24 * ` + hour + ` * 90 + n * 100`, "id": id("audit", "n"), "person_id": person, "actor": person, "session_id": id("session", "n")}},
}

// batch is how many rows one statement makes.
const batch = 200_000

// Fill adds n people and what goes with them; n is a multiple of ten. Every table needs a row to copy. say is told of
// each table that is done.
func Fill(ctx context.Context, db *pgx.Conn, n int, say func(string)) error {
	if _, err := db.Exec(ctx, `SET synchronous_commit = off; SET maintenance_work_mem = '1GB'`); err != nil {
		return err
	}
	for _, k := range kinds {
		began := time.Now()
		if err := k.fill(ctx, db, n); err != nil {
			return fmt.Errorf("%s: %w", k.table, err)
		}
		say(fmt.Sprintf("%s: %d rows in %.0f s", k.table, n/10*k.each, time.Since(began).Seconds()))
	}
	_, err := db.Exec(ctx, `VACUUM ANALYZE`)
	return err
}

func (k kind) fill(ctx context.Context, db *pgx.Conn, people int) error {
	insert, err := k.insert(ctx, db)
	if err != nil {
		return err
	}
	rows := people / 10 * k.each
	rebuild := func() error { return nil }
	if rows > 10*batch {
		if rebuild, err = strip(ctx, db, k.table); err != nil {
			return err
		}
	}
	for from := 0; from < rows; from += batch {
		if _, err := db.Exec(ctx, insert, from, min(from+batch, rows)-1, people); err != nil {
			return err
		}
	}
	return rebuild()
}

// insert makes rows $1 to $2 of a crowd of $3 people.
func (k kind) insert(ctx context.Context, db *pgx.Conn) (string, error) {
	names, err := column(ctx, db, `SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public' ORDER BY ordinal_position`, k.table)
	if err != nil {
		return "", err
	}
	values := make([]string, len(names))
	for i, name := range names {
		if values[i] = k.columns[name]; values[i] == "" {
			values[i] = "m." + name
		}
	}
	return fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM (SELECT * FROM %s LIMIT 1) m, generate_series($1::bigint, $2::bigint) n WHERE $3::bigint > 0`,
		k.table, strings.Join(names, ", "), strings.Join(values, ", "), k.table), nil
}

// strip takes the indexes off a table that no other table refers to, because building them at the end is many times
// faster, and returns how to put them back.
func strip(ctx context.Context, db *pgx.Conn, table string) (rebuild func() error, err error) {
	constraints, err := column(ctx, db, `SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
		WHERE conrelid = $1::regclass AND contype IN ('p', 'u') AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.confrelid = $1::regclass)`, table)
	if err != nil {
		return nil, err
	}
	drops, err := column(ctx, db, `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
		WHERE conrelid = $1::regclass AND contype IN ('p', 'u') AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.confrelid = $1::regclass)
		UNION ALL SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index i
		WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`, table)
	if err != nil {
		return nil, err
	}
	indexes, err := column(ctx, db, `SELECT pg_get_indexdef(indexrelid) FROM pg_index i
		WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`, table)
	if err != nil {
		return nil, err
	}
	all := func(statements []string) error {
		for _, text := range statements {
			if _, err := db.Exec(ctx, text); err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
		}
		return nil
	}
	return func() error { return all(append(constraints, indexes...)) }, all(drops)
}

// column is the one column of a query.
func column(ctx context.Context, db *pgx.Conn, text string, args ...any) ([]string, error) {
	rows, err := db.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
