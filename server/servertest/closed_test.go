package servertest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// closed is the product's default: accounts come from the operator.
func closed(f *config.File) { f.Registration = &config.FileRegistration{Mode: "closed"} }

var reference = regexp.MustCompile(`ref=[A-Z0-9]{4}-[A-Z0-9]{4}`)

// Q70: registration is closed, and a login that no account has makes nobody, whatever address comes with it. The page is
// the same for all of them.
func TestQ70AStrangersLoginMakesNobodyAndEveryStrangerReadsTheSame(t *testing.T) {
	pages := map[string]string{}
	for name, now := range map[string]servertest.Account{
		"a customer's address":             {Email: "vera@bianchi.test", Verified: true},
		"a customer's address, unverified": {Email: "vera@bianchi.test"},
		"nobody's address":                 {Email: "nora@bianchi.test", Verified: true},
		"no address":                       {},
	} {
		at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
			now.Subject, now.Name = "107", "vera"
			g.Now = now
			b := w.Browser("stranger").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect").WantStatus(http.StatusOK)
			b.WantText("contact support")
			id := strings.Split(b.URL().Path, "/")[2]
			pages[name] = strings.NewReplacer(id, "…", b.Tag(), "…").Replace(reference.ReplaceAllString(string(b.Body()), "ref=…"))
			want(t, name+": somebody was made", person(t, w, "google", "107") == nil, true)
			want(t, name+": messages", len(w.Mails("vera@bianchi.test"))+len(w.Mails("nora@bianchi.test")), 0)
			want(t, name+": quarantine", b.Cookie(servertest.SSO, "__Host-soglia_quarantine"), "")
			// No other step makes anybody either.
			for _, row := range w.Server.Routes() {
				if row.Audience != web.Page || !strings.HasPrefix(row.Pattern, "/login/{id}/") || strings.HasSuffix(row.Pattern, "/cancel") {
					continue
				}
				path := strings.NewReplacer("{id}", id, "{provider}", "google").Replace(row.Pattern)
				b.Tab(path).Do(http.MethodPost, origin+path, url.Values{
					"email": {"nora@bianchi.test"}, "username": {"nora"}, "password": {"not her password"}, "otp": {"000000"}, "method": {"totp"}, "way": {"email:x"},
				})
				b.Tab(path).Do(http.MethodGet, origin+path, nil)
			}
			want(t, name+": somebody was made by a step", person(t, w, "google", "107") == nil, true)
			want(t, name+": answers", w.RP1.Answers(), 0)
			want(t, name+": sessions", len(w.Records("session.new")), 0)
			// The name is free for the customer it belongs to.
			w.Create(&servertest.Person{Username: "nora", Password: "nove noci nel nido", Email: "nora@bianchi.test"})
		}, servertest.With(closed))
	}
	for name, page := range pages {
		want(t, name, page, pages["no address"])
	}
}

// Q70: the page's other ways out: the password, another day, and no.
func TestQ70TheStrangersPageBarsNoOtherWay(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		b := w.Browser("stranger").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect")
		b.Click("Sign in without connecting").WantStep("login").SignIn(w.V)
		want(t, "sub", w.RP1.Last().IDToken.Subject, w.V.ID)
		want(t, "somebody has the login", person(t, w, "google", "107") == nil, true)
		no := w.Browser("no").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect").Submit("cancel")
		want(t, "host", no.URL().Host, servertest.Panel)
		want(t, "error", w.RP1.Last().Error, "access_denied")
	}, servertest.With(closed))
}

// Q70, Q66: the owner of the login connects it from there, behind a second step.
func TestQ70TheOwnerConnectsTheLoginFromTheStrangersPage(t *testing.T) {
	for name, opts := range map[string][]servertest.Option{"sqlite": nil, "postgres": {servertest.OnPostgres()}} {
		t.Run(name, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
				b := w.Browser("vera").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect")
				b.FillID("username", w.V.Username).FillID("password", "wrong wrong wrong").Submit("login-submit").WantStatus(422).WantStep("connect")
				b.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit").WantStep("otp").WantText("Google")
				want(t, "before the code", person(t, w, "google", "107") == nil, true)
				b.GiveCode(w.Code(w.V.Email))
				want(t, "sub", w.RP1.Last().IDToken.Subject, w.V.ID)
				p := person(t, w, "google", "107")
				want(t, "the login is", p.ID, w.V.ID)
				want(t, "it arrives unproved", p.Identities[0].ProvedAt.IsZero(), true)
				time.Sleep(time.Minute)
				later := w.Browser("vera later").Open(w.RP2.Login()).Click("Continue with Google").WantStep("otp")
				later.GiveCode(w.Code(w.V.Email))
				want(t, "later", w.RP2.Last().IDToken.Subject, w.V.ID)
			}, append(opts, servertest.With(closed))...)
		})
	}
}

// Q70: a customer whose login came with an import is no stranger: one second step proves it.
func TestQ70AnImportedLoginIsProvedAsBefore(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		ctx := t.Context()
		gaia := must(user.Create(ctx, w.Store, user.New{
			Username: "gaia", CustomerNumber: "100007", Emails: []user.NewEmail{{Address: "gaia@lavoro.test", Verified: true}}, Now: time.Now(),
		}))(t)
		if err := w.Store.PutIdentity(ctx, &storage.Identity{Provider: "google", Subject: "107", PersonID: gaia.ID, Created: time.Now()}); err != nil {
			t.Fatal(err)
		}
		w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp").GiveCode(w.Code("gaia@lavoro.test"))
		want(t, "sub", w.RP1.Last().IDToken.Subject, gaia.ID)
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(closed))
}

// Q70: an account that a stranger's login made for itself while registration was open, and never completed, is not
// completed once it is closed. Its name goes to nobody else by that, and its owner connects the login as anybody does.
func TestQ70WhatAStrangerBeganWhileItWasOpenEndsWithIt(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		begun := must(user.FromIdentity(t.Context(), w.Store, user.Social{Provider: "google", Subject: "107", Username: "gaia", Now: time.Now().Add(-time.Hour)}))(t)
		b := w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").WantStep("connect")
		b.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit").GiveCode(w.Code(w.V.Email))
		want(t, "the login is", person(t, w, "google", "107").ID, w.V.ID)
		want(t, "what was begun is shut", must(w.Store.Person(t.Context(), begun.ID))(t).Disabled, true)
	}, servertest.With(closed))
}
