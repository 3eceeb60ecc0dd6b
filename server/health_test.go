package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// hanging is a database that answers nothing: each question lasts as long as whoever asks allows.
type hanging struct {
	storage.Store
	asked atomic.Int64
}

func (h *hanging) Ready(ctx context.Context) error {
	h.asked.Add(1)
	<-ctx.Done()
	return ctx.Err()
}

// Each of many that asked while the database hung put a question of three seconds of its own behind the others, and the load
// balancer waited for all of them.
func TestQ82WhoeverAsksForTheHealthPutsNoQuestionBehindAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &hanging{}
		s := &Server{Options: Options{Store: db}}
		health := s.Health()
		get := func(ctx context.Context) int {
			rec := httptest.NewRecorder()
			health.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/readyz", nil))
			return rec.Code
		}
		begun := time.Now()
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 10 * time.Millisecond) // over two seconds
				if code := get(t.Context()); code != http.StatusServiceUnavailable {
					t.Errorf("%d", code)
				}
			})
		}
		gone, hangUp := context.WithCancel(t.Context())
		all.Go(func() { get(gone) })
		time.Sleep(time.Second)
		hangUp()
		all.Wait()
		if asked, took := db.asked.Load(), time.Since(begun); asked != 1 || took > readyTime {
			t.Errorf("%d questions, and the last answer after %s", asked, took)
		}
		get(t.Context())
		if asked := db.asked.Load(); asked != 1 {
			t.Errorf("an answer of this moment was not taken: %d questions", asked)
		}
		time.Sleep(knownFor)
		get(t.Context())
		if asked := db.asked.Load(); asked != 2 {
			t.Errorf("the answer never gets old: %d questions", asked)
		}
		s.stopping.Store(true)
		if code := get(t.Context()); code != http.StatusServiceUnavailable || db.asked.Load() != 2 {
			t.Errorf("while it stops: %d, %d questions", code, db.asked.Load())
		}
	})
}
