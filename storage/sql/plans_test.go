package sql_test

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/soglia-sso/soglia/storage/sql"
)

// texts remembers every statement a test runs.
type texts struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (s *texts) counter() *sql.Counter {
	s.seen = map[string]bool{}
	return &sql.Counter{Each: func(text string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen[text] = true
	}}
}

var (
	placeholder = regexp.MustCompile(`\$(\d+)`)
	// Small for ever, or the few rows of a common table expression or of a subquery, whose own plan is looked at as well.
	mayScan = regexp.MustCompile(`^(signing_keys|generations|goose_db_version|who|root|whole|open|\(subquery-\d+\)|CONSTANT|\d+-ROW)$`)
	liteRow = regexp.MustCompile(`^SCAN (\S+)`)
	pgRow   = regexp.MustCompile(`Seq Scan on (\S+)`)
)

// noneReadsAWholeTable asks the database how it would run every statement of the suite: each must find its rows by an
// index. PostgreSQL is told to avoid whole tables, which on empty ones it would prefer; where it reads one all the
// same, there is no index.
func noneReadsAWholeTable(t *testing.T, url string, seen map[string]bool) {
	driver, name, row := "pgx", url, pgRow
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, name, row = "sqlite", path, liteRow
	}
	db, err := stdsql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	do := func(text string) {
		if _, err := conn.ExecContext(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if driver == "pgx" {
		do("SET enable_seqscan = off")
		do("SET plan_cache_mode = force_generic_plan")
	}
	if len(seen) < 60 {
		t.Errorf("only %d statements seen", len(seen))
	}
	i := 0
	for text := range seen {
		n := 0
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			k, _ := strconv.Atoi(found[1])
			n = max(n, k)
		}
		explain, args := "EXPLAIN QUERY PLAN "+text, make([]any, n)
		if driver == "pgx" {
			i++
			do(fmt.Sprintf("PREPARE q%d AS %s", i, text))
			explain, args = fmt.Sprintf("EXPLAIN EXECUTE q%d", i), nil
			if n > 0 {
				explain += "(" + strings.TrimPrefix(strings.Repeat(", NULL", n), ", ") + ")"
			}
		}
		for _, detail := range plan(t, conn, explain, args) {
			if found := row.FindStringSubmatch(detail); found != nil && !mayScan.MatchString(found[1]) {
				t.Errorf("%s in\n%s", detail, text)
			}
		}
	}
}

// plan gives the last column of each row: the only one of PostgreSQL, the detail of SQLite.
func plan(t *testing.T, conn *stdsql.Conn, explain string, args []any) (details []string) {
	rows, err := conn.QueryContext(context.Background(), explain, args...)
	if err != nil {
		t.Fatalf("%s: %v", explain, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var detail string
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = new(any)
	}
	dest[len(dest)-1] = &detail
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		details = append(details, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return details
}
