package certification_test

import (
	"net/http"
	"testing"

	"golang.org/x/net/html"
)

func TestPages(t *testing.T) { run(t, pages, plan{client: "first"}) }

// pages are what automated browsers hold on to. None of the lines of this list runs a script.
var pages = []line{
	{"signing in: username, password, login-submit, the heading login-title", func(t *try) {
		t.asks(t.request())
		t.shows("login", "username", "password", "login-submit", "login-title")
		t.answers(t.person)
	}},
	{"a code: otp, otp-submit", func(t *try) {
		q := t.request("acr_values", "mfa")
		t.asks(q).press("login-submit", "username", t.person, "password", password)
		t.shows("otp", "otp", "otp-submit", "cancel")
	}},
	{"consent: consent-allow, consent-deny", func(t *try) {
		t.client = "second"
		q := t.request("prompt", "consent")
		t.signs()
		t.asks(q)
		t.shows("consent", "consent-allow", "consent-deny")
		if t.press("consent-deny"); t.left == nil || t.left.values().Get("error") != "access_denied" {
			t.Errorf("%v\n%s", t.left, t.body)
		}
	}},
	{"cancel answers access_denied", func(t *try) {
		q := t.request()
		t.asks(q)
		t.shows("login", "cancel")
		if t.press("cancel"); t.left == nil || t.left.values().Get("error") != "access_denied" {
			t.Fatalf("%v\n%s", t.left, t.body)
		}
		t.manners(t.left, q)
	}},
	{"signing out: logout-confirm, then the heading logged-out", func(t *try) {
		t.signs()
		t.signsOut()
		t.shows("logout", "logout-confirm")
		t.press("logout-confirm")
		t.shows("logged_out", "logged-out")
	}},
	{"an error: the text of error-code is its code", func(t *try) {
		if t.asks(t.request("client_id", "nobody")); t.res.StatusCode != http.StatusBadRequest || t.text("error-code") != "invalid_client" {
			t.Errorf("%s %q", t.res.Status, t.text("error-code"))
		}
		t.shows("error", "error-code")
	}},
	{"every field and button stands in a plain form", func(t *try) {
		t.asks(t.request())
		for n := range t.doc.Descendants() {
			if n.Type == html.ElementNode && (n.Data == "input" || n.Data == "button") && t.form(n) == nil {
				t.Errorf("%s %v stands in none", n.Data, n.Attr)
			}
		}
	}},
}

// shows checks the step that main names, and that the page has elements with these ids.
func (b *browser) shows(step string, ids ...string) {
	b.t.Helper()
	if b.left != nil || b.step() != step {
		b.t.Fatalf("step %q, want %s: %v\n%s", b.step(), step, b.left, b.body)
	}
	for _, id := range ids {
		if b.byID(id) == nil {
			b.t.Errorf("no %s on\n%s", id, b.body)
		}
	}
}
