package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/secret"
)

// refusal is an answer of the provider, or one we do not believe; it becomes a friendly page.
type refusal struct {
	code   string // OAuth error code, or our own: state, iss, nonce, exchange
	detail string
	path   string // where "try again" leads
	cause  error
}

func (e *refusal) Error() string { return e.code + ": " + e.detail }
func (e *refusal) Unwrap() error { return e.cause }

// startSignIn is the panel's initiate_login_uri (OIDC Core §4): the provider sends people here who opened it directly.
func (p *panel) startSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	if iss := r.URL.Query().Get("iss"); iss != "" && iss != p.issuer {
		return &refusal{code: "iss", detail: "third-party-initiated sign-in from an unknown issuer", path: "/"}
	}
	return p.authorize(w, r, v, "/", nil)
}

// authorize sends the browser to the provider. area is the sensitive area to be opened; nil is a plain sign-in.
func (p *panel) authorize(w http.ResponseWriter, r *http.Request, v *visit, path string, area *area) error {
	found, err := p.discovered(r.Context())
	if err != nil {
		return err
	}
	a := attempt{client: panelClient, nonce: secret.New(""), verifier: oauth2.GenerateVerifier(), path: path, begun: time.Now()}
	scopes := []string{oidc.ScopeOpenID, "profile", "email"}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier), oauth2.SetAuthURLParam("ui_locales", languageOf(w, r))}
	switch {
	case v.plain:
		a.client = plainClient
	case area == nil:
		for _, each := range areas { // all of them: those that need more than this sign-in gives are dropped
			scopes = append(scopes, each.Scope)
		}
	default:
		options = append(options, oauth2.SetAuthURLParam("acr_values", "mfa"))
	}
	if area != nil {
		a.area = area.Scope
		if v.signed != nil {
			scopes = append(scopes, v.signed.sensitive()...)
		}
		if !slices.Contains(scopes, area.Scope) {
			scopes = append(scopes, area.Scope)
		}
	}
	if hint := r.URL.Query().Get("login_hint"); hint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", hint))
	}
	config := p.oauth(found, a.client)
	config.Scopes = scopes
	state := secret.New("")
	a.url = config.AuthCodeURL(state, options...)
	v.remember(state, a)
	http.Redirect(w, r, a.url, http.StatusFound)
	return nil
}

// remember keeps an attempt, the newest few only: every tab may have one.
func (v *visit) remember(state string, a attempt) {
	if len(v.open) >= maxAttempts {
		oldest, at := "", time.Time{}
		for s, o := range v.open {
			if oldest == "" || o.begun.Before(at) {
				oldest, at = s, o.begun
			}
		}
		delete(v.open, oldest)
	}
	v.open[state] = a
}

// finishSignIn is the redirect URI.
func (p *panel) finishSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	a, ok := v.open[q.Get("state")]
	if !ok {
		return &refusal{code: "state", detail: "this answer belongs to no sign-in of this browser, or to one that is finished", path: "/"}
	}
	delete(v.open, q.Get("state")) // an answer counts once
	// RFC 9207 §2.4: compare before anything else is believed.
	if q.Get("iss") != p.issuer {
		return &refusal{code: "iss", detail: "the answer does not come from " + p.issuer, path: a.path}
	}
	if code := q.Get("error"); code != "" {
		return &refusal{code: code, detail: q.Get("error_description"), path: a.path}
	}
	s, err := p.redeem(r.Context(), a, q.Get("code"))
	if err != nil {
		return err
	}
	v.signed, v.answered = s, a.area
	p.renew(w, v)
	http.Redirect(w, r, a.path, http.StatusFound)
	return nil
}

// redeem exchanges the code and verifies the ID token: signature, issuer, audience, expiry (by the library), nonce and
// at_hash (by us).
func (p *panel) redeem(ctx context.Context, a attempt, code string) (*signedIn, error) {
	found, err := p.discovered(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	s := &signedIn{client: a.client, authURL: a.url, answered: time.Since(a.begun)}
	start := time.Now()
	token, err := p.oauth(found, a.client).Exchange(ctx, code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return nil, &refusal{code: "exchange", detail: oauthCode(err), path: a.path, cause: err}
	}
	s.exchanged = time.Since(start)
	if err := p.read(ctx, found, s, token, a.nonce); err != nil {
		return nil, &refusal{code: "id_token", detail: "the ID token is not what was asked for", path: a.path, cause: err}
	}
	return s, nil
}

// read takes over a token answer. A refresh brings no nonce, and no ID token when something was left out.
func (p *panel) read(ctx context.Context, found *oidc.Provider, s *signedIn, token *oauth2.Token, nonce string) error {
	s.token = token
	s.scope, _ = token.Extra("scope").(string)
	raw, _ := token.Extra("id_token").(string)
	if raw == "" && s.idToken == "" {
		return errors.New("no ID token")
	}
	if raw != "" {
		id, err := found.Verifier(&oidc.Config{ClientID: s.client}).Verify(ctx, raw)
		switch {
		case err != nil:
			return err
		case nonce != "" && id.Nonce != nonce:
			return errors.New("foreign nonce")
		case s.subject != "" && s.subject != id.Subject:
			return errors.New("the subject changed")
		}
		if id.AccessTokenHash != "" {
			if err := id.VerifyAccessToken(token.AccessToken); err != nil {
				return err
			}
		}
		s.idToken, s.subject = raw, id.Subject
		if err := id.Claims(&s.claims); err != nil {
			return err
		}
	}
	start := time.Now()
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("userinfo: %w", err)
	}
	if info.Subject != s.subject {
		return errors.New("userinfo is about somebody else")
	}
	s.asked = time.Since(start)
	return info.Claims(&s.info)
}

// alive uses the panel's tokens before a page is shown: userinfo (or a refresh when the access token is about to
// expire) tells whether the person is still signed in, and counts as activity for the session at the provider.
func (p *panel) alive(ctx context.Context, v *visit) (bool, error) {
	s := v.signed
	found, err := p.discovered(ctx)
	if err != nil {
		return false, err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	if time.Until(s.token.Expiry) > 30*time.Second {
		if _, err := found.UserInfo(ctx, oauth2.StaticTokenSource(s.token)); err == nil {
			return true, nil
		}
	}
	if s.token.RefreshToken == "" {
		return false, nil
	}
	token, err := p.oauth(found, s.client).TokenSource(ctx, &oauth2.Token{RefreshToken: s.token.RefreshToken}).Token()
	if err != nil {
		if refused := new(oauth2.RetrieveError); errors.As(err, &refused) {
			return false, nil
		}
		return false, errors.Join(errProvider, err)
	}
	return true, p.read(ctx, found, s, token, "")
}

// doSignOut is RP-initiated logout: the panel forgets the person first, then the provider is asked to (OIDC
// RP-Initiated Logout §2).
func (p *panel) doSignOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	s := v.signed
	v.signed = nil
	p.renew(w, v)
	if s == nil {
		http.Redirect(w, r, "/signed-out", http.StatusSeeOther)
		return nil
	}
	found, err := p.discovered(r.Context())
	if err != nil {
		return err
	}
	var meta struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := found.Claims(&meta); err != nil || meta.EndSession == "" {
		http.Redirect(w, r, "/signed-out", http.StatusSeeOther)
		return nil
	}
	v.goodbye = secret.New("")
	q := url.Values{"id_token_hint": {s.idToken}, "client_id": {s.client}, "post_logout_redirect_uri": {p.origin + "/signed-out"}, "state": {v.goodbye}, "ui_locales": {languageOf(w, r)}}
	http.Redirect(w, r, meta.EndSession+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// oauthCode is the error code of a token answer, without anything a person should not read.
func oauthCode(err error) string {
	if refused := new(oauth2.RetrieveError); errors.As(err, &refused) && refused.ErrorCode != "" {
		return strings.ToValidUTF8(refused.ErrorCode, "")
	}
	return "the token endpoint did not answer as it should"
}
