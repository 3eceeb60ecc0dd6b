package certification_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// The plan Form Post is the plan Basic once more, with every answer by a form.
func TestBasic(t *testing.T) { run(t, basic, plan{client: "first"}) }
func TestFormPost(t *testing.T) {
	run(t, append(formPost, basic...), plan{client: "form-post", mode: "form_post"})
}

// formPost are the lines that only the plan Form Post has; [try.manners] looks at the same in all of the others.
var formPost = []line{
	{"a code comes by a form that a browser without scripts can send, with nothing in the query", func(t *try) {
		q := t.request()
		a := t.asks(q).answers(t.person)
		if a.form.Get("code") == "" || a.url.RawQuery != "" || a.form.Get("state") != q.Get("state") {
			t.Errorf("%v", a)
		}
	}},
	{"an error comes by a form, with nothing in the query", func(t *try) {
		q := t.request("prompt", "none")
		if t.asks(q); t.left == nil || t.left.form.Get("error") != "login_required" || t.left.url.RawQuery != "" || t.left.form.Get("state") != q.Get("state") {
			t.Errorf("%v\n%s", t.left, t.body)
		}
	}},
	{"a client that is set to form_post gets a form although it does not ask for one", func(t *try) {
		q := t.request("response_mode", "")
		t.asks(q)
		t.arrives(q)
	}},
}

// basic are the lines of the plan Basic. Those about claims and refresh are in files of their own.
var basic = append([]line{
	{"a missing response_type is an error sent back, or a page of our own", func(t *try) {
		q := t.request("response_type", "")
		if t.asks(q); t.left == nil {
			if t.res.StatusCode != http.StatusBadRequest || t.text("error-code") == "" {
				t.Errorf("%s\n%s", t.res.Status, t.body)
			}
			return
		}
		if t.manners(t.left, q); t.left.values().Get("error") != "invalid_request" && t.left.values().Get("error") != "unsupported_response_type" {
			t.Errorf("%v", t.left.values())
		}
	}},
	{"no nonce is asked for in the code flow", func(t *try) {
		if nonce, there := t.signs("nonce", "").claims["nonce"]; there {
			t.Errorf("nonce %v", nonce)
		}
	}},
	{"parameters come in any order", func(t *try) {
		q := t.request()
		parts := strings.Split(q.Encode(), "&")
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
		t.open(metadata(t.T)["authorization_endpoint"].(string) + "?" + strings.Join(parts, "&"))
		t.arrives(q)
	}},
	{"display is no error", func(t *try) { t.signs("display", "popup") }},
	{"an unknown ui_locales is no error", func(t *try) { t.signs("ui_locales", "se zz-ZZ") }},
	{"claims_locales is no error", func(t *try) { t.signs("claims_locales", "se") }},
	{"an unknown login_hint is no error", func(t *try) { t.signs("login_hint", "nobody@example.org") }},
	{"an unknown parameter is no error", func(t *try) { t.signs("extra", "foobar") }},
	{"prompt=login asks again, and auth_time is later", func(t *try) {
		first := t.signs()
		time.Sleep(1100 * time.Millisecond) // auth_time is in seconds
		q := t.request("prompt", "login")
		if t.asks(q); t.left != nil || t.step() != "login" {
			t.Fatalf("not asked: %v", t.left)
		}
		if second := t.arrives(q); second.claims["auth_time"].(float64) <= first.claims["auth_time"].(float64) || second.claims["sub"] != first.claims["sub"] {
			t.Errorf("%v, then %v", first.claims, second.claims)
		}
	}},
	{"prompt=none is an error for who is not signed in, with a long state intact", func(t *try) {
		q := t.request("prompt", "none", "state", strings.Repeat("0123456789abcdef", 8))
		if got := t.refused(q); got != "login_required" {
			t.Errorf("error %q", got)
		}
	}},
	{"prompt=none is silent for who is signed in, with the same auth_time", func(t *try) {
		first := t.signs()
		time.Sleep(1100 * time.Millisecond)
		if second := t.silent("prompt", "none"); second.claims["auth_time"] != first.claims["auth_time"] || second.claims["sub"] != first.claims["sub"] {
			t.Errorf("%v, then %v", first.claims, second.claims)
		}
	}},
	{"max_age=1 asks again", func(t *try) {
		first := t.signs()
		time.Sleep(2100 * time.Millisecond)
		q := t.request("max_age", "1")
		if t.asks(q); t.left != nil || t.step() != "login" {
			t.Fatalf("not asked: %v", t.left)
		}
		if second := t.arrives(q); second.claims["auth_time"].(float64) <= first.claims["auth_time"].(float64) {
			t.Errorf("%v, then %v", first.claims, second.claims)
		}
	}},
	{"max_age=10000 stays silent, with the same auth_time", func(t *try) {
		first := t.signs()
		if second := t.silent("max_age", "10000"); second.claims["auth_time"] != first.claims["auth_time"] {
			t.Errorf("%v, then %v", first.claims, second.claims)
		}
	}},
	{"id_token_hint of who is signed in is silent with prompt=none", func(t *try) {
		first := t.signs()
		if second := t.silent("prompt", "none", "id_token_hint", first.id); second.claims["sub"] != first.claims["sub"] {
			t.Errorf("%v, then %v", first.claims, second.claims)
		}
	}},
	{"all acr_values_supported are asked for at once", func(t *try) {
		var all []string
		for _, acr := range metadata(t.T)["acr_values_supported"].([]any) {
			all = append(all, acr.(string))
		}
		acr, _ := t.signs("acr_values", strings.Join(all, " ")).claims["acr"].(string)
		if len(all) == 0 || !strings.Contains(" "+strings.Join(all, " ")+" ", " "+acr+" ") {
			t.Errorf("acr %q of %q", acr, all)
		}
	}},
	{"a code used twice is invalid_grant", func(t *try) {
		got := t.signs()
		if status, _, body := t.redeems(got); status != http.StatusBadRequest || body["error"] != any("invalid_grant") {
			t.Errorf("%d %v", status, body)
		}
	}},
	{"a code used twice ends the access token of the first time", func(t *try) {
		got := t.signs()
		if status, _ := t.userinfo(got.access); status != http.StatusOK {
			t.Errorf("before: %d", status)
		}
		t.redeems(got)
		if status, _ := t.userinfo(got.access); status != http.StatusUnauthorized {
			t.Errorf("afterwards: %d", status)
		}
	}},
	{"a redirect URI that is not registered is a page of our own and no redirect", func(t *try) {
		for _, uri := range []string{theSuite.callback() + "/" + random(4), theSuite.callback() + "?foo=bar", "https://www.example.org/"} {
			if t.asks(t.request("redirect_uri", uri)); t.left != nil || t.res.StatusCode != http.StatusBadRequest || t.step() != "error" {
				t.Errorf("%s: %v\n%s", uri, t.left, t.body)
			}
		}
	}},
	{"a missing redirect URI is a page of our own and no redirect", func(t *try) {
		if t.asks(t.request("redirect_uri", "")); t.left != nil || t.res.StatusCode != http.StatusBadRequest || t.step() != "error" {
			t.Errorf("%v\n%s", t.left, t.body)
		}
	}},
	{"an authorization request may be posted", func(t *try) {
		q := t.request()
		t.visit(http.MethodPost, metadata(t.T)["authorization_endpoint"].(string), q)
		t.arrives(q)
	}},
	{"client_secret_post", func(t *try) {
		t.client = "posts"
		t.signs()
	}},
	{"a redirect URI keeps a query of its own", func(t *try) {
		t.client = "second"
		t.signs() // which looks at the answer
		if q := t.left.query; q.Get("dummy1") != "lorem" || q.Get("dummy2") != "ipsum" {
			t.Errorf("%v", q)
		}
	}},
	{"request is request_not_supported", func(t *try) {
		q := t.request()
		unsigned := func(v map[string]string) string {
			return fmt.Sprintf("%s.%s.", encoded(map[string]string{"alg": "none"}), encoded(v))
		}
		q.Set("request", unsigned(map[string]string{"client_id": t.client, "response_type": "code", "state": q.Get("state")}))
		if got := t.refused(q); got != "request_not_supported" {
			t.Errorf("error %q", got)
		}
	}},
	{"request_uri is request_uri_not_supported", func(t *try) {
		if got := t.refused(t.request("request_uri", theSuite.url()+"/request.jwt")); got != "request_uri_not_supported" {
			t.Errorf("error %q", got)
		}
	}},
}, append(claims, refreshes...)...)

var refreshes = []line{
	{"offline_access is granted with prompt=consent only, of a client that asks people", func(t *try) {
		t.client = "second"
		for _, c := range []struct {
			prompt string
			given  bool
		}{{"", false}, {"consent", true}} {
			scope, _ := t.signs("scope", "openid offline_access", "prompt", c.prompt).answer["scope"].(string)
			if slices.Contains(strings.Fields(scope), "offline_access") != c.given {
				t.Errorf("prompt %q: scope %q", c.prompt, scope)
			}
		}
	}},
	{"a refresh gives a new ID token with the same sub, aud and auth_time", func(t *try) {
		got := t.signs("scope", "openid offline_access", "prompt", "consent")
		if got.refresh == "" {
			t.Fatal("no refresh token")
		}
		status, header, body := t.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.refresh}})
		if status != http.StatusOK {
			t.Fatalf("%d %v", status, body)
		}
		next := &signed{t: t}
		next.read(status, header, body)
		for _, name := range []string{"iss", "sub", "auth_time"} {
			if next.claims[name] != got.claims[name] {
				t.Errorf("%s: %v, then %v", name, got.claims[name], next.claims[name])
			}
		}
		if fmt.Sprint(next.claims["aud"]) != fmt.Sprint(got.claims["aud"]) || next.claims["iat"].(float64) < got.claims["iat"].(float64) {
			t.Errorf("%v, then %v", got.claims, next.claims)
		}
		if status, _ := t.userinfo(next.access); status != http.StatusOK {
			t.Errorf("the new access token: %d", status)
		}
	}},
	{"a refresh token of another client is invalid_grant", func(t *try) {
		got := t.signs("scope", "openid offline_access", "prompt", "consent")
		other := t.again()
		other.client = "second"
		status, _, body := other.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.refresh}})
		if status != http.StatusBadRequest || body["error"] != any("invalid_grant") {
			t.Errorf("%d %v", status, body)
		}
	}},
	{"a refresh token that nobody issued is invalid_grant", func(t *try) {
		status, _, body := t.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {random(32)}})
		if status != http.StatusBadRequest || body["error"] != any("invalid_grant") {
			t.Errorf("%d %v", status, body)
		}
	}},
}
