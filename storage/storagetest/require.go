// Package storagetest holds the suite that both engines of storage must pass, and gives tests their databases: a fresh
// SQLite file, or a fresh database on a private PostgreSQL cluster, both copied from one that was migrated once.
//
// It leaves to each package what it tests with them.
//
// Easy to get wrong: the clock. Inside a testing/synctest bubble open the database there, with sql.WithOffset(0), and
// close it before the bubble ends: its pool has goroutines. Making the database ([SQLite], [Postgres]) is free of
// goroutines and works on both sides.
package storagetest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// missing skips the test, or fails it when SOGLIA_TEST_REQUIRE (a comma-separated list) names what is missing.
func missing(t testing.TB, what, sentence string) {
	t.Helper()
	required := strings.FieldsFunc(os.Getenv("SOGLIA_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(required, what) {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}
