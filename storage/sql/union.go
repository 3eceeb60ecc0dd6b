package sql

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/soglia-sso/soglia/storage"
)

// A person with all that belongs to it, alone or behind a session, a grant or a token, is one statement: a UNION ALL whose
// rows all have a kind and then as many text and number columns as the widest kind needs. Each branch says which; the rest
// is padded.

// branch is the rows of one kind.
type branch struct {
	kind           string
	texts, numbers []string // expressions
	from           string   // with its WHERE
}

// branchOf makes the branch of a record.
func branchOf[T any](kind string, fields func(*columns, *T), from string) branch {
	var c columns
	fields(&c, new(T))
	return branch{kind, c.texts, c.numbers, from}
}

// shape is a statement made of branches.
type shape struct {
	sql            string
	texts, numbers int
}

// union makes the statement. Its common tables, who(person_id) or root among them, come first.
func union(with string, branches ...branch) shape {
	var s shape
	for _, b := range branches {
		s.texts = max(s.texts, len(b.texts))
		s.numbers = max(s.numbers, len(b.numbers))
	}
	if s.texts > maxTexts || s.numbers > maxNumbers {
		panic(fmt.Sprintf("sql: a branch with %d texts and %d numbers", s.texts, s.numbers))
	}
	var b strings.Builder
	b.WriteString("SELECT * FROM (WITH " + with + " ")
	for i, br := range branches {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		cols := []string{"'" + br.kind + "' AS kind"}
		cols = append(cols, pad(br.texts, s.texts, "''", "t", i == 0)...)
		cols = append(cols, pad(br.numbers, s.numbers, "CAST(0 AS BIGINT)", "n", i == 0)...)
		b.WriteString("SELECT " + strings.Join(cols, ", ") + " FROM " + br.from)
	}
	b.WriteString(") AS whole")
	s.sql = b.String()
	return s
}

func pad(cols []string, n int, with, name string, named bool) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = with
		if i < len(cols) {
			out[i] = cols[i]
		}
		if named {
			out[i] = fmt.Sprintf("%s AS %s%d", out[i], name, i+1)
		}
	}
	return out
}

// readers are used again: one is larger than most of what is read by it.
var readers = sync.Pool{New: func() any { return new(columns) }}

// done puts a reader back, without what it read last.
func (c *columns) done() {
	*c = columns{dest: c.dest[:0]}
	readers.Put(c)
}

// each runs the statement, puts the people together and hands every other row to other, which may be nil.
func (s *shape) each(ctx context.Context, q Q, other func(*columns), args ...any) ([]*storage.Person, error) {
	row := readers.Get().(*columns)
	defer row.done()
	var found peopleFound
	err := q.Query(ctx, func(r Row) error {
		if err := row.read(r, s); err != nil {
			return err
		}
		if !found.add(row) {
			other(row)
		}
		return nil
	}, s.sql, args...)
	if err != nil {
		return nil, err
	}
	return found.all(), nil
}

// first is for statements that find one person at most.
func first(people []*storage.Person, err error) (*storage.Person, error) {
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, storage.ErrNotFound
	}
	return people[0], nil
}
