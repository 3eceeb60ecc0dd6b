package stepup

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	iss    = "https://sso.example.test"
	secret = "a secret: with & and %"
)

// issuer is a provider without sockets: a transport that answers discovery, keys and introspection.
type issuer struct {
	mu     sync.Mutex
	keys   []key1
	says   map[string]map[string]any // introspection, by token
	change func(http.ResponseWriter, *http.Request) bool
	levels []string
	asked  map[string]int // by path
	down   error
}

type key1 struct {
	kid string
	key *ecdsa.PrivateKey
}

func newKey(kid string) key1 {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key1{kid, k}
}

func newIssuer() *issuer {
	return &issuer{keys: []key1{newKey("k1")}, says: map[string]map[string]any{}, asked: map[string]int{}, levels: []string{"sfa", "mfa", "urn:mfa", "phr"}}
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[r.URL.Path]++
	if i.down != nil {
		return nil, i.down
	}
	w := httptest.NewRecorder()
	if i.change == nil || !i.change(w, r) {
		i.answer(w, r)
	}
	return w.Result(), nil
}

func (i *issuer) count(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

func (i *issuer) answer(w http.ResponseWriter, r *http.Request) {
	var out any
	switch r.Method + " " + r.URL.Path {
	case "GET /.well-known/openid-configuration":
		out = map[string]any{"issuer": iss, "jwks_uri": iss + "/jwks", "introspection_endpoint": iss + "/introspect", "acr_values_supported": i.levels}
	case "GET /jwks":
		var set jose.JSONWebKeySet
		for _, k := range i.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.key.Public(), KeyID: k.kid, Algorithm: "ES256", Use: "sig"})
		}
		out = set
	case "POST /introspect":
		id, pass, _ := r.BasicAuth()
		id, _ = url.QueryUnescape(id)
		if pass, _ = url.QueryUnescape(pass); id != "api" || pass != secret || r.ParseForm() != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if out = i.says[r.PostForm.Get("token")]; out.(map[string]any) == nil {
			out = map[string]any{"active": false}
		}
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// good are the claims of a token that opens everything; changes are pairs of a claim and its value, nil takes it away.
func good(changes ...any) map[string]any {
	now := time.Now().Unix()
	c := map[string]any{
		"iss": iss, "sub": "anna", "aud": []string{iss}, "client_id": "panel", "jti": "j1", "iat": now, "exp": now + 600,
		"auth_time": now, "acr": "mfa", "amr": []string{"pwd", "otp", "mfa"}, "scope": "openid dns", "sid": "s1",
	}
	for i := 0; i < len(changes); i += 2 {
		if c[changes[i].(string)] = changes[i+1]; changes[i+1] == nil {
			delete(c, changes[i].(string))
		}
	}
	return c
}

// active makes of it an introspection answer.
func active(changes ...any) map[string]any {
	return good(append([]any{"active", true, "token_type", "Bearer"}, changes...)...)
}

func (k key1) sign(typ string, claims map[string]any) string {
	return signWith(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.key, KeyID: k.kid}}, typ, claims)
}

func signWith(key jose.SigningKey, typ string, claims map[string]any) string {
	s, err := jose.NewSigner(key, new(jose.SignerOptions).WithType(jose.ContentType(typ)))
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	jws, err := s.Sign(payload)
	if err != nil {
		panic(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return out
}

// panel is a handler behind a requirement; entered counts who got in.
type panel struct {
	t       *testing.T
	handler http.Handler
	entered int
	token   *Token
}

func newPanel(t *testing.T, i *issuer, how Tokens, require func(http.Handler) http.Handler, opts ...Option) *panel {
	t.Helper()
	v, err := New(iss, how, append([]Option{HTTPClient(&http.Client{Transport: i}), Log(slog.New(slog.NewTextHandler(io.Discard, nil)))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	p := &panel{t: t}
	p.handler = v.Handler(require(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p.entered++
		if p.token = FromContext(r.Context()); p.token == nil {
			t.Error("no token behind Require")
		}
	})))
	return p
}

// open asks with a token and returns the status and the challenge.
func (p *panel) open(token string) (int, string) {
	p.t.Helper()
	r := httptest.NewRequest("GET", "/dns", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return p.send(r)
}

func (p *panel) send(r *http.Request) (int, string) {
	p.t.Helper()
	before := p.entered
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	if in := p.entered > before; in != (w.Code == http.StatusOK) {
		p.t.Errorf("status %d, let in: %v", w.Code, in)
	}
	challenge := w.Header().Get("WWW-Authenticate")
	if w.Code == 401 || w.Code == 403 || w.Code == 400 {
		if !strings.HasPrefix(challenge, "Bearer ") || w.Header().Get("Cache-Control") != "no-store" {
			p.t.Errorf("%d without a challenge, or to be kept: %v", w.Code, w.Header())
		}
	} else if challenge != "" {
		p.t.Errorf("%d with a challenge: %s", w.Code, challenge)
	}
	return w.Code, challenge
}

// refused wants an answer with this error.
func (p *panel) refused(what, token string, status int, code string) {
	p.t.Helper()
	got, challenge := p.open(token)
	if got != status || code != "" && !strings.Contains(challenge, `error="`+code+`"`) {
		p.t.Errorf("%s: %d %s, want %d %s", what, got, challenge, status, code)
	}
}
