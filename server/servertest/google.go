package servertest

import (
	cryptorand "crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
)

// The hosts of the fakes are the providers' own: nothing in the server is told that they are fakes.
const (
	GoogleAccounts = "accounts.google.com"
	GoogleAPIs     = "oauth2.googleapis.com"
	FacebookWeb    = "www.facebook.com"
	FacebookGraph  = "graph.facebook.com"
)

// Account is somebody at a social provider.
type Account struct {
	Subject  string
	Name     string
	Email    string // "" = the provider tells none
	Verified any    // email_verified, as it comes: true, false, "true", nil
	AuthTime time.Time
}

// answered is what a fake remembers of a request until its code is redeemed.
type answered struct {
	query   url.Values
	account Account
}

// door is what Google's and Facebook's fakes have in common: somebody is signed in there and agrees at once.
type door struct {
	Now     Account             // who sits in front of the provider
	Denies  bool                // that person says no
	Appears func(*http.Request) // sees each authorization request; nil = nobody looks
	// Answer answers instead of the provider when it returns true.
	Answer func(w http.ResponseWriter, r *http.Request) bool

	t      testing.TB
	id     string
	secret string
	mu     sync.Mutex
	codes  map[string]answered
}

func newDoor(t testing.TB, id string) door {
	return door{t: t, id: id, secret: secret.New("sog_cs_"), codes: map[string]answered{}}
}

// authorize is the provider's page, without the page.
func (d *door) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host != SSO || q.Get("client_id") != d.id || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if d.Appears != nil {
		d.Appears(r)
	}
	out := url.Values{"state": {q.Get("state")}}
	if d.Denies {
		out.Set("error", "access_denied")
	} else {
		code := secret.New("")
		d.mu.Lock()
		d.codes[code] = answered{q, d.Now}
		d.mu.Unlock()
		out.Set("code", code)
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// redeem uses a code, once, with its verifier, redirect URI and the client's secret.
func (d *door) redeem(r *http.Request) (answered, bool) {
	if r.ParseForm() != nil {
		return answered{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.codes[r.PostForm.Get("code")]
	delete(d.codes, r.PostForm.Get("code"))
	id, pass, basic := r.BasicAuth()
	if !basic {
		id, pass = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	return a, ok && id == d.id && pass == d.secret && a.query.Get("redirect_uri") == r.PostForm.Get("redirect_uri") &&
		a.query.Get("code_challenge") == base64.RawURLEncoding.EncodeToString(sum[:])
}

// Google is Google as its documentation describes it.
type Google struct {
	door
	Plain  bool                        // it is an OpenID provider as written: prompt=login is understood
	Claims func(map[string]any)        // changes an ID token's claims
	Sign   func(map[string]any) string // replaces the signature
}

var googleKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(cryptorand.Reader, 2048) })

// WithGoogle configures Google as a provider.
func WithGoogle(g **Google) Option {
	*g = &Google{}
	return func(o *options) {
		(*g).door = newDoor(nil, "example.apps.googleusercontent.com")
		o.fakes = append(o.fakes, func(w *World) {
			(*g).t = w.T
			w.Net.Handle(GoogleAccounts, http.HandlerFunc((*g).serve))
			w.Net.Handle(GoogleAPIs, http.HandlerFunc((*g).serve))
		})
		With(func(f *config.File) {
			f.Providers["google"] = config.FileProvider{Type: "google", ClientID: (*g).id, ClientSecret: config.Secret((*g).secret)}
		})(o)
	}
}

func (g *Google) serve(w http.ResponseWriter, r *http.Request) {
	if g.Answer != nil && g.Answer(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.Host + r.URL.Path {
	case GoogleAccounts + "/.well-known/openid-configuration":
		write(w, http.StatusOK, map[string]any{
			"issuer": "https://" + GoogleAccounts, "authorization_endpoint": "https://" + GoogleAccounts + "/o/oauth2/v2/auth",
			"token_endpoint": "https://" + GoogleAPIs + "/token", "jwks_uri": "https://" + GoogleAPIs + "/certs",
			"userinfo_endpoint":                     "https://" + GoogleAPIs + "/userinfo",
			"response_types_supported":              []string{"code"},
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		})
	case GoogleAccounts + "/o/oauth2/v2/auth":
		if p := r.URL.Query().Get("prompt"); p == "login" && !g.Plain { // not among its values
			http.Error(w, "invalid_request: prompt", http.StatusBadRequest)
			return
		}
		g.authorize(w, r)
	case GoogleAPIs + "/certs":
		key, err := googleKey()
		if err != nil {
			g.t.Error(err)
			return
		}
		write(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "g1", Algorithm: "RS256", Use: "sig"}}})
	case GoogleAPIs + "/token":
		a, ok := g.redeem(r)
		if !ok {
			write(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
			return
		}
		write(w, http.StatusOK, map[string]any{"access_token": "ya29." + a.account.Subject, "token_type": "Bearer", "expires_in": 3599, "id_token": g.idToken(a)})
	case GoogleAPIs + "/userinfo":
		write(w, http.StatusOK, map[string]any{"sub": g.Now.Subject, "name": g.Now.Name})
	default:
		http.NotFound(w, r)
	}
}

func (g *Google) idToken(a answered) string {
	now := time.Now()
	c := map[string]any{
		"iss": "https://" + GoogleAccounts, "azp": g.id, "aud": g.id, "sub": a.account.Subject, "name": a.account.Name,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": a.query.Get("nonce"),
	}
	if a.account.Email != "" {
		c["email"], c["email_verified"] = a.account.Email, a.account.Verified
	}
	if g.Claims != nil {
		g.Claims(c)
	}
	if g.Sign != nil {
		return g.Sign(c)
	}
	key, err := googleKey()
	if err != nil {
		g.t.Error(err)
		return ""
	}
	return Signed(g.t, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "g1"}}, c)
}

// Signed is a JWT over claims.
func Signed(t testing.TB, key jose.SigningKey, claims map[string]any) string {
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Error(err)
		return ""
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Error(err)
		return ""
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Error(err)
		return ""
	}
	raw, err := jws.CompactSerialize()
	if err != nil {
		t.Error(err)
	}
	return raw
}

func write(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // into memory: it cannot fail
}
