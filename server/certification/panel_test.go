package certification_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// plan is whom a line is tried with: a client, and how it asks to be answered.
type plan struct {
	client string
	mode   string // response_mode; "" = none is sent
}

// try is one run of a line: a browser that nobody used before, and a person for as long as the line takes.
type try struct {
	*testing.T
	plan
	*browser
	person string
}

// line is a line of the list.
type line struct {
	says string
	test func(t *try)
}

// run tries lines, several at a time, each with a person of its own.
func run(t *testing.T, lines []line, p plan) {
	t.Parallel()
	started(t)
	for _, l := range lines {
		t.Run(l.says, func(t *testing.T) {
			t.Parallel()
			s := started(t)
			person := <-s.people
			defer func() { s.people <- person }()
			l.test(&try{T: t, plan: p, browser: newBrowser(t), person: person})
		})
	}
}

// again is another browser, for the same person.
func (t *try) again() *try {
	return &try{T: t.T, plan: t.plan, browser: newBrowser(t.T), person: t.person}
}

// request are the parameters of an authorization request, with changes by name and value; an empty value removes.
func (t *try) request(changes ...string) url.Values {
	q := url.Values{
		"client_id": {t.client}, "redirect_uri": {theSuite.callback()}, "response_type": {"code"}, "scope": {"openid"},
		"state": {random(8)}, "nonce": {random(8)},
	}
	if t.client == "second" {
		q.Set("redirect_uri", theSuite.callback()+"?dummy1=lorem&dummy2=ipsum")
	}
	if t.mode != "" {
		q.Set("response_mode", t.mode)
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	return q
}

// asks sends an authorization request.
func (t *try) asks(q url.Values) *browser {
	t.Helper()
	return t.open(metadata(t.T)["authorization_endpoint"].(string) + "?" + q.Encode())
}

// signs goes through a whole sign-in.
func (t *try) signs(changes ...string) *signed {
	t.Helper()
	q := t.request(changes...)
	t.asks(q)
	return t.arrives(q)
}

// silent is a sign-in that must show no page.
func (t *try) silent(changes ...string) *signed {
	t.Helper()
	q := t.request(changes...)
	if t.asks(q); t.left == nil {
		t.Fatalf("a page: %s", t.body)
	}
	return t.arrives(q)
}

// arrives answers what is asked, redeems the code and verifies what came with it.
func (t *try) arrives(q url.Values) *signed {
	t.Helper()
	a := t.answers(t.person)
	t.manners(a, q)
	got := a.values()
	if got.Get("code") == "" {
		t.Fatalf("no code: %v", got)
	}
	out := &signed{t: t, code: got.Get("code"), redirect: q.Get("redirect_uri")}
	status, header, body := t.redeems(out)
	if status != http.StatusOK {
		t.Fatalf("token endpoint: %d %v", status, body)
	}
	out.read(status, header, body)
	if out.claims["nonce"] != any(q.Get("nonce")) && q.Get("nonce") != "" {
		t.Errorf("nonce %v, want %v", out.claims["nonce"], q.Get("nonce"))
	}
	return out
}

// manners are those of every answer: state as it was sent, iss, and the mode that was asked for with nothing beside it.
func (t *try) manners(a *answer, q url.Values) {
	t.Helper()
	got := a.values()
	if got.Get("state") != q.Get("state") || got.Get("iss") != issuer {
		t.Errorf("state %q, want %q; iss %q", got.Get("state"), q.Get("state"), got.Get("iss"))
	}
	registered, _ := url.Parse(q.Get("redirect_uri"))
	if form := t.mode == "form_post"; form != (a.form != nil) {
		t.Errorf("it came by form: %v", a.form != nil)
	} else if form && a.url.RawQuery != registered.RawQuery {
		t.Errorf("something is in the query: %s", a.url)
	}
	if a.url.Scheme+a.url.Host+a.url.Path != registered.Scheme+registered.Host+registered.Path || a.url.Fragment != "" {
		t.Errorf("it went to %s", a.url)
	}
}

// refused is the error that a panel gets.
func (t *try) refused(q url.Values) string {
	t.Helper()
	if t.asks(q); t.left == nil {
		t.Fatalf("a page: %s", t.body)
	}
	t.manners(t.left, q)
	return t.left.values().Get("error")
}

// signed is what came of a sign-in.
type signed struct {
	t                   *try
	code, redirect      string
	access, refresh, id string
	claims              map[string]any // of the ID token, verified
	header              http.Header    // of the token answer
	answer              map[string]any
}

func (s *signed) read(_ int, header http.Header, body map[string]any) {
	s.t.Helper()
	s.header, s.answer = header, body
	s.access, _ = body["access_token"].(string)
	s.refresh, _ = body["refresh_token"].(string)
	s.id, _ = body["id_token"].(string)
	s.claims = verify(s.t.T, s.id, jose.RS256)
	if s.claims["aud"] != any(s.t.client) {
		if list, _ := s.claims["aud"].([]any); len(list) != 1 || list[0] != any(s.t.client) {
			s.t.Errorf("aud %v", s.claims["aud"])
		}
	}
	if s.claims["exp"].(float64) < float64(time.Now().Unix()) {
		s.t.Error("the ID token is over")
	}
}

// redeems asks the token endpoint with the code of a sign-in.
func (t *try) redeems(s *signed) (int, http.Header, map[string]any) {
	t.Helper()
	return t.token(url.Values{"grant_type": {"authorization_code"}, "code": {s.code}, "redirect_uri": {s.redirect}})
}

// token asks the token endpoint as the plan's client: by Basic, or by the body where the client is set to that.
func (t *try) token(form url.Values) (int, http.Header, map[string]any) {
	t.Helper()
	if t.client == "posts" {
		form.Set("client_id", t.client)
		form.Set("client_secret", started(t.T).secret)
	}
	return call(t.T, http.MethodPost, metadata(t.T)["token_endpoint"].(string), form, func(r *http.Request) {
		if t.client != "posts" {
			r.SetBasicAuth(t.client, started(t.T).secret)
		}
	})
}

// userinfo asks with a token in the header.
func (t *try) userinfo(access string) (int, map[string]any) {
	t.Helper()
	status, _, body := call(t.T, http.MethodGet, metadata(t.T)["userinfo_endpoint"].(string), nil, bearer(access))
	return status, body
}

func bearer(access string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+access) }
}

// call is a request of a program; the answer is JSON or nothing.
func call(t *testing.T, method, to string, form url.Values, change func(*http.Request)) (int, http.Header, map[string]any) {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, to, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	res, err := started(t).line.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil && err != io.EOF {
		t.Fatalf("%s: %s: %v", to, res.Status, err)
	}
	return res.StatusCode, res.Header, out
}

// metadata is the discovery document.
func metadata(t *testing.T) map[string]any {
	t.Helper()
	_, _, doc := call(t, http.MethodGet, issuer+"/.well-known/openid-configuration", nil, nil)
	return doc
}

// verify checks a signature with the published keys, and returns what was signed.
func verify(t *testing.T, raw string, alg jose.SignatureAlgorithm) map[string]any {
	t.Helper()
	_, _, set := call(t, http.MethodGet, metadata(t)["jwks_uri"].(string), nil, nil)
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	found := keys.Key(jws.Signatures[0].Header.KeyID)
	if len(found) != 1 {
		t.Fatalf("%d keys have the kid %q", len(found), jws.Signatures[0].Header.KeyID)
	}
	signed, err := jws.Verify(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(signed, &out); err != nil {
		t.Fatal(err)
	}
	if out["iss"] != any(issuer) {
		t.Errorf("iss %v", out["iss"])
	}
	return out
}

// payload reads a JWT without looking at its signature.
func payload(raw string) (out map[string]any) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &out) != nil {
		return nil
	}
	return out
}

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
