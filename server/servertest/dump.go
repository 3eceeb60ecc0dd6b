package servertest

import (
	"database/sql"
	"fmt"
	"os"
	"sort"
	"strings"
)

// Dump is every row of every table of the server's database, as text: bytes both as they are and in hexadecimal. The
// drivers are those that storage/sql registers. What it prepares it keeps: some tests look after every request.
func (w *World) Dump() string {
	w.T.Helper()
	if w.tables == nil {
		w.prepareDump()
	}
	var out strings.Builder
	for _, table := range w.tables {
		out.WriteString("# " + table.name + "\n")
		lines := w.rows(table.all)
		sort.Strings(lines)
		for _, l := range lines {
			out.WriteString(l + "\n")
		}
	}
	return out.String()
}

// dumped is a table and the statement that reads it.
type dumped struct {
	name string
	all  *sql.Stmt
}

func (w *World) prepareDump() {
	w.T.Helper()
	driver, source, tables := "sqlite", strings.TrimPrefix(w.url, "sqlite:"), `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`
	if w.options.postgres {
		driver, source = "pgx", w.url
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // or each statement would be prepared once more on the next connection
	names := w.rows(w.prepare(db, tables))
	for _, name := range names {
		w.tables = append(w.tables, dumped{name, w.prepare(db, `SELECT * FROM "`+name+`"`)})
	}
}

func (w *World) prepare(db *sql.DB, query string) *sql.Stmt {
	w.T.Helper()
	stmt, err := db.Prepare(query)
	if err != nil {
		w.T.Fatalf("%s: %v", query, err)
	}
	return stmt
}

// File is the bytes of the SQLite database and its log, freed pages included; "" on PostgreSQL.
func (w *World) File() string {
	w.T.Helper()
	if w.options.postgres {
		return ""
	}
	var out strings.Builder
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(strings.TrimPrefix(w.url, "sqlite:") + suffix)
		if err != nil && !os.IsNotExist(err) {
			w.T.Fatal(err)
		}
		out.Write(b)
	}
	return out.String()
}

// rows are the rows of a query, a line each.
func (w *World) rows(query *sql.Stmt) []string {
	w.T.Helper()
	rows, err := query.Query()
	if err != nil {
		w.T.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.T.Fatal(err)
	}
	var out []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			w.T.Fatal(err)
		}
		var line []string
		for _, c := range cells {
			switch v := (*c.(*any)).(type) {
			case []byte:
				line = append(line, fmt.Sprintf("%x %s", v, v))
			default:
				line = append(line, fmt.Sprint(v))
			}
		}
		out = append(out, strings.Join(line, " | "))
	}
	if err := rows.Err(); err != nil {
		w.T.Fatal(err)
	}
	return out
}
