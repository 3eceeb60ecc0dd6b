package sql_test

import (
	"testing"

	"github.com/soglia-sso/soglia/storage/storagetest"
)

func TestStatementBudgetsOnPostgres(t *testing.T) {
	storagetest.Budgets(t, open(t, storagetest.Postgres(t)))
}
