package sql

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// columns goes through the columns of a record: each is an expression of SQL with the field that its value goes to. A
// function per record names them (personColumns, sessionColumns …) and serves both times: when the program starts it
// writes the statement, afterwards it reads the rows, so that expression and field cannot come apart.
//
// A row is read in one of two ways. The rows of a union are in rowTexts and rowNumbers already, and each field takes the
// next of them; those of any other statement are scanned by the driver.
type columns struct {
	mode           mode
	texts, numbers []string // writing: expressions of a union
	names          []string // writing: all of them, as they stand
	dest           []any    // scanning

	// Taking: a row of a union, and how many of its values have found their fields.
	kind                     string
	rowTexts                 [maxTexts]string
	rowNumbers               [maxNumbers]int64
	textsTaken, numbersTaken int
}

type mode int

const (
	writing mode = iota
	scanning
	taking // the values of a row of a union
)

// The most columns any branch of a union may have; union checks it when the program starts.
const (
	maxTexts   = 14
	maxNumbers = 15
)

// addText adds a column that is a text in a union: its name when a statement is written, else where its value goes.
func (c *columns) addText(expr string, to any) {
	if c.mode == scanning {
		c.dest = append(c.dest, to)
		return
	}
	c.texts, c.names = append(c.texts, expr), append(c.names, expr)
}

// addNumber does the same for a number. In a union it is cast to one type, because where branches differ in a type PostgreSQL
// builds all their columns once more; plain is the expression outside of one.
func (c *columns) addNumber(expr, plain string, to any) {
	if c.mode == scanning {
		c.dest = append(c.dest, to)
		return
	}
	c.numbers, c.names = append(c.numbers, "CAST("+expr+" AS BIGINT)"), append(c.names, plain)
}

// nextText takes the next text of the row; each call moves on by one.
func (c *columns) nextText() string {
	c.textsTaken++
	return c.rowTexts[c.textsTaken-1]
}

func (c *columns) nextNumber() int64 {
	c.numbersTaken++
	return c.rowNumbers[c.numbersTaken-1]
}

// text, and the methods after it, go through one column each: expr is what it is in SQL, to where its value goes. Whether
// they write a statement or read a row is the mode's to say.
func (c *columns) text(expr string, to *string) {
	if c.mode == taking {
		*to = c.nextText()
	} else {
		c.addText(expr, to)
	}
}

// json is JSON, kept as text.
func (c *columns) json(expr string, to *[]byte) {
	if c.mode == taking {
		*to = bytesOf(c.nextText())
	} else {
		c.addText(expr, textFunc(func(s string) { *to = bytesOf(s) }))
	}
}

func (c *columns) words(expr string, to *[]string) {
	if c.mode == taking {
		*to = wordsOf(c.nextText())
	} else {
		c.addText(expr, textFunc(func(s string) { *to = wordsOf(s) }))
	}
}

// lines is a list of which each element has a line break after it.
func (c *columns) lines(expr string, to *[]string) {
	if c.mode == taking {
		*to = merge(nil, c.nextText())
	} else {
		c.addText(expr, textFunc(func(s string) { *to = merge(nil, s) }))
	}
}

func (c *columns) number(expr string, to *int64) {
	if c.mode == taking {
		*to = c.nextNumber()
	} else {
		c.addNumber(expr, expr, to)
	}
}

func (c *columns) count(expr string, to *int) {
	if c.mode == taking {
		*to = int(c.nextNumber())
	} else {
		c.addNumber(expr, expr, to)
	}
}

// flag is a number in a union: there the two engines have no boolean in common.
func (c *columns) flag(expr string, to *bool) {
	if c.mode == taking {
		*to = c.nextNumber() != 0
	} else {
		c.addNumber("CASE WHEN "+expr+" THEN 1 ELSE 0 END", expr, to)
	}
}

func (c *columns) time(expr string, to *time.Time) {
	if c.mode == taking {
		*to = moment(c.nextNumber())
	} else {
		c.addNumber(expr, expr, instant{to})
	}
}

// blob has no place in a union, whose columns are texts and numbers.
func (c *columns) blob(expr string, to *[]byte) {
	if c.mode == scanning {
		c.dest = append(c.dest, to)
		return
	}
	c.names = append(c.names, expr)
}

// listOfColumns is what stands after SELECT or RETURNING.
func listOfColumns[T any](fields func(*columns, *T)) string {
	var c columns
	fields(&c, new(T))
	return strings.Join(c.names, ", ")
}

// scan reads the row of a statement that gives listOfColumns of the same fields.
func scan[T any](row Row, fields func(*columns, *T)) (*T, error) {
	c, x := columns{mode: scanning}, new(T)
	fields(&c, x)
	if err := row.Scan(c.dest...); err != nil {
		return nil, err
	}
	return x, nil
}

// scanAll is scan for every row of a statement.
func scanAll[T any](ctx context.Context, q Q, fields func(*columns, *T), text string, args ...any) ([]*T, error) {
	var out []*T
	err := q.Query(ctx, func(row Row) error {
		x, err := scan(row, fields)
		out = append(out, x)
		return err
	}, text, args...)
	return out, err
}

// take makes a record of the row of a union that was read last.
func take[T any](c *columns, fields func(*columns, *T)) *T {
	x := new(T)
	takeInto(c, x, fields)
	return x
}

func takeInto[T any](c *columns, x *T, fields func(*columns, *T)) {
	c.textsTaken, c.numbersTaken = 0, 0
	fields(c, x)
}

// raw is a row of pgx before its values are converted.
type raw interface {
	RawValues() [][]byte
	FieldDescriptions() []pgconn.FieldDescription
}

// read reads a row of a union into rowTexts and rowNumbers.
func (c *columns) read(r Row, s *shape) error {
	c.mode = taking
	if r, ok := r.(raw); ok {
		return c.readRaw(r.RawValues(), r.FieldDescriptions(), s)
	}
	if len(c.dest) == 0 {
		c.dest = append(c.dest, &c.kind)
		for i := range s.texts {
			c.dest = append(c.dest, &c.rowTexts[i])
		}
		for i := range s.numbers {
			c.dest = append(c.dest, &c.rowNumbers[i])
		}
	}
	return r.Scan(c.dest...)
}

// readRaw reads PostgreSQL's own form: a union has texts and whole numbers only, and mostly padding. pgx would look for a
// plan for each column of each row. All texts of a row share one string.
func (c *columns) readRaw(values [][]byte, fields []pgconn.FieldDescription, s *shape) error {
	if len(values) != 1+s.texts+s.numbers {
		return fmt.Errorf("sql: %d columns instead of %d", len(values), 1+s.texts+s.numbers)
	}
	size := 0
	for _, v := range values[:1+s.texts] {
		size += len(v)
	}
	var all strings.Builder
	all.Grow(size)
	next := func(v []byte) string {
		all.Write(v)
		return all.String()[all.Len()-len(v):]
	}
	c.kind = next(values[0])
	for i, v := range values[1 : 1+s.texts] {
		if v == nil {
			return fmt.Errorf("sql: NULL in a column of texts")
		}
		c.rowTexts[i] = next(v)
	}
	for i, v := range values[1+s.texts:] {
		var err error
		if c.rowNumbers[i], err = wholeNumber(v, fields[1+s.texts+i].Format); err != nil {
			return err
		}
	}
	return nil
}

// wholeNumber reads one of PostgreSQL's: binary as pgx asks for it, text where a pooler allows no prepared statements.
func wholeNumber(v []byte, format int16) (int64, error) {
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
