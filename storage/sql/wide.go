package sql

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// wide is one row of a union.
type wide struct {
	shape
	kind string
	t    [maxTexts]string
	n    [maxNumbers]int64
	dest []any // where SQLite's driver scans to
}

// raw is a row of pgx before its values are converted.
type raw interface {
	RawValues() [][]byte
	FieldDescriptions() []pgconn.FieldDescription
}

func (w *wide) read(r Row) error {
	if r, ok := r.(raw); ok {
		return w.take(r.RawValues(), r.FieldDescriptions())
	}
	if w.dest == nil {
		w.dest = append(w.dest, &w.kind)
		for i := range w.texts {
			w.dest = append(w.dest, &w.t[i])
		}
		for i := range w.numbers {
			w.dest = append(w.dest, &w.n[i])
		}
	}
	return r.Scan(w.dest...)
}

// take reads PostgreSQL's own form: a union has texts and whole numbers only, and mostly padding. pgx would look for a
// plan for each column of each row. All texts of a row share one string.
func (w *wide) take(values [][]byte, fields []pgconn.FieldDescription) error {
	if len(values) != 1+w.texts+w.numbers {
		return fmt.Errorf("sql: %d columns instead of %d", len(values), 1+w.texts+w.numbers)
	}
	size := 0
	for _, v := range values[:1+w.texts] {
		size += len(v)
	}
	var all strings.Builder
	all.Grow(size)
	next := func(v []byte) string {
		all.Write(v)
		return all.String()[all.Len()-len(v):]
	}
	w.kind = next(values[0])
	for i, v := range values[1 : 1+w.texts] {
		if v == nil {
			return fmt.Errorf("sql: NULL in a column of texts")
		}
		w.t[i] = next(v)
	}
	for i, v := range values[1+w.texts:] {
		var err error
		if w.n[i], err = whole(v, fields[1+w.texts+i].Format); err != nil {
			return err
		}
	}
	return nil
}

// whole reads a whole number of PostgreSQL's: binary as pgx asks for it, text where a pooler allows no prepared statements.
func whole(v []byte, format int16) (int64, error) {
	switch {
	case format == 0:
		return strconv.ParseInt(string(v), 10, 64)
	case len(v) == 8:
		return int64(binary.BigEndian.Uint64(v)), nil
	case len(v) == 4:
		return int64(int32(binary.BigEndian.Uint32(v))), nil
	}
	return 0, fmt.Errorf("sql: a number of %d bytes", len(v))
}
