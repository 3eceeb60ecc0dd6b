package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

func (b *bench) maker(op string) (maker, error) {
	get := func(u string) maker {
		return func(int) (step, error) {
			return func() error { return b.plainGet(u, "") }, nil
		}
	}
	switch {
	case strings.HasPrefix(op, "get:"):
		return get(op[4:]), nil
	case strings.HasPrefix(op, "post:"):
		return func(int) (step, error) {
			return func() error {
				_, err := b.post(op[5:], url.Values{"grant_type": {"client_credentials"}}, &Client{ID: "a", Secret: "b"}, nil)
				return err
			}, nil
		}, nil
	case strings.HasPrefix(op, "chain:"): // floor server: refreshes without a login
		return func(w int) (step, error) {
			var t struct {
				R string `json:"refresh_token"`
			}
			if _, err := b.post(op[6:]+"?new=1", url.Values{}, nil, &t); err != nil {
				return nil, err
			}
			return func() error {
				f := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.R}}
				_, err := b.post(op[6:], f, &Client{ID: "a", Secret: "b"}, &t)
				return err
			}, nil
		}, nil
	case op == "discovery":
		return get(b.cfg.Discovery), nil
	case op == "jwks":
		return get(b.ep.JWKS), nil
	case op == "cc-opaque":
		return b.ccMaker(b.cfg.CCOpaque)
	case op == "cc-jwt":
		return b.ccMaker(b.cfg.CCJWT)
	case op == "cc-jwt2":
		return b.ccMaker(b.cfg.CCJWT2)
	case op == "refresh":
		return b.refreshMaker(b.refreshClient(), false)
	case op == "refresh-public":
		return b.refreshMaker(b.cfg.RefPublic, true)
	case op == "introspect":
		return b.introspectMaker()
	case op == "userinfo":
		return b.userinfoMaker()
	case op == "sso", op == "sso-code", op == "authorize":
		return b.ssoMaker(op)
	case op == "flood":
		return b.floodMaker()
	case op == "step-up":
		return b.stepUpMaker()
	case op == "login", op == "login-only":
		return b.loginMaker(op == "login")
	}
	return nil, fmt.Errorf("unknown operation %q", op)
}

func (b *bench) ccMaker(c *Client) (maker, error) {
	if c == nil {
		return nil, errNotConfigured
	}
	return func(int) (step, error) {
		return func() error { _, err := b.cc(c); return err }, nil
	}, nil
}

func (b *bench) cc(c *Client) (*tokens, error) {
	f := url.Values{"grant_type": {"client_credentials"}}
	if c.Scope != "" {
		f.Set("scope", c.Scope)
	}
	if c.Resource != "" {
		f.Set("resource", c.Resource)
	}
	var t tokens
	_, err := b.post(b.ep.Token, f, c, &t)
	if err == nil && t.Access == "" {
		err = errors.New("no access token")
	}
	return &t, err
}
