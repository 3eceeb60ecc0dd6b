package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// browser is one user agent: a cookie jar that walks redirects and fills forms.
type browser struct {
	b       *bench
	c       *http.Client
	jar     *jar
	user    string
	key     string // of the authenticator app, once a page has shown it
	noForms bool   // a form on the way is an error: the session should have sufficed
	noMore  bool   // a password form on the way is an error
}

func (b *bench) newBrowser(worker int) *browser {
	u := b.cfg.User
	if strings.Contains(u, "%d") {
		u = fmt.Sprintf(u, worker%max(b.cfg.Users, 1))
	}
	return b.browserOf(u)
}

func (b *bench) browserOf(user string) *browser {
	br := &browser{b: b, user: user, jar: newJar()}
	br.c = &http.Client{Transport: b.api.Transport, Jar: br.jar, Timeout: 60 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return br
}

// wear changes the cookies.
func (br *browser) wear(j *jar) { br.jar, br.c.Jar = j, j }

func random(n int) string {
	x := make([]byte, n)
	rand.Read(x)
	return base64.RawURLEncoding.EncodeToString(x)
}

// flow runs authorize -> code -> token with PKCE S256.
func (br *browser) flow(c *Client, extra map[string]string) (*tokens, error) {
	code, ver, err := br.authorize(c, extra)
	if err != nil {
		return nil, err
	}
	var t tokens
	f := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.Redirect}, "code_verifier": {ver}}
	if c.Resource != "" {
		f.Set("resource", c.Resource)
	}
	_, err = br.b.post(br.b.ep.Token, f, c, &t)
	if err == nil && (t.Access == "" || t.ID == "") {
		err = errors.New("code exchange without access or ID token")
	}
	return &t, err
}

func (br *browser) authorize(c *Client, extra map[string]string) (code, verifier string, err error) {
	verifier = random(32)
	sum := sha256.Sum256([]byte(verifier))
	state := random(16)
	q := url.Values{"response_type": {"code"}, "client_id": {c.ID}, "redirect_uri": {c.Redirect}, "scope": {c.Scope},
		"state": {state}, "nonce": {random(16)}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	if c.Resource != "" {
		q.Set("resource", c.Resource)
	}
	for k, v := range extra {
		q.Set(k, v)
	}
	cb, err := br.walk(br.b.ep.Authorization+"?"+q.Encode(), c.Redirect)
	if err != nil {
		return "", "", err
	}
	v := cb.Query()
	if v.Get("error") != "" || v.Get("code") == "" {
		return "", "", fmt.Errorf("authorization failed: %s %s", v.Get("error"), v.Get("error_description"))
	}
	if v.Get("state") != state {
		return "", "", errors.New("state mismatch")
	}
	return v.Get("code"), verifier, nil
}

// walk follows redirects and completes interactions until the redirect URI is reached.
func (br *browser) walk(start, redirect string) (*url.URL, error) {
	cur, err := url.Parse(start)
	if err != nil {
		return nil, err
	}
	method, body := "GET", url.Values(nil)
	for hop := 0; hop < 20; hop++ {
		if method == "GET" && strings.HasPrefix(cur.String(), redirect) {
			return cur, nil
		}
		if br.b.cfg.Driver == "hydra" {
			next, done, err := br.hydra(cur)
			if err != nil {
				return nil, err
			}
			if done {
				if cur, err = cur.Parse(next); err != nil {
					return nil, err
				}
				continue
			}
		}
		var rd io.Reader
		if method == "POST" {
			rd = strings.NewReader(body.Encode())
		}
		req, err := http.NewRequest(method, cur.String(), rd)
		if err != nil {
			return nil, err
		}
		if method == "POST" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", cur.Scheme+"://"+cur.Host)
		}
		req.Header.Set("Accept", "text/html")
		resp, err := br.c.Do(req)
		if err != nil {
			return nil, err
		}
		page, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		switch {
		case resp.StatusCode >= 300 && resp.StatusCode < 400:
			if cur, err = cur.Parse(resp.Header.Get("Location")); err != nil {
				return nil, err
			}
			method, body = "GET", nil
		case resp.StatusCode == 200:
			if to, ok := refresh(page); ok { // the last hop behind a form, see the provider's form-action
				if cur, err = cur.Parse(to); err != nil {
					return nil, err
				}
				method, body = "GET", nil
				continue
			}
			if br.noForms {
				return nil, fmt.Errorf("an interaction page came up at %s", cur.Path)
			}
			action, m, f, err := br.fill(page)
			if err != nil {
				return nil, fmt.Errorf("%s: %w: %.200s", cur, err, words(page))
			}
			if cur, err = cur.Parse(action); err != nil {
				return nil, err
			}
			method, body = m, f
		default:
			return nil, fmt.Errorf("%s %s: %s %.300s", method, cur, resp.Status, words(page))
		}
	}
	return nil, errors.New("too many hops")
}

// hydra plays the separate login and consent application over the admin API.
func (br *browser) hydra(cur *url.URL) (next string, done bool, err error) {
	q := cur.Query()
	kind, ch := "", ""
	switch {
	case strings.HasSuffix(cur.Path, "/bench-login"):
		kind, ch = "login", q.Get("login_challenge")
	case strings.HasSuffix(cur.Path, "/bench-consent"):
		kind, ch = "consent", q.Get("consent_challenge")
	default:
		return "", false, nil
	}
	base := br.b.cfg.HydraAdmin + "/admin/oauth2/auth/requests/" + kind
	key := "?" + kind + "_challenge=" + url.QueryEscape(ch)
	var info struct {
		Skip     bool     `json:"skip"`
		Scope    []string `json:"requested_scope"`
		Audience []string `json:"requested_access_token_audience"`
	}
	if err := br.b.getJSON(base+key, &info); err != nil {
		return "", false, err
	}
	var body map[string]any
	if kind == "login" {
		body = map[string]any{"subject": br.user, "remember": true, "remember_for": 0, "acr": "0", "amr": []string{"pwd"}}
	} else {
		body = map[string]any{"grant_scope": info.Scope, "grant_access_token_audience": info.Audience, "remember": true, "remember_for": 0,
			"session": map[string]any{"id_token": map[string]any{"email": br.user}}}
	}
	js, _ := json.Marshal(body)
	req, _ := http.NewRequest("PUT", base+"/accept"+key, bytes.NewReader(js))
	req.Header.Set("Content-Type", "application/json")
	resp, err := br.b.api.Do(req)
	if err != nil {
		return "", false, err
	}
	defer resp.Body.Close()
	x, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 {
		return "", false, fmt.Errorf("accept %s: %s %.300s", kind, resp.Status, x)
	}
	var to struct {
		To string `json:"redirect_to"`
	}
	if err := json.Unmarshal(x, &to); err != nil {
		return "", false, err
	}
	return to.To, true, nil
}
