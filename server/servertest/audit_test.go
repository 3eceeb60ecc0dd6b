package servertest_test

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// audit returns the records of that name, newest first; "" is all of them.
func audit(t *testing.T, w *servertest.World, name string) []*storage.Event {
	t.Helper()
	all, err := w.Store.Events(context.Background(), "", time.Now().Add(time.Hour), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []*storage.Event
	for _, e := range all {
		if name == "" || e.Name == name {
			out = append(out, e)
		}
	}
	return out
}
