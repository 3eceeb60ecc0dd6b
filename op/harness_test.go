package op

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
)

const (
	issuer   = "https://sso.example"
	callback = "https://rp.example/cb"
	verifier = "a-verifier-of-enough-characters-to-be-one-0123456789"
)

func challengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// house is a provider on a database, reached through its own mux without sockets.
type house struct {
	t     testing.TB
	cfg   *config.Config
	store *sql.Store
	box   *secret.Box
	op    *Provider
	mux   http.Handler
	log   *strings.Builder
}

// inBubble runs f on SQLite with a clock that moves only when everyone waits.
func inBubble(t *testing.T, change func(*config.Config), f func(t *testing.T, h *house)) {
	t.Helper()
	url := storagetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) { f(t, newHouse(t, url, change)) })
}

func newHouse(t testing.TB, url string, change func(*config.Config)) *house {
	t.Helper()
	store, err := sql.Open(t.Context(), url, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	box, err := secret.NewBox([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := templates.New(templates.Brand{Name: "Example"})
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.NewSite(web.Options{Issuer: issuer, Pages: pages, Box: box, Log: slog.New(slog.DiscardHandler), Flood: web.Flood{PerSecond: -1}, Origins: []string{"https://spa.example"},
		Context: func(ctx context.Context, from netip.Addr, userAgent, requestID string) context.Context {
			return audit.With(ctx, audit.Trail{IP: from, UserAgent: userAgent, RequestID: requestID})
		}})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, cfg: testConfig(), store: store, box: box, log: &strings.Builder{}}
	if change != nil {
		change(h.cfg)
	}
	for _, k := range testKeys() {
		row := *k.Key
		if err := store.PutKey(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	h.op, err = New(Options{Config: func() *config.Config { return h.cfg }, Store: store, Box: box, Site: site, Tokens: h.keys(),
		Log: slog.New(slog.NewTextHandler(writerFunc(func(b []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return h.log.Write(b)
		}), nil))})
	if err != nil {
		t.Fatal(err)
	}
	h.mux = site.Mux(h.op.Routes())
	return h
}

// keys are the signing keys as one instance knows them.
func (h *house) keys() *tokens.Keys {
	h.t.Helper()
	k := tokens.New(h.store, h.box, func() *config.Config { return h.cfg })
	if err := k.Ensure(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return k
}

// second is another instance on the same database.
func (h *house) second() *Provider {
	h.t.Helper()
	o := h.op.Options
	o.Tokens = h.keys()
	p, err := New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// testKey is a signing key as it is stored, with its secret, for tokens that we would not make.
type testKey struct {
	*storage.Key
	private crypto.Signer
}

// testKeys are made once: an RSA key takes longer than a test.
var testKeys = sync.OnceValue(func() []testKey {
	box, err := secret.NewBox([]byte(strings.Repeat("k", 32)))
	if err != nil {
		panic(err)
	}
	then := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC) // a bubble's clock starts in 2000
	generate := map[jose.SignatureAlgorithm]func() (crypto.Signer, error){
		jose.RS256: func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		jose.ES256: func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		jose.EdDSA: func() (crypto.Signer, error) { _, key, err := ed25519.GenerateKey(rand.Reader); return key, err },
	}
	var keys []testKey
	for _, alg := range tokens.Algorithms {
		private, err := generate[alg]()
		if err != nil {
			panic(err)
		}
		der, err1 := x509.MarshalPKCS8PrivateKey(private)
		public, err2 := x509.MarshalPKIXPublicKey(private.Public())
		if err := errors.Join(err1, err2); err != nil {
			panic(err)
		}
		kid := secret.NewID()
		keys = append(keys, testKey{&storage.Key{
			ID: kid, Alg: string(alg), Sealed: box.Seal(der, "key", kid), Public: public, Created: then, ActiveFrom: then,
		}, private})
	}
	return keys
})

// forged is a token of any claims, signed with our own key.
func forged(t *testing.T, alg jose.SignatureAlgorithm, typ string, claims map[string]any) string {
	t.Helper()
	for _, k := range testKeys() {
		if k.Alg != string(alg) {
			continue
		}
		key := jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: k.private, KeyID: k.ID}}
		signer, err1 := jose.NewSigner(key, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
		payload, err2 := json.Marshal(claims)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		jws, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		token, err := jws.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	t.Fatal("no key for ", alg)
	return ""
}

func testConfig() *config.Config {
	secretOf := func(id string) [][]byte { return [][]byte{secret.Hash(id + "-secret")} }
	both := []string{"authorization_code", "refresh_token"}
	all := []string{"openid", "profile", "email", "address", "phone", "offline_access"}
	policy := &acr.Policy{
		Levels: []acr.Level{
			{Name: "sfa"},
			{Name: "mfa", Kind: acr.SecondFactor, Aliases: []string{"https://refeds.org/profile/mfa"}, Second: acr.Methods(func(f acr.Facts) bool { return f.Second })},
			{Name: "phr", Kind: acr.PhishingResistant},
		},
		ContactCodes: acr.WithoutFactor, Social: acr.SocialFirstLogin, Cooling: 24 * time.Hour,
		Channels: []acr.Method{acr.Email}, Enrollable: []acr.Method{acr.TOTP},
	}
	return &config.Config{
		Issuer: issuer, Policy: policy,
		Signing:  config.Signing{AccessToken: "ES256", IDToken: "RS256", PublishBefore: 24 * time.Hour},
		Locales:  config.Locales{Default: "it", Offered: []string{"it", "en"}},
		Sessions: config.Sessions{Idle: time.Hour, Absolute: 12 * time.Hour},
		Scopes: map[string]config.Scope{
			"billing":  {Name: "billing", Level: "mfa"},
			"dns":      {Name: "dns", Level: "mfa", OnUnmet: acr.Drop},
			"payments": {Name: "payments", Level: "mfa", MaxAge: 15 * time.Minute},
		},
		Lifetimes: config.Lifetimes{
			Request: 30 * time.Minute, Quarantine: 30 * time.Minute, Code: time.Minute, AccessToken: 10 * time.Minute,
			IDToken: 10 * time.Minute, RefreshIdle: 14 * 24 * time.Hour, RefreshAbsolute: 90 * 24 * time.Hour,
		},
		Limits: config.Limits{RequestsPerBrowser: 20, RequestsPerIP: 200, ClientAuthFailures: 20, PerIPWindow: 10 * time.Minute},
		Clients: map[string]*config.Client{
			"rp1": {ID: "rp1", Name: "Panel", AuthMethods: []string{"client_secret_basic"}, SecretHashes: secretOf("rp1"),
				RedirectURIs:           []string{callback, "https://rp.example/second?x=1"},
				PostLogoutRedirectURIs: []string{"https://rp.example/bye", "https://rp.example/bye?x=1"},
				Scopes:                 append(all, "billing", "dns"), Grants: both, Origins: []string{"https://spa.example"}},
			"rp2": {ID: "rp2", Name: "Other", AuthMethods: []string{"client_secret_post"}, SecretHashes: secretOf("rp2"),
				RedirectURIs: []string{"https://rp2.example/cb"}, PostLogoutRedirectURIs: []string{"https://rp2.example/bye"},
				Scopes: all, Grants: both, IDTokenAlg: "ES256"},
			"rp3": {ID: "rp3", Name: "Native", Public: true, AuthMethods: []string{"none"}, Native: true,
				RedirectURIs: []string{"http://127.0.0.1/cb", "com.example.app:/cb"}, Scopes: all, Grants: both, IDTokenAlg: "EdDSA"},
			"old": {ID: "old", Name: "Old", AuthMethods: []string{"client_secret_basic"}, SecretHashes: secretOf("old"), PKCEOptional: true,
				RedirectURIs: []string{"https://old.example/cb"}, Scopes: all, Grants: []string{"authorization_code"}, ClaimsIn: []string{"id_token", "userinfo"}},
			"strong": {ID: "strong", Name: "Strong", AuthMethods: []string{"client_secret_basic"}, SecretHashes: secretOf("strong"), RequireAcr: "mfa",
				RedirectURIs: []string{"https://strong.example/cb"}, Scopes: []string{"openid", "offline_access"}, Grants: both, ResponseModes: []string{"form_post"}},
		},
	}
}

// person makes someone with everything that has a claim, and an authenticator app.
func (h *house) person(id string) *storage.Person {
	h.t.Helper()
	now := h.op.now()
	p := &storage.Person{
		ID: id, Version: 1, Username: id + "-name", Canonical: id + "-name", Locale: "it", PasswordHash: "x", Created: now.Add(-1000 * time.Hour),
		Updated: now, Profile: []byte(`{"name":"Anna Rossi","given_name":"Anna","family_name":"Rossi","middle_name":"M","nickname":"A",
			"profile":"https://a.example","picture":"https://a.example/p.png","website":"https://w.example","gender":"female",
			"birthdate":"1980-01-02","zoneinfo":"Europe/Rome","address":{"formatted":"Via Roma 1"},"secret":"no"}`),
		Contacts: []*storage.Contact{
			{ID: id + "-mail", PersonID: id, Channel: "email", Address: "Anna@" + id + ".example", Canonical: "anna@" + id + ".example", Primary: true, VerifiedAt: now, Created: now},
			{ID: id + "-phone", PersonID: id, Channel: "phone", Address: "333 1234567", Canonical: "+393331234567", Created: now},
		},
		Factors: []*storage.Factor{{ID: id + "-totp", PersonID: id, Method: "totp", Sealed: []byte("x"), Created: now.Add(-999 * time.Hour)}},
	}
	if err := h.store.CreatePerson(h.t.Context(), p); err != nil {
		h.t.Fatal(err)
	}
	return p
}

// The ways of being signed in.
var (
	pwd  = acr.Event{Method: acr.Password}
	totp = func(id string) acr.Event { return acr.Event{Method: acr.TOTP, Credential: id + "-totp", Own: true} }
)

// signIn gives a new browser a session that holds the events.
func (h *house) signIn(id string, events ...acr.Event) *browser {
	h.t.Helper()
	b := h.browser()
	h.signInto(b, id, events...)
	return b
}

func (h *house) signInto(b *browser, id string, events ...acr.Event) {
	h.t.Helper()
	now := h.op.now()
	for i, e := range events {
		if e.At.IsZero() {
			events[i] = session.NewEvent(e, "", now)
		}
	}
	limits := session.Limits{Idle: h.cfg.Sessions.Idle, Absolute: h.cfg.Sessions.Absolute}
	cookie, row, err := session.Start(h.t.Context(), h.store, limits, id, events, session.Client{IP: "192.0.2.1", UserAgent: "test"}, now)
	if err != nil {
		h.t.Fatal(err)
	}
	b.cookies["__Host-soglia_session"], b.session = cookie, row
}

// browser keeps cookies and does nothing of its own accord.
type browser struct {
	h       *house
	cookies map[string]string
	session *storage.Session
}

func (h *house) browser() *browser { return &browser{h: h, cookies: map[string]string{}} }

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := b.h.send(r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) get(target string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, issuer+target, nil))
}

func (b *browser) post(target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, issuer+target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (h *house) send(r *http.Request) *httptest.ResponseRecorder {
	if r.RemoteAddr == "" || strings.HasPrefix(r.RemoteAddr, "192.0.2.1:") {
		r.RemoteAddr = "192.0.2.1:1234"
	}
	if r.UserAgent() == "" {
		r.Header.Set("User-Agent", "test")
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// authRequest is a good authorization request with changes by name and value; an empty value removes.
func authRequest(changes ...string) url.Values {
	q := url.Values{
		"client_id": {"rp1"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid"}, "state": {"st"},
		"nonce": {"no"}, "code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"},
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

func (b *browser) authorize(changes ...string) *httptest.ResponseRecorder {
	return b.get("/authorize?" + authRequest(changes...).Encode())
}

// answerOf reads the parameters of a redirect to a panel.
func answerOf(t testing.TB, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil || u.Host == "" {
		t.Fatalf("no redirect to a panel: %d %q %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return u.Query()
}

// code gets a code silently.
func (b *browser) code(changes ...string) string {
	b.h.t.Helper()
	c := answerOf(b.h.t, b.authorize(changes...)).Get("code")
	if c == "" {
		b.h.t.Fatal("no code")
	}
	return c
}

// token calls the token endpoint as a client does.
func (h *house) token(client string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	c := h.cfg.Clients[client]
	switch {
	case c.Public:
		form.Set("client_id", client)
	case c.AuthMethods[0] == "client_secret_post":
		form.Set("client_id", client)
		form.Set("client_secret", client+"-secret")
	}
	r := httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.AuthMethods[0] == "client_secret_basic" {
		r.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(client+"-secret"))
	}
	for _, f := range change {
		f(r)
	}
	return h.send(r)
}

func codeForm(code string, changes ...string) url.Values {
	q := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	return q
}

func refreshForm(token string, scope ...string) url.Values {
	q := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	if len(scope) > 0 {
		q.Set("scope", strings.Join(scope, " "))
	}
	return q
}

// tokens is an answer of the token endpoint.
type tokenAnswer struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Scope   string `json:"scope"`
}

func (h *house) redeem(code string) tokenAnswer {
	h.t.Helper()
	return good(h.t, h.token("rp1", codeForm(code)))
}

func good(t testing.TB, w *httptest.ResponseRecorder) (out tokenAnswer) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("token endpoint: %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// bad checks an error answer of a program's endpoint.
func bad(t testing.TB, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	body, _ := io.ReadAll(w.Result().Body)
	if w.Code != status || json.Unmarshal(body, &e) != nil || e.Error != code {
		t.Errorf("got %d %s, want %d %s", w.Code, body, status, code)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers of %s: %v", code, w.Header())
	}
}

func (h *house) userinfo(token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return h.send(r)
}

// claims reads a JWT without looking at its signature.
func claims(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %q", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var out map[string]any
	if err != nil || json.Unmarshal(raw, &out) != nil {
		t.Fatalf("no JWT: %q", token)
	}
	return out
}

// jwtHeader reads the header of a JWT.
func jwtHeader(t testing.TB, token string) map[string]any {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	return claims(t, "."+head+".")
}

// events are the names of the audit records, newest first, with their reasons.
func (h *house) events() []string {
	h.t.Helper()
	rows, err := h.store.Events(context.Background(), "", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), 100)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range rows {
		out = append(out, strings.TrimSpace(e.Name+" "+e.Reason))
	}
	return out
}

// audited checks the audit record of the request that w answered: one of that name, how it ended and why, for which
// client, and when and from where (docs/conventions.md).
func (h *house) audited(w *httptest.ResponseRecorder, name, outcome, reason, client string) {
	h.t.Helper()
	rows, err := h.store.Events(context.Background(), "", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var found []*storage.Event
	for _, e := range rows {
		if e.Name == name && e.RequestID == w.Header().Get("X-Request-Id") {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		h.t.Errorf("%d records %s of this request, want one", len(found), name)
		return
	}
	e := found[0]
	if e.Outcome != outcome || e.Reason != reason || e.ClientID != client {
		h.t.Errorf("%s: %s %q of %q, want %s %q of %q", name, e.Outcome, e.Reason, e.ClientID, outcome, reason, client)
	}
	if e.At.IsZero() || e.IP == "" || e.UserAgent == "" {
		h.t.Errorf("%s lacks its time, address or user agent: %+v", name, e)
	}
}

// ends ends a session, as elsewhere the person does.
func (h *house) ends(s *storage.Session) error {
	_, err := session.End(h.t.Context(), h.store, s.ID, &storage.Event{Name: audit.SessionEnd, PersonID: s.PersonID, At: h.op.now()})
	return err
}

// endsAll ends whatever could act for a person.
func (h *house) endsAll(personID string) error {
	err := session.EndAccess(h.t.Context(), h.store, &storage.Event{Name: audit.SessionEnd, PersonID: personID, At: h.op.now()})
	return err
}
