package servertest

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Records are the audit records of that name, newest first; "" is all of them.
func (w *World) Records(name string) []*storage.Event {
	w.T.Helper()
	all, err := w.Store.Events(context.Background(), "", time.Now().Add(time.Hour), 10_000)
	if err != nil {
		w.T.Fatal(err)
	}
	var out []*storage.Event
	for _, e := range all {
		if name == "" || e.Name == name {
			out = append(out, e)
		}
	}
	return out
}
