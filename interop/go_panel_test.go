package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/secret"
)

// goPanel is a relying party on go-oidc and x/oauth2, with the pages of the others.
type goPanel struct {
	*program
	ctx    context.Context // with the client that trusts the authority
	end    string          // end_session_endpoint
	oauth  oauth2.Config
	id     *oidc.IDTokenVerifier // of ID tokens and logout tokens
	access *oidc.IDTokenVerifier

	mu    sync.Mutex
	begun map[string][2]string // PKCE verifier and nonce, by state
	token *oauth2.Token
	raw   string // the ID token
	said  answer
	over  map[string]bool // by sid
}

func startGo(p *program) {
	p.t.Helper()
	g := &goPanel{program: p, begun: map[string][2]string{}, over: map[string]bool{}}
	g.ctx = oidc.ClientContext(context.Background(), p.browser().client)
	provider, err := oidc.NewProvider(g.ctx, p.issuer)
	if err != nil {
		p.t.Fatal(err)
	}
	var doc struct {
		End string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&doc); err != nil {
		p.t.Fatal(err)
	}
	g.end = doc.End
	g.oauth = oauth2.Config{ClientID: "panel", ClientSecret: p.secret, Endpoint: provider.Endpoint(), RedirectURL: p.panel + "/cb"}
	g.id = provider.VerifierContext(g.ctx, &oidc.Config{ClientID: "panel"})
	g.access = provider.VerifierContext(g.ctx, &oidc.Config{ClientID: p.issuer, SupportedSigningAlgs: []string{oidc.ES256}})
	listen(p, map[string]page{
		"/login": func(r *http.Request) (any, error) { return g.begin(r.URL.Query()), nil },
		"/cb": func(r *http.Request) (any, error) {
			if err := g.callback(r.URL.Query()); err != nil {
				return nil, err
			}
			about, err := provider.UserInfo(g.ctx, oauth2.StaticTokenSource(g.token))
			if err != nil {
				return nil, err
			}
			return g.said, about.Claims(&g.said.Userinfo)
		},
		"/refresh": func(*http.Request) (any, error) {
			token, err := g.oauth.TokenSource(g.ctx, &oauth2.Token{RefreshToken: g.token.RefreshToken}).Token()
			if err != nil {
				return nil, err
			}
			return g.said, g.take(token, "")
		},
		"/area":     func(*http.Request) (any, error) { return g.area() },
		"/resource": g.resource,
		"/backchannel": func(r *http.Request) (any, error) {
			told, err := g.id.VerifyLogout(g.ctx, r.PostFormValue("logout_token"))
			if err != nil {
				return http.StatusBadRequest, nil
			}
			g.over[told.SessionID] = true
			return answer{}, nil
		},
		"/session": func(*http.Request) (any, error) { return answer{Over: g.over[g.said.Claims["sid"].(string)]}, nil },
		"/logout": func(*http.Request) (any, error) {
			return leave(g.end + "?" + url.Values{"id_token_hint": {g.raw}, "post_logout_redirect_uri": {p.panel + "/out"}, "state": {"bye"}}.Encode()), nil
		},
		"/out": func(r *http.Request) (any, error) { return answer{State: r.URL.Query().Get("state")}, nil },
	}, &g.mu)
}

// begin is where a sign-in starts; what is asked for takes the place of what is always said.
func (g *goPanel) begin(asked url.Values) leave {
	state, verifier, nonce := secret.New(""), oauth2.GenerateVerifier(), secret.New("")
	g.begun[state] = [2]string{verifier, nonce}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce), oauth2.SetAuthURLParam("scope", "openid profile email")}
	for name := range asked {
		options = append(options, oauth2.SetAuthURLParam(name, asked.Get(name)))
	}
	return leave(g.oauth.AuthCodeURL(state, options...))
}

func (g *goPanel) callback(q url.Values) error {
	begun, ok := g.begun[q.Get("state")]
	switch delete(g.begun, q.Get("state")); {
	case !ok:
		return errors.New("a state that nobody began")
	case q.Get("iss") != g.issuer:
		return fmt.Errorf("an answer of %q", q.Get("iss"))
	case q.Has("error"):
		return errors.New(q.Get("error"))
	}
	token, err := g.oauth.Exchange(g.ctx, q.Get("code"), oauth2.VerifierOption(begun[0]))
	if err != nil {
		return err
	}
	return g.take(token, begun[1])
}

// take believes a token answer. A refresh has no nonce.
func (g *goPanel) take(token *oauth2.Token, nonce string) error {
	raw, _ := token.Extra("id_token").(string)
	id, err := g.id.Verify(g.ctx, raw)
	if err != nil {
		return err
	}
	if id.Nonce != nonce {
		return errors.New("another nonce")
	}
	g.token, g.raw, g.said = token, raw, answer{}
	g.said.Scope, _ = token.Extra("scope").(string)
	return id.Claims(&g.said.Claims)
}

// area asks the resource, and goes where its challenge says (RFC 9470 §4).
func (g *goPanel) area() (any, error) {
	r, err := http.NewRequestWithContext(g.ctx, http.MethodGet, g.panel+"/resource", nil)
	if err != nil {
		return nil, err
	}
	g.token.SetAuthHeader(r)
	resp, err := g.browser().client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if asked := wanted.FindStringSubmatch(resp.Header.Get("WWW-Authenticate")); resp.StatusCode == http.StatusUnauthorized && asked != nil {
		return g.begin(url.Values{"acr_values": {asked[1]}}), nil
	}
	var said answer
	return said, json.NewDecoder(resp.Body).Decode(&said)
}
