package servertest

import (
	"database/sql"
	"fmt"
	"os"
	"sort"
	"strings"
)

// Dump is every row of every table of the server's database, as text: bytes both as they are and in hexadecimal. The
// drivers are those that storage/sql registers.
func (w *World) Dump() string {
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
	defer db.Close()
	var out strings.Builder
	for _, table := range w.rows(db, tables) {
		fmt.Fprintf(&out, "# %s\n", table)
		lines := w.rows(db, `SELECT * FROM "`+table+`"`)
		sort.Strings(lines)
		for _, l := range lines {
			out.WriteString(l + "\n")
		}
	}
	return out.String()
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
func (w *World) rows(db *sql.DB, query string) []string {
	w.T.Helper()
	rows, err := db.Query(query)
	if err != nil {
		w.T.Fatalf("%s: %v", query, err)
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
