package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/soglia-sso/soglia/storage/sql"
)

const template = "soglia_template"

var errNoPostgres = errors.New("no PostgreSQL (initdb) is installed here")

// shared is the cluster of this process, with its migrated template.
var shared = sync.OnceValues(func() (*Cluster, error) {
	bin, ok := binaries()
	if !ok {
		return nil, errNoPostgres
	}
	c, err := newCluster(bin)
	if err != nil {
		return nil, err
	}
	if err := c.admin(`CREATE DATABASE ` + template); err != nil {
		return nil, err
	}
	s, err := sql.Open(context.Background(), c.URL(template), sql.WithOffset(0), sql.WithPool(1))
	if err != nil {
		return nil, err
	}
	return c, s.Close()
})

var databases atomic.Int64

// Postgres gives the URL of a fresh migrated database, dropped when the test ends. The first call of a process starts
// a private cluster. Without PostgreSQL the test is skipped, unless SOGLIA_TEST_REQUIRE names postgres.
func Postgres(t testing.TB) string {
	t.Helper()
	c, err := shared()
	if errors.Is(err, errNoPostgres) {
		missing(t, "postgres", err.Error())
	}
	if err != nil {
		t.Fatalf("a private PostgreSQL: %v", err)
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	if err := c.admin(`CREATE DATABASE ` + name + ` TEMPLATE ` + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.admin(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	return c.URL(name)
}

// EmptyPostgres is Postgres without a table in it.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	url := Postgres(t)
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), `DROP SCHEMA public CASCADE`); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(context.Background(), `CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	return url
}

func (c *Cluster) admin(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, text)
	return err
}
