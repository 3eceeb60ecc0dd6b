package certification_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestRPInitiatedLogout(t *testing.T) { run(t, logout, plan{client: "first"}) }

// logout are the lines of the plan RP-Initiated Logout.
var logout = []line{
	{"hint, URI and state lead back with exactly that state", func(t *try) {
		got, state := t.signs(), random(8)
		t.signsOut("id_token_hint", got.id, "post_logout_redirect_uri", theSuite.bye(), "state", state)
		t.back(state)
	}},
	{"hint and URI without state lead back without one", func(t *try) {
		t.signsOut("id_token_hint", t.signs().id, "post_logout_redirect_uri", theSuite.bye())
		t.back("")
	}},
	{"a URI that is not registered is a page of our own", func(t *try) {
		t.signsOut("id_token_hint", t.signs().id, "post_logout_redirect_uri", "https://www.example.org/bye", "state", "s")
		t.wrong()
	}},
	{"a modified URI is a page of our own", func(t *try) {
		hint := t.signs().id
		for _, uri := range []string{theSuite.bye() + "?foo=bar", theSuite.bye() + "/x", strings.Replace(theSuite.bye(), "https:", "http:", 1)} {
			t.signsOut("id_token_hint", hint, "post_logout_redirect_uri", uri)
			t.wrong()
		}
	}},
	{"a hint with alg none is a page of our own", func(t *try) {
		parts := strings.Split(t.signs().id, ".")
		t.signsOut("id_token_hint", encoded(map[string]string{"alg": "none"})+"."+parts[1]+".", "post_logout_redirect_uri", theSuite.bye())
		t.wrong()
	}},
	{"a hint that a foreign key signed is a page of our own", func(t *try) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := json.Marshal(t.signs().claims)
		jws, err := signer.Sign(body)
		if err != nil {
			t.Fatal(err)
		}
		forged, _ := jws.CompactSerialize()
		t.signsOut("id_token_hint", forged, "post_logout_redirect_uri", theSuite.bye())
		t.wrong()
	}},
	{"a URI without a hint leads nowhere", func(t *try) {
		t.signs()
		t.signsOut("post_logout_redirect_uri", theSuite.bye())
		if t.left != nil || t.step() != "logout" {
			t.Fatalf("%v\n%s", t.left, t.body)
		}
		if t.press("logout-confirm"); t.left != nil || t.byID("logged-out") == nil {
			t.Errorf("%v\n%s", t.left, t.body)
		}
	}},
	{"a hint alone signs out, on a page of our own", func(t *try) {
		if t.signsOut("id_token_hint", t.signs().id); t.left != nil || t.step() != "logged_out" {
			t.Fatalf("%v\n%s", t.left, t.body)
		}
		t.over()
	}},
	{"a state alone is a question, and leads nowhere", func(t *try) {
		t.signs()
		if t.signsOut("state", "abc"); t.left != nil || t.step() != "logout" {
			t.Fatalf("%v\n%s", t.left, t.body)
		}
		if t.press("logout-confirm"); t.left != nil || t.byID("logged-out") == nil {
			t.Errorf("%v\n%s", t.left, t.body)
		}
	}},
	{"client_id and URI without a hint lead back after the person said yes", func(t *try) {
		t.signs()
		t.signsOut("client_id", t.client, "post_logout_redirect_uri", theSuite.bye(), "state", "abc")
		if t.left != nil || t.step() != "logout" {
			t.Fatalf("%v\n%s", t.left, t.body)
		}
		t.press("logout-confirm")
		t.back("abc")
	}},
	{"no parameters: a question, whose answer signs out on a page of our own", func(t *try) {
		t.signs()
		if t.signsOut(); t.left != nil || t.step() != "logout" {
			t.Fatalf("%v\n%s", t.left, t.body)
		}
		if t.press("logout-confirm"); t.left != nil || t.step() != "logged_out" {
			t.Errorf("%v\n%s", t.left, t.body)
		}
		t.over()
	}},
	{"a request to sign out may be posted", func(t *try) {
		form := url.Values{"id_token_hint": {t.signs().id}, "post_logout_redirect_uri": {theSuite.bye()}, "state": {"posted"}}
		t.visit(http.MethodPost, metadata(t.T)["end_session_endpoint"].(string), form)
		t.back("posted")
	}},
	{"afterwards prompt=none is an error", func(t *try) {
		t.signsOut("id_token_hint", t.signs().id, "post_logout_redirect_uri", theSuite.bye())
		t.back("")
		t.over()
	}},
}

// signsOut sends a request to sign out.
func (t *try) signsOut(pairs ...string) {
	t.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	to := metadata(t.T)["end_session_endpoint"].(string)
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	t.open(to)
}

// back checks that the browser is at the panel, with that state; "" = none.
func (t *try) back(state string) {
	t.Helper()
	if t.left == nil {
		t.Fatalf("%s: %s\n%s", t.at, t.res.Status, t.body)
	}
	want := url.Values{}
	if state != "" {
		want.Set("state", state)
	}
	if bare := strings.TrimSuffix(t.left.url.String(), "?"+t.left.url.RawQuery); bare != theSuite.bye() || t.left.query.Encode() != want.Encode() {
		t.Errorf("back at %s, want state %q", t.left.url, state)
	}
}

// wrong checks that the page is one of ours that says what was wrong, and that the person is still signed in.
func (t *try) wrong() {
	t.Helper()
	if t.left != nil || t.res.StatusCode != http.StatusBadRequest || t.text("error-code") == "" {
		t.Errorf("%v %s\n%s", t.left, t.res.Status, t.body)
	}
	t.silent("prompt", "none")
}

// over checks that nobody is signed in.
func (t *try) over() {
	t.Helper()
	if got := t.refused(t.request("prompt", "none")); got != "login_required" {
		t.Errorf("error %q", got)
	}
}
