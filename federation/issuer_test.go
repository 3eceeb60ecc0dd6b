package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

const (
	issuer   = "https://idp.example"
	clientID = "soglia"
	callback = "https://login.example/callback/idp"
)

// claimSet is an ID token's or userinfo's content.
type claimSet map[string]any

// idp is a faithful provider, reached without sockets. Each field bends one thing.
type idp struct {
	t   *testing.T
	key *ecdsa.PrivateKey
	now func() time.Time

	document func(claimSet)                                    // changes the discovery document
	idToken  func(claimSet)                                    // changes the ID token
	userinfo claimSet                                          // nil = no such endpoint
	sign     func(claimSet) string                             // replaces the signature
	answer   func(w http.ResponseWriter, r *http.Request) bool // true = it answered instead

	mu     sync.Mutex
	asked  map[string]url.Values // authorization requests, by code
	calls  []string              // paths
	secret string                // how the client authenticated last
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &idp{t: t, key: key, now: time.Now, asked: map[string]url.Values{}}
}

// RoundTrip hands a request to the provider's handler.
func (p *idp) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "idp.example" {
		return nil, errors.New("no such host: " + r.URL.Host)
	}
	done := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		p.serve(w, r)
		done <- w.Result()
	}()
	select {
	case resp := <-done:
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (p *idp) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.calls = append(p.calls, r.URL.Path)
	p.mu.Unlock()
	if p.answer != nil && p.answer(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		doc := claimSet{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
			"jwks_uri": issuer + "/keys", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
			"authorization_response_iss_parameter_supported": true,
		}
		if p.userinfo != nil {
			doc["userinfo_endpoint"] = issuer + "/userinfo"
		}
		if p.document != nil {
			p.document(doc)
		}
		json.NewEncoder(w).Encode(doc)
	case "/keys":
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	case "/token":
		p.token(w, r)
	case "/userinfo":
		if r.Header.Get("Authorization") != "Bearer at" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		json.NewEncoder(w).Encode(p.userinfo)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// token redeems a code once, and only with its verifier and redirect URI.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	if id, pass, ok := r.BasicAuth(); ok {
		p.secret = "basic " + id + " " + pass
	} else {
		p.secret = "post " + r.PostForm.Get("client_id") + " " + r.PostForm.Get("client_secret")
	}
	p.mu.Lock()
	asked, ok := p.asked[r.PostForm.Get("code")]
	delete(p.asked, r.PostForm.Get("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(claimSet{"error": "invalid_grant", "error_description": "<script>alert(1)</script>"})
		return
	}
	hash := sha256.Sum256([]byte("at"))
	c := claimSet{
		"iss": issuer, "sub": "248289761001", "aud": clientID, "nonce": asked.Get("nonce"),
		"iat": p.now().Unix(), "exp": p.now().Add(5 * time.Minute).Unix(), "auth_time": p.now().Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(hash[:16]),
		"email":   "Mario@Gmail.com", "email_verified": true, "name": "Mario Rossi", "acr": "loa2", "amr": []string{"pwd", "otp"},
	}
	if p.idToken != nil {
		p.idToken(c)
	}
	for name, value := range c {
		if value == nil {
			delete(c, name)
		}
	}
	raw := ""
	if p.sign != nil {
		raw = p.sign(c)
	} else {
		raw = p.signed(c, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k1"}})
	}
	json.NewEncoder(w).Encode(claimSet{"access_token": "at", "token_type": "Bearer", "id_token": raw})
}

func (p *idp) signed(c claimSet, key jose.SigningKey) string {
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		p.t.Error(err)
		return ""
	}
	payload, err := json.Marshal(c)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	raw, err := jws.CompactSerialize()
	if err != nil {
		p.t.Error(err)
	}
	return raw
}

// authorize is the person signing in there: it returns what comes back to the callback.
func (p *idp) authorize(to string) url.Values {
	p.t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	code := "code" + q.Get("state")[:8]
	p.mu.Lock()
	p.asked[code] = q
	p.mu.Unlock()
	return url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {issuer}}
}

func (p *idp) count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, c := range p.calls {
		if c == path {
			n++
		}
	}
	return n
}

// bench is our side: two doors to the same provider, and a database.
type bench struct {
	*Providers
	t     *testing.T
	idp   *idp
	store *sql.Store
}

var browser = secret.Hash("browser")

func newBench(t *testing.T) *bench {
	t.Helper()
	store, err := sql.Open(t.Context(), storagetest.SQLite(t), sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, idp: newIDP(t), store: store}
	settings := Settings{Name: "idp", Type: "oidc", Issuer: issuer, ClientID: clientID, ClientSecret: "s3cret", RedirectURI: callback}
	other := settings
	other.Name = "other"
	if b.Providers, err = New([]Settings{settings, other}, box, outbound.New(outbound.Options{Transport: b.idp})); err != nil {
		t.Fatal(err)
	}
	return b
}

// begin starts a sign-in and returns where it goes to.
func (b *bench) begin(ask Ask) string {
	b.t.Helper()
	ask.Request, ask.BrowserHash, ask.Lifetime, ask.Now = "request", browser, 30*time.Minute, time.Now()
	to, row, err := b.Begin(b.t.Context(), "idp", ask)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.store.PutFederation(b.t.Context(), row); err != nil {
		b.t.Fatal(err)
	}
	return to
}

func (b *bench) finish(values url.Values) (*Identity, string, error) {
	return b.Finish(b.t.Context(), b.store, "idp", Callback{Values: values, BrowserHash: browser, Now: time.Now()})
}

// signIn goes all the way.
func (b *bench) signIn() (*Identity, error) {
	b.t.Helper()
	i, request, err := b.finish(b.idp.authorize(b.begin(Ask{})))
	if request != "request" {
		b.t.Errorf("the request is lost: %q", request)
	}
	if (i == nil) != (err != nil) {
		b.t.Errorf("identity %v and error %v", i, err)
	}
	if err != nil && (strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 500) {
		b.t.Errorf("unfit for a log line: %q", err)
	}
	return i, err
}

var _ storage.Federations = (*sql.Store)(nil)
