package servertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// RP is a relying party on a library independent of our provider's (coreos/go-oidc, x/oauth2): PKCE S256, state bound to
// the browser, nonce, ID token verification, RFC 9207 iss. It lives at a host of the test's Net.
type RP struct {
	Client   string
	Secret   string // "" = public client
	Redirect string // https://host/cb
	Scopes   []string

	AuthStyle oauth2.AuthStyle // how it authenticates; AutoDetect tries Basic, then the body

	t      testing.TB
	issuer string
	http   *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
	open     map[string]attempt // by state
	results  []*Result
}

// attempt is an authorization request under way.
type attempt struct{ nonce, verifier string }

// NewRP puts a relying party at the host of redirect.
func (n *Net) NewRP(t testing.TB, issuer, client, secret, redirect string, scopes ...string) *RP {
	rp := &RP{
		Client: client, Secret: secret, Redirect: redirect, Scopes: scopes,
		t: t, issuer: issuer, http: &http.Client{Transport: n}, open: map[string]attempt{},
	}
	rp.AuthStyle = oauth2.AuthStyleInHeader
	if secret == "" {
		rp.AuthStyle = oauth2.AuthStyleInParams
	}
	u, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { rp.say(w, "home", "The panel") })
	mux.HandleFunc("GET /login", rp.login)
	mux.HandleFunc(u.Path, rp.callback)
	n.Handle(u.Host, mux)
	return rp
}

// Host is where the relying party lives.
func (rp *RP) Host() string {
	u, _ := url.Parse(rp.Redirect)
	return u.Host
}

// Login is the address that starts a sign-in at the panel. Parameters are pairs of authorization parameters; "scope"
// replaces the usual scopes, an empty value removes a parameter.
func (rp *RP) Login(params ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	return "https://" + rp.Host() + "/login?" + q.Encode()
}

// Authorize builds an authorization request of its own and remembers its state, without a browser.
func (rp *RP) Authorize(params url.Values) string {
	state, a := rand(), attempt{nonce: rand(), verifier: oauth2.GenerateVerifier()}
	q := url.Values{
		"response_type": {"code"}, "client_id": {rp.Client}, "redirect_uri": {rp.Redirect}, "scope": {strings.Join(rp.Scopes, " ")},
		"state": {state}, "nonce": {a.nonce}, "code_challenge": {oauth2.S256ChallengeFromVerifier(a.verifier)}, "code_challenge_method": {"S256"},
	}
	for k, v := range params {
		if len(v) == 1 && v[0] == "" {
			q.Del(k)
			continue
		}
		q[k] = v
	}
	rp.mu.Lock()
	rp.open[q.Get("state")] = attempt{nonce: q.Get("nonce"), verifier: a.verifier}
	rp.mu.Unlock()
	return rp.Provider().Endpoint().AuthURL + "?" + q.Encode()
}

// Provider is the discovered provider.
func (rp *RP) Provider() *oidc.Provider {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	if rp.provider == nil {
		p, err := oidc.NewProvider(rp.ctx(), rp.issuer)
		if err != nil {
			rp.t.Fatalf("discovery of %s: %v", rp.issuer, err)
		}
		rp.provider = p
	}
	return rp.provider
}

func (rp *RP) ctx() context.Context { return oidc.ClientContext(context.Background(), rp.http) }

// OAuth is the client's configuration for x/oauth2.
func (rp *RP) OAuth() *oauth2.Config {
	e := rp.Provider().Endpoint()
	e.AuthStyle = rp.AuthStyle
	return &oauth2.Config{ClientID: rp.Client, ClientSecret: rp.Secret, RedirectURL: rp.Redirect, Endpoint: e, Scopes: rp.Scopes}
}

// stateCookie binds an attempt to the browser. SameSite=None because a form_post answer is a cross-site POST.
const stateCookie = "__Host-rp-state-"

func (rp *RP) login(w http.ResponseWriter, r *http.Request) {
	to := rp.Authorize(r.URL.Query())
	u, _ := url.Parse(to)
	state := u.Query().Get("state")
	http.SetCookie(w, &http.Cookie{Name: stateCookie + state[:min(len(state), 12)], Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode})
	http.Redirect(w, r, to, http.StatusFound)
}

func (rp *RP) callback(w http.ResponseWriter, r *http.Request) {
	form := r.URL.Query()
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "form", http.StatusBadRequest)
			return
		}
		form = r.PostForm
	}
	res := &Result{Error: form.Get("error"), Description: form.Get("error_description"), Iss: form.Get("iss"), State: form.Get("state"), Code: form.Get("code")}
	rp.mu.Lock()
	a, known := rp.open[res.State]
	delete(rp.open, res.State)
	rp.mu.Unlock()
	res.Verifier = a.verifier
	switch _, err := r.Cookie(stateCookie + res.State[:min(len(res.State), 12)]); {
	case !known:
		rp.t.Errorf("%s: an answer with a foreign or used state %q: %s", rp.Client, res.State, r.URL)
	case err != nil:
		rp.t.Errorf("%s: the answer came to another browser than the one that asked", rp.Client)
	case res.Iss != rp.issuer:
		rp.t.Errorf("%s: iss %q, want %q (RFC 9207)", rp.Client, res.Iss, rp.issuer)
	}
	if res.Error == "" {
		if err := rp.redeem(res, a); err != nil {
			rp.t.Errorf("%s: %v", rp.Client, err)
		}
	}
	rp.mu.Lock()
	rp.results = append(rp.results, res)
	rp.mu.Unlock()
	if res.Error != "" {
		rp.say(w, "error", res.Error)
		return
	}
	rp.say(w, "signed-in", fmt.Sprintf("acr=%v scope=%s", res.Claims["acr"], res.Scope))
}

// redeem exchanges the code and verifies everything that came with it.
func (rp *RP) redeem(res *Result, a attempt) error {
	tok, err := rp.OAuth().Exchange(rp.ctx(), res.Code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return fmt.Errorf("token endpoint: %w", err)
	}
	return rp.read(res, tok, a.nonce)
}

// read verifies the ID token of a token answer, if there is one, and asks userinfo.
func (rp *RP) read(res *Result, tok *oauth2.Token, nonce string) error {
	res.Token = tok
	res.Scope, _ = tok.Extra("scope").(string)
	raw, _ := tok.Extra("id_token").(string)
	if raw == "" {
		return nil
	}
	id, err := rp.Provider().Verifier(&oidc.Config{ClientID: rp.Client}).Verify(rp.ctx(), raw)
	if err != nil {
		return fmt.Errorf("ID token: %w", err)
	}
	if nonce != "" && id.Nonce != nonce {
		return errors.New("ID token: foreign nonce")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(tok.AccessToken); err != nil {
			return err
		}
	}
	res.IDToken = id
	if err := id.Claims(&res.Claims); err != nil {
		return err
	}
	info, err := rp.Provider().UserInfo(rp.ctx(), oauth2.StaticTokenSource(tok))
	if err != nil {
		return fmt.Errorf("userinfo: %w", err)
	}
	if info.Subject != id.Subject {
		return fmt.Errorf("userinfo is about %s, the ID token about %s", info.Subject, id.Subject)
	}
	return info.Claims(&res.UserInfo)
}

// Last is what came back last; the test fails when nothing did.
func (rp *RP) Last() *Result {
	rp.t.Helper()
	rp.mu.Lock()
	defer rp.mu.Unlock()
	if len(rp.results) == 0 {
		rp.t.Fatalf("%s: nothing came back yet", rp.Client)
	}
	return rp.results[len(rp.results)-1]
}

// Answers says how many answers came back so far.
func (rp *RP) Answers() int {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	return len(rp.results)
}

// Refresh uses a refresh token. The error is *oauth2.RetrieveError when the server refuses.
func (rp *RP) Refresh(refresh string) (*Result, error) {
	src := rp.OAuth().TokenSource(rp.ctx(), &oauth2.Token{RefreshToken: refresh})
	tok, err := src.Token()
	if err != nil {
		return nil, err
	}
	res := &Result{}
	return res, rp.read(res, tok, "")
}

// UserInfoStatus asks userinfo with any token and returns the status of the answer.
func (rp *RP) UserInfoStatus(access string) int {
	r, err := http.NewRequestWithContext(rp.ctx(), http.MethodGet, rp.Provider().UserInfoEndpoint(), nil)
	if err != nil {
		rp.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	res, err := rp.http.Do(r)
	if err != nil {
		rp.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// SignOut is the address of RP-initiated logout for the last sign-in.
func (rp *RP) SignOut(params ...string) string {
	var meta struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := rp.Provider().Claims(&meta); err != nil {
		rp.t.Fatal(err)
	}
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	return meta.EndSession + "?" + q.Encode()
}

func (rp *RP) say(w http.ResponseWriter, step, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="en"><title>%[2]s</title><main data-step="rp-%[1]s"><h1>%[2]s</h1></main></html>`, step, strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(text))
}
