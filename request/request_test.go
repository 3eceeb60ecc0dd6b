package request

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/storage"
)

var (
	now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	yes = &config.Config{Clients: map[string]*config.Client{"c": {ID: "c", Scopes: []string{"openid", "dns"}}}}
)

func init() { yes.Lifetimes.Quarantine = time.Hour }

// saved is the row that Save wrote.
type saved struct {
	storage.Requests
	row *storage.Request
}

func (s *saved) UpdateRequest(_ context.Context, r *storage.Request) error {
	s.row = r
	return nil
}

func TestWhatBecameOfARequestSurvivesStorage(t *testing.T) {
	first := Open{
		Asked:  acr.Request{ID: "r", Client: "c", Scopes: []acr.Scope{{Name: "openid"}, {Name: "dns"}, {Name: "gone"}}},
		Config: yes, Row: &storage.Request{ClientID: "c", Params: []byte(`{"redirect_uri":"https://c.test/cb","login_hint":"anna","later":1}`)},
	}
	word := consent.State{Person: "anna", Scopes: []string{"openid"}, Prompt: true}
	var db saved
	err := first.Save(t.Context(), &db, true, func(o *Open) {
		o.Consent, o.Apart, o.Arrived = word, true, &Arrived{Provider: "google", Subject: "1", At: now.Add(-time.Minute)}
		o.Asked.Declined = true
	})
	if err != nil || first.Asked.Declined || first.Apart || first.Row.Interacted {
		t.Fatalf("%+v %v", first, err)
	}
	if !db.row.Interacted || db.row.Standing != storage.Proved {
		t.Errorf("%+v", db.row)
	}
	back := Open{Row: db.row, Config: yes, Now: now}
	if err := back.read(); err != nil {
		t.Fatal(err)
	}
	if back.Asked.ID != "r" || !back.Asked.Declined || len(back.Asked.Scopes) != 2 || !back.Apart || back.Arrived.Subject != "1" ||
		back.Consent.Person != "anna" || !back.Consent.Prompt || !slices.Equal(back.Consent.Scopes, word.Scopes) ||
		back.Answer.RedirectURI != "https://c.test/cb" || back.Answer.LoginHint != "anna" {
		t.Errorf("%+v", back)
	}
	late := Open{Row: db.row, Config: yes, Now: now.Add(time.Hour)}
	if err := late.read(); err != nil || late.Arrived != nil {
		t.Errorf("a login that arrived too long ago: %+v %v", late.Arrived, err)
	}
	before := Open{Row: &storage.Request{ClientID: "c", Asked: []byte(`{"id":"r","client":"c"}`), Params: []byte(`{}`)}, Config: yes, Now: now}
	if err := before.read(); err != nil || before.Consent.Person != "" || before.Asked.ID != "r" {
		t.Error("a request stored by the version before", err)
	}
	other := Open{Row: &storage.Request{ClientID: "x", Asked: []byte(`{}`), Params: []byte(`{}`)}, Config: yes}
	if err := other.read(); err != ErrUnknownClient {
		t.Error(err)
	}
}

// opened counts how often everybody's requests are counted.
type opened struct {
	storage.Requests
	n, reads int
}

func (o *opened) OpenRequests(context.Context, time.Time) (int, error) {
	o.reads++
	return o.n, nil
}

// The count of all is read seldom, and bounds every instance.
func TestQ74TheCapOverAllCountsEveryInstance(t *testing.T) {
	var c crowd
	db, at := &opened{}, now
	full := func() bool {
		t.Helper()
		full, err := c.full(t.Context(), db, 64, at)
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	for range 3 {
		if full() {
			t.Fatal("full")
		}
		c.stored()
	}
	if db.reads != 0 {
		t.Errorf("%d reads to begin with", db.reads)
	}
	db.n = 64 // others stored theirs
	c.stored()
	if !full() || db.reads != 1 {
		t.Errorf("there is room, after %d reads", db.reads)
	}
	for range 10 {
		full()
	}
	if db.reads != 1 {
		t.Errorf("%d reads while it is full", db.reads)
	}
	db.n, at = 0, at.Add(time.Hour)
	if full() {
		t.Error("full for ever")
	}
}
