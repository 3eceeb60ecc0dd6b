package sql

import "sync/atomic"

// Counter counts what went to the database: for tests that hold statement budgets.
type Counter struct {
	// Each, when set before the counter is used, gets the text of every statement.
	Each func(text string)

	statements, commits atomic.Int64
}

// Counts is a reading of a Counter.
type Counts struct {
	Statements int // BEGIN, COMMIT and ROLLBACK are not statements
	Commits    int // of transactions that wrote
}

// Read gives the counts so far.
func (c *Counter) Read() Counts {
	return Counts{Statements: int(c.statements.Load()), Commits: int(c.commits.Load())}
}

// Count says what f cost. Others who use the store meanwhile are counted too.
func (s *Store) Count(f func()) Counts {
	before := s.count.Read()
	f()
	after := s.count.Read()
	return Counts{Statements: after.Statements - before.Statements, Commits: after.Commits - before.Commits}
}

func (c *Counter) statement(text string) {
	c.statements.Add(1)
	if c.Each != nil {
		c.Each(text)
	}
}

func (c *Counter) commit() { c.commits.Add(1) }
