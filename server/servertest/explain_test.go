package servertest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// explain is what `soglia explain` would say of the request that the panel is about to make, of the person's newest session.
func explain(t *testing.T, w *servertest.World, client string, p *servertest.Person, params ...string) (server.Explained, []server.Explained) {
	t.Helper()
	ctx := context.Background()
	row, err := w.Store.Person(ctx, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	q := server.Question{Person: row, Client: w.Config.Client(client), Scopes: []string{"openid"}}
	for i := 0; i < len(params); i += 2 {
		switch value := params[i+1]; params[i] {
		case "scope":
			q.Scopes = strings.Fields(value)
		case "acr_values":
			q.AcrValues = strings.Fields(value)
		case "prompt":
			q.Prompt = strings.Fields(value)
		case "max_age":
			age, err := time.ParseDuration(value + "s")
			if err != nil {
				t.Fatal(err)
			}
			q.MaxAge = &age
		}
	}
	live, err := w.Store.SessionsOf(ctx, p.ID, w.Store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(live) > 0 {
		q.Session = live[0]
	}
	now, ahead, err := server.Explain(ctx, w.Config, w.Store, q)
	if err != nil {
		t.Fatal(err)
	}
	return now, ahead
}

// What `soglia explain` says comes next is what comes next: the page by its data-step, the panel's error, its level and scopes.
func TestExplainNamesThePageThatComes(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		nemo := w.Create(&servertest.Person{Username: "nemo", Password: "un faro senza luce"})
		for _, p := range []*servertest.Person{w.U1, w.U2, nemo} {
			b := w.Browser(p.Username)
			now, ahead := explain(t, w, "panel2", p)
			want(t, p.Username+" without a session", now.Page, "login")
			want(t, p.Username+": ways in", len(ahead), 1)
			b.Open(w.RP2.Login()).SignIn(p)
			if ahead[0].Page == "" {
				want(t, p.Username+" is in", w.RP2.Last().Acr(), ahead[0].Decision.Granted.Acr())
			} else {
				want(t, p.Username+" after the password", b.Step(), ahead[0].Page)
				b.GiveCode(w.Answer(b, p))
			}
			for _, params := range [][]string{
				{}, {"scope", "openid billing"}, {"prompt", "none", "scope", "openid billing"}, {"acr_values", "mfa"}, {"acr_values", "mfa", "prompt", "none"},
				{"prompt", "login"}, {"max_age", "0"}, {"prompt", "none", "max_age", "0"}, {"prompt", "select_account"},
			} {
				name := p.Username + " " + strings.Join(params, " ")
				now, _ := explain(t, w, "panel2", p, params...)
				before := w.RP2.Answers()
				b.Open(w.RP2.Login(params...))
				d := &now.Decision
				switch {
				case now.Page != "":
					want(t, name, b.Step(), now.Page)
					want(t, name+": the panel has no answer", w.RP2.Answers(), before)
				case d.Outcome == acr.Refused:
					want(t, name, w.RP2.Last().Error, d.Error)
				default:
					want(t, name, w.RP2.Last().Acr(), d.Granted.Acr())
				}
				if i := slices.IndexFunc(now.Rules, func(r acr.Rule) bool { return r.Because }); d.Outcome != acr.Satisfied && (i < 0 || now.Rules[i].Reason != d.Reason) {
					t.Errorf("%s: no rule explains %s", name, d.Reason)
				}
			}
		}
	})
}

// A panel that lets nobody in without a scope.
func TestExplainKnowsWhoIsStopped(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		nemo := w.Create(&servertest.Person{Username: "nemo", Password: "un faro senza luce"})
		b := w.Browser("nemo")
		_, ahead := explain(t, w, "panel2", nemo)
		want(t, "after the password", ahead[0].Page, "stopped")
		b.Open(w.RP2.Login()).SignIn(nemo).WantStep("stopped")
		now, _ := explain(t, w, "panel2", nemo)
		want(t, "page", now.Page, "stopped")
		b.Open(w.RP2.Login()).WantStep("stopped")
		silent, _ := explain(t, w, "panel2", nemo, "prompt", "none")
		want(t, "silently", silent.Page, "")
	}, servertest.With(func(f *config.File) {
		for i := range f.Clients {
			if f.Clients[i].ID == "panel2" {
				f.Clients[i].RequireScopes = []string{"billing"}
			}
		}
	}))
}

// A panel that asks for consent, and somebody who is locked.
func TestExplainKnowsConsentAndLocks(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		now, _ := explain(t, w, "panel2", w.U2)
		want(t, "page", now.Page, "consent")
		b.Open(w.RP2.Login()).WantStep("consent")
		row, err := w.Store.Person(context.Background(), w.U2.ID)
		if err != nil {
			t.Fatal(err)
		}
		row.Disabled = true
		locked, ahead, err := server.Explain(context.Background(), w.Config, w.Store, server.Question{
			Person: row, Client: w.Config.Client("panel"), Scopes: []string{"openid"}, Session: &storage.Session{ID: "s", Events: []byte("[]")},
		})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "locked", locked.Page, "login")
		want(t, "locked: ways in", len(ahead), 0)
	}, asks("first"))
}
