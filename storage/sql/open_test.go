package sql_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

func TestAURLOfNoDatabaseIsRefusedWithoutShowingIt(t *testing.T) {
	for _, url := range []string{"", "mysql://u:hunter2@h/db", "hunter2", "sqlite:", "postgres://u:hunter2@h:port/db"} {
		_, err := sql.Open(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestNobodyAnswersIsAway(t *testing.T) {
	for name, url := range map[string]string{
		"no socket": "postgres://u@/db?host=" + t.TempDir(),
		"no folder": "sqlite:" + t.TempDir() + "/none/soglia.db",
	} {
		if _, err := sql.Open(t.Context(), url); !errors.Is(err, storage.ErrAway) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMigratingFromNothing(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + t.TempDir() + "/a file? with #odd%20 name.db" },
		"postgres": storagetest.EmptyPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			u := url(t)
			raw := open(t, u, sql.WithoutMigration())
			if err := raw.Ready(t.Context()); err == nil {
				t.Error("ready without tables")
			}
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					s, err := sql.Open(context.Background(), u, sql.WithOffset(0))
					if err != nil {
						t.Error(err)
						return
					}
					defer s.Close()
					if err := s.Ready(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			have, want, err := raw.Version(t.Context())
			if err != nil || have != want || want < 1 {
				t.Errorf("version %d of %d: %v", have, want, err)
			}
			counter := new(sql.Counter)
			open(t, u, sql.WithCounter(counter))
			if got := counter.Read(); got != (sql.Counts{Statements: 1}) {
				t.Errorf("opening a migrated database cost %+v, want one look", got)
			}
		})
	}
}

func TestAPoolOfOnePassesEveryMethod(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, url(t), sql.WithPool(1)) })
		})
	}
}

func TestATransactionPoolerPassesEveryMethod(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store {
		return open(t, storagetest.Postgres(t), sql.WithTransactionPooler())
	})
	open(t, storagetest.EmptyPostgres(t), sql.WithTransactionPooler())
}

func TestInABubbleHoursPassAtOnce(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			u := url(t)
			synctest.Test(t, func(t *testing.T) {
				s, err := sql.Open(t.Context(), u, sql.WithOffset(0))
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				begin := s.Now()
				if !begin.Equal(time.Now()) {
					t.Errorf("Now is %v, want the bubble's %v", begin, time.Now())
				}
				var all sync.WaitGroup
				for range 8 {
					all.Go(func() {
						for range 5 {
							if _, err := s.Bump(t.Context(), "k", 24*time.Hour, s.Now()); err != nil {
								t.Error(err)
							}
							time.Sleep(time.Hour)
						}
					})
				}
				all.Wait()
				c, err := s.Counter(t.Context(), "k", s.Now())
				if err != nil || c.Count != 40 || s.Now().Sub(begin) != 5*time.Hour {
					t.Errorf("%d after %v: %v", c.Count, s.Now().Sub(begin), err)
				}
			})
		})
	}
}

func TestTheClockIsTheDatabases(t *testing.T) {
	s, err := sql.Open(t.Context(), storagetest.Postgres(t)) // measured, and measured again until Close
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(s.Now()).Abs(); d > time.Minute {
		t.Errorf("on one machine the clocks differ by %v", d)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	moved := open(t, storagetest.SQLite(t), sql.WithOffset(time.Hour))
	if d := time.Until(moved.Now()); d < 59*time.Minute || moved.Now().Location() != time.UTC {
		t.Errorf("offset of an hour gives %v", d)
	}
}

func TestADeadlockIsRepeated(t *testing.T) {
	s := open(t, storagetest.Postgres(t))
	ctx := t.Context()
	people := []*storage.Person{{ID: "a", Canonical: "a"}, {ID: "b", Canonical: "b"}}
	for _, p := range people {
		if err := s.CreatePerson(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	var both, all sync.WaitGroup
	both.Add(2)
	runs := make([]int, 2)
	for i := range 2 {
		all.Go(func() {
			err := s.Tx(ctx, func(r storage.Records) error {
				runs[i]++
				if err := r.RehashPassword(ctx, people[i].ID, "", "x"); err != nil {
					return err
				}
				if runs[i] == 1 { // each now holds what the other wants
					both.Done()
					both.Wait()
				}
				return r.RehashPassword(ctx, people[1-i].ID, "", "y")
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if runs[0]+runs[1] < 3 {
		t.Errorf("ran %v times: there was no deadlock", runs)
	}
}

func TestALockedTableIsAwayWithinTheTimeouts(t *testing.T) {
	url := storagetest.Postgres(t)
	s := open(t, url, sql.WithPool(1))
	other, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.Background())
	if _, err := other.Exec(t.Context(), `BEGIN; LOCK TABLE persons`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 2 { // one waits for the lock, the other for the only connection
		all.Go(func() {
			if _, err := s.Person(t.Context(), "x"); !errors.Is(err, storage.ErrAway) {
				t.Errorf("locked: %v, want ErrAway", err)
			}
		})
	}
	all.Wait()
	if _, err := other.Exec(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Person(t.Context(), "x"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("unlocked: %v", err)
	}
}

func TestPostgresGoesAndComesBack(t *testing.T) {
	c := storagetest.NewCluster(t)
	s := open(t, c.URL("postgres"), sql.WithPool(4))
	ctx := t.Context()
	if err := s.CreatePerson(ctx, &storage.Person{ID: "p", Canonical: "p"}); err != nil {
		t.Fatal(err)
	}
	c.Stop(t)
	for range 6 {
		if _, err := s.Person(ctx, "p"); !errors.Is(err, storage.ErrAway) {
			t.Errorf("stopped: %v, want ErrAway", err)
		}
		err := s.Tx(ctx, func(r storage.Records) error { return r.BumpGeneration(ctx) })
		if !errors.Is(err, storage.ErrAway) {
			t.Errorf("transaction while stopped: %v, want ErrAway", err)
		}
	}
	if err := s.Ready(ctx); !errors.Is(err, storage.ErrAway) {
		t.Errorf("ready while stopped: %v", err)
	}
	c.Start(t)
	if _, err := s.Person(ctx, "p"); err != nil {
		t.Errorf("started again: %v", err)
	}
	if err := s.Tx(ctx, func(r storage.Records) error { return r.BumpGeneration(ctx) }); err != nil {
		t.Errorf("transaction after the start: %v", err)
	}
}

func TestACallerWhoLeavesIsNotTheDatabasesFault(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t, url(t))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := s.Person(ctx, "p")
			if !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrAway) {
				t.Errorf("%v, want Canceled", err)
			}
		})
	}
}
