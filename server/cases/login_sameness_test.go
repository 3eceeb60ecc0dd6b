package cases

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// face is all that whoever asked can see of an answer, with what is random or was typed taken out: the hops, the status,
// every header, the cookies' names and flags, every byte.
func face(b *servertest.Browser, typed string) string {
	var out strings.Builder
	out.WriteString(regexp.MustCompile(`\b`+regexp.QuoteMeta(typed)+`\b`).ReplaceAllString(string(b.Body()), "NAME"))
	for _, hop := range b.Chain() {
		path, _, _ := strings.Cut(hop.URL, "?")
		if !strings.HasPrefix(path, here) {
			continue
		}
		fmt.Fprintf(&out, "\n%s %s %d", hop.Method, path, hop.Status)
		for _, name := range slices.Sorted(maps.Keys(hop.Header)) {
			values := strings.Join(hop.Header[name], "|")
			switch name {
			case "X-Request-Id", "Content-Length": // random; as long as what was typed
				values = ""
			case "Set-Cookie":
				before, after, _ := strings.Cut(values, "=")
				_, flags, _ := strings.Cut(after, ";")
				values = before + flags
			}
			fmt.Fprintf(&out, "\n%s: %s", name, values)
		}
	}
	s := out.String()
	s = shownTag.ReplaceAllString(s, "TAG") // of whom the page is about: another in each world
	if parts := strings.Split(b.URL().Path, "/"); len(parts) > 2 {
		s = strings.ReplaceAll(s, parts[2], "ID")
	}
	return strings.ReplaceAll(s, b.Header().Get("X-Request-Id"), "REF")
}

var shownTag = regexp.MustCompile(`name="shown" value="[^"]*"`)

// crowd are people of every kind that must look like nobody.
func crowd(t *testing.T, w *servertest.World) map[string]string {
	t.Helper()
	social, err := user.FromIdentity(t.Context(), w.Store, user.Social{Provider: "social", Subject: "s", Username: "sofia", Locale: "en", Now: time.Now().Add(-time.Hour), Emails: []user.SocialEmail{{Address: "sofia@rossi.test", Verified: true, Authoritative: true}}})
	if err != nil {
		t.Fatal(err)
	}
	off := w.Create(&servertest.Person{Username: "spenta", Email: "spenta@rossi.test", Password: "un faro senza luce"})
	row, err := w.Store.Person(t.Context(), off.ID)
	if err != nil {
		t.Fatal(err)
	}
	row.Disabled = true
	if err := w.Store.UpdatePerson(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	nobody := w.Create(&servertest.Person{Username: "muta", Password: "senza nessun recapito qui"})
	return map[string]string{
		"niemand": "", "nobody@nowhere.test": "", "no such person, nor can there be": "",
		w.V.Username: w.V.ID, w.V.Email: w.V.ID, w.U1.Username: w.U1.ID, w.U2.Username: w.U2.ID,
		"sofia": social.ID, "spenta": off.ID, "muta": nobody.ID,
	}
}

// L02: at every form that takes a name, everybody is nobody to whoever does not prove to be somebody.
func TestL02EveryFormThatTakesANameAnswersEverybodyTheSame(t *testing.T) {
	for _, form := range []struct {
		name   string
		tries  int
		record string // the audit's, "" = none of it is about a person
		ask    func(w *servertest.World, b *servertest.Browser, name, password string)
	}{
		{"sign-in", 1, "authn.fail", func(w *servertest.World, b *servertest.Browser, name, password string) {
			b.Open(w.RP1.Login()).FillID("username", name).FillID("password", password).Submit("login-submit")
		}},
		{"sign-in, throttled", 6, "authn.fail", func(w *servertest.World, b *servertest.Browser, name, password string) {
			b.Open(w.RP1.Login()).FillID("username", name).FillID("password", password).Submit("login-submit")
		}},
		{"sign-in, with a name brought along", 1, "authn.fail", func(w *servertest.World, b *servertest.Browser, name, password string) {
			b.Open(w.RP1.Login("login_hint", name)).FillID("username", name).FillID("password", password).Submit("login-submit")
		}},
		{"the first page, with a name brought along", 1, "", func(w *servertest.World, b *servertest.Browser, name, _ string) {
			b.Open(w.RP1.Login("login_hint", name))
		}},
		{"forgotten password", 1, "pw.reset.requested", func(w *servertest.World, b *servertest.Browser, name, _ string) {
			b.Open(here+"/forgot").FillID("username", name).Submit("forgot-submit")
		}},
		{"forgotten password, again and again", 8, "pw.reset.requested", func(w *servertest.World, b *servertest.Browser, name, _ string) {
			b.Open(here+"/forgot").FillID("username", name).Submit("forgot-submit")
		}},
	} {
		t.Run(form.name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				first := ""
				people := crowd(t, w)
				for name, id := range people {
					b := w.Browser(name)
					b.IP = fmt.Sprintf("198.18.1.%d", len(name)*10+int(name[0])%10)
					password := notThePassword
					if name == "spenta" {
						password = "un faro senza luce" // disabled: the right one is as good as a wrong one
					}
					for range form.tries {
						form.ask(w, b, name, password)
					}
					got := face(b, name)
					if first == "" {
						first = got
					} else if got != first {
						t.Errorf("%s is answered otherwise:\n%s", name, cmp.Diff(strings.Split(first, "\n"), strings.Split(got, "\n")))
					}
					if form.record == "authn.fail" { // the operator sees more than the guesser
						recordedOf(t, w, form.record, id, form.tries)
					}
				}
			})
		})
	}
}

// recordedOf counts the failures recorded of a person; those of names that are nobody's share the empty id.
func recordedOf(t *testing.T, w *servertest.World, name, id string, n int) {
	t.Helper()
	found := 0
	for _, e := range w.Records(name) {
		if e.PersonID == id && e.Outcome == "fail" && e.Actor == "" {
			found++
		}
	}
	if found < n {
		t.Errorf("%d records of %s about %q, want %d", found, name, id, n)
	}
}

// What comes after the password is the same for whoever gave a right one and lacks a way on: no page says which account
// has which factor before the password was right.
func TestL02WhatFollowsShowsOnlyAfterThePassword(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, p := range []*servertest.Person{w.U1, w.U2, w.V} {
			b := w.Browser(p.Username).Open(w.RP1.Login("acr_values", "mfa"))
			b.FillID("username", p.Username).FillID("password", notThePassword).Submit("login-submit").WantStatus(422).WantStep("login")
			for _, tells := range []string{"•••", "Authenticator", "@rossi", "@bianchi"} {
				if strings.Contains(strings.ReplaceAll(b.Text(), p.Username, ""), tells) {
					t.Errorf("%s: the page of the first step tells of the second: %q", p.Username, tells)
				}
			}
			base := "https://" + servertest.SSO + "/login/" + requestOf(b)
			for _, path := range []string{"/code", "/send", "/way", "/enrol", "/recovery", "/contact", "/connect"} {
				b.Post(b.URL(), base+path, map[string][]string{"username": {p.Username}, "otp": {"000000"}}).WantStep("login").WantStatus(http.StatusOK)
			}
		}
		want(t, "messages", len(w.Memory.All()), 0)
		recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: "wrong", ClientID: "panel", PersonID: w.Records("authn.fail")[0].PersonID})
	})
}
