package request

import (
	"log/slog"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// Whoever is not the request's browser learns that and nothing else of it, at whichever door; the others learn one thing.
func TestWhoMayOpenARequest(t *testing.T) {
	db, err := sql.Open(t.Context(), storagetest.SQLite(t), sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	q := New(db, box, slog.New(slog.DiscardHandler))
	cfg := *yes
	cfg.Lifetimes.Request, cfg.Limits = time.Hour, config.Limits{RequestsPerBrowser: 9, RequestsPerIP: 9, PerIPWindow: time.Minute, ClientAuthFailures: 9}
	now := db.Now()
	keep := func(b Browser) string {
		t.Helper()
		id := secret.NewID()
		o := &Open{Asked: acr.Request{ID: id, Client: "c", Scopes: []acr.Scope{{Name: "openid"}}}, Client: cfg.Client("c"), Config: &cfg, Now: now}
		if err := q.Keep(t.Context(), o, b, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		return id
	}
	page := func(id string) Browser { return Browser{ID: id} }
	entry := func(id string) Browser { return Browser{ID: id, Give: func() string { return id }} }
	open := func(what, id string, b Browser, want error) {
		t.Helper()
		if o, err := q.Open(t.Context(), &cfg, id, b, now); err != want && !(want == nil && o != nil) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	finish := func(id string) {
		t.Helper()
		o := &Open{Row: &storage.Request{Hash: secret.Hash(id)}, Now: now}
		if err := o.Finish(t.Context(), db, &storage.Event{ID: secret.NewID(), At: now, Name: "authz.denied", Outcome: "fail"}); err != nil {
			t.Fatal(err)
		}
		if err := o.Finish(t.Context(), db, &storage.Event{ID: secret.NewID(), At: now}); err != ErrFinished {
			t.Errorf("finished twice: %v", err)
		}
	}
	open("an id of nothing", secret.NewID(), page("a"), ErrGone)

	bound := keep(entry("a"))
	open("the pages, by its browser", bound, page("a"), nil)
	open("the way back, by its browser", bound, entry("a"), nil)
	open("the pages, by another", bound, page("b"), ErrElsewhere)
	open("the way back, by another", bound, entry("b"), ErrElsewhere)
	open("by one without a cookie", bound, page(""), ErrElsewhere)

	posted := keep(Browser{})
	open("posted: the pages bind nothing", posted, page("a"), ErrElsewhere)
	open("posted: the first to come is its browser", posted, entry("b"), nil)
	open("posted: and then no other", posted, entry("a"), ErrElsewhere)
	open("posted: the pages know it too", posted, page("b"), nil)

	finish(bound)
	open("finished: its browser", bound, page("a"), ErrFinished)
	open("finished: its browser, the other way", bound, entry("a"), ErrFinished)
	open("finished: another browser", bound, entry("b"), ErrElsewhere)

	open("out of the YAML", func() string {
		id := keep(entry("a"))
		cfg.Clients = nil
		return id
	}(), page("a"), ErrUnknownClient)
}
