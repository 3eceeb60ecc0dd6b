package cases

import (
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// recorded holds the newest audit record of that name against what it must say, and every record against what each must:
// when, from where, in which request (docs/conventions.md).
func recorded(t *testing.T, w *servertest.World, name string, like storage.Event) *storage.Event {
	t.Helper()
	all := w.Records(name)
	if len(all) == 0 {
		t.Errorf("no %s in the audit", name)
		return &storage.Event{}
	}
	got := all[0]
	want(t, name+": outcome", got.Outcome, like.Outcome)
	want(t, name+": reason", got.Reason, like.Reason)
	want(t, name+": client", got.ClientID, like.ClientID)
	want(t, name+": person", got.PersonID, like.PersonID)
	if got.ID == "" || got.At.IsZero() || got.IP == "" || got.RequestID == "" {
		t.Errorf("%s lacks its time, address or request id: %+v", name, got)
	}
	return got
}
