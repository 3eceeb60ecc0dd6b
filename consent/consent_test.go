package consent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// memory is what was allowed before, and how often it was asked.
type memory struct {
	storage.Consents
	scopes []string
	err    error
	reads  int
}

func (m *memory) Consent(context.Context, string, string) (*storage.Consent, error) {
	m.reads++
	if m.err != nil {
		return nil, m.err
	}
	if m.scopes == nil {
		return nil, storage.ErrNotFound
	}
	return &storage.Consent{Scopes: m.scopes}, nil
}

// granted is a decision on a request for those scopes.
func granted(t *testing.T, request, person string, scopes ...string) acr.Granted {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := acr.Request{ID: request, Client: "c"}
	for _, s := range scopes {
		r.Scopes = append(r.Scopes, acr.Scope{Name: s})
	}
	d := acr.Decide(&acr.Policy{Levels: []acr.Level{{Name: "sfa"}}}, r, acr.Person{ID: person, HasPassword: true},
		acr.Evidence{Session: "s", Version: 1, Events: []acr.Event{{ID: "e", Method: acr.Password, At: now}}}, now)
	if !d.Granted.Valid() {
		t.Fatalf("%+v", d)
	}
	return d.Granted
}

func TestWhoIsAskedForWhat(t *testing.T) {
	anna := func(scopes ...string) State { return State{Person: "anna", Scopes: scopes} }
	for name, c := range map[string]struct {
		mode    string
		state   State
		before  []string
		missing string
		reads   int
		err     error
	}{
		"own panel":                               {mode: Skip},
		"own panel, nothing written":              {},
		"own panel, prompt=consent":               {mode: Skip, state: State{Prompt: true}},
		"first time":                              {mode: First, missing: "openid email", reads: 1},
		"remembered":                              {mode: First, before: []string{"email", "openid", "dns"}, reads: 1},
		"remembered less":                         {mode: First, before: []string{"openid"}, missing: "email", reads: 1},
		"remembered, prompt=consent":              {mode: First, state: State{Prompt: true}, before: []string{"openid", "email"}, missing: "openid email"},
		"just allowed":                            {mode: First, state: anna("openid", "email")},
		"just allowed, prompt=consent":            {mode: First, state: State{Prompt: true, Person: "anna", Scopes: []string{"openid", "email"}}},
		"just allowed less":                       {mode: First, state: anna("openid"), missing: "email", reads: 1},
		"just allowed less, the rest was already": {mode: First, state: anna("openid"), before: []string{"email"}, reads: 1},
		"allowed by another":                      {mode: First, state: State{Person: "bruno", Scopes: []string{"openid", "email"}}, missing: "openid email", reads: 1},
		"refused":                                 {mode: First, state: State{Person: "anna", Denied: true}, err: ErrDenied},
		"refused by another":                      {mode: First, state: State{Person: "bruno", Denied: true}, missing: "openid email", reads: 1},
		"always":                                  {mode: Always, before: []string{"openid", "email"}, missing: "openid email"},
		"always, in this request":                 {mode: Always, state: anna("openid", "email")},
	} {
		t.Run(name, func(t *testing.T) {
			m := &memory{scopes: c.before}
			g := granted(t, "r", "anna", "openid", "email")
			given, missing, err := Ask(t.Context(), m, &config.Client{ID: "c", Consent: c.mode}, c.state, g)
			if !errors.Is(err, c.err) || strings.Join(missing, " ") != c.missing || m.reads != c.reads {
				t.Errorf("missing %v, %v, %d reads", missing, err, m.reads)
			}
			if given.Covers(g) != (c.missing == "" && c.err == nil) {
				t.Error("the gate")
			}
		})
	}
}

func TestTheWordIsForOneRequestOnePersonAndWhatWasGranted(t *testing.T) {
	given, _, err := Ask(t.Context(), nil, &config.Client{ID: "c"}, State{}, granted(t, "r", "anna", "openid"))
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range map[string]acr.Granted{
		"another request": granted(t, "x", "anna", "openid"), "another person": granted(t, "r", "bruno", "openid"),
		"more": granted(t, "r", "anna", "openid", "email"), "no decision": {},
	} {
		if given.Covers(g) {
			t.Error(name)
		}
	}
	if (Given{}).Covers(granted(t, "r", "anna", "openid")) || !given.Covers(granted(t, "r", "anna", "openid")) {
		t.Error("only what was given")
	}
	if given, _, err := Ask(t.Context(), nil, &config.Client{ID: "c"}, State{}, acr.Granted{}); err != nil || given.Covers(acr.Granted{}) {
		t.Error("without a decision there is nothing to give")
	}
	away := &memory{err: storage.ErrAway}
	if given, _, err := Ask(t.Context(), away, &config.Client{ID: "c", Consent: First}, State{}, granted(t, "r", "anna", "openid")); !errors.Is(err, storage.ErrAway) || given.person != "" {
		t.Error("a database that is away is no consent")
	}
}

func TestOnlyWhatWasShownIsAllowed(t *testing.T) {
	g := granted(t, "r", "anna", "openid", "email")
	for name, c := range map[string]struct {
		shown []string
		allow bool
		want  State
	}{
		"all":     {[]string{"email", "openid"}, true, State{Person: "anna", Scopes: []string{"openid", "email"}, Prompt: true}},
		"less":    {[]string{"openid", "billing"}, true, State{Person: "anna", Scopes: []string{"openid"}, Prompt: true}},
		"nothing": {nil, true, State{Person: "anna", Scopes: []string{}, Prompt: true}},
		"denied":  {[]string{"email", "openid"}, false, State{Person: "anna", Denied: true, Prompt: true}},
	} {
		got := State{Prompt: true, Person: "bruno", Scopes: []string{"dns"}}.Answer(g, c.shown, c.allow)
		if got.Person != "anna" || got.Denied != c.want.Denied || !got.Prompt || !slices.Equal(got.Scopes, c.want.Scopes) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
