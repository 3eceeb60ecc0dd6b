package main

import (
	"errors"
	"net/url"
)

func (b *bench) refreshClient() *Client {
	if b.cfg.Refresh != nil {
		return b.cfg.Refresh
	}
	return b.cfg.Web
}

// refreshMaker refreshes with whatever token came last. rotated: it must be another one each time, as a public client's is.
func (b *bench) refreshMaker(c *Client, rotated bool) (maker, error) {
	if c == nil {
		return nil, errNotConfigured
	}
	return func(w int) (step, error) {
		br := b.newBrowser(w)
		t, err := br.flow(c, b.cfg.RefParams)
		if err != nil {
			return nil, err
		}
		if t.Refresh == "" {
			return nil, errors.New("no refresh token was issued")
		}
		rt := t.Refresh
		return func() error {
			var n tokens
			_, err := b.post(b.ep.Token, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {rt}}, c, &n)
			if err != nil {
				return err
			}
			if rotated && (n.Refresh == "" || n.Refresh == rt) {
				return errors.New("the refresh token was not rotated")
			}
			if n.Refresh != "" {
				rt = n.Refresh
			}
			return nil
		}, nil
	}, nil
}

func (b *bench) introspectMaker() (maker, error) {
	if b.ep.Introspection == "" || b.cfg.Web == nil {
		return nil, errNotConfigured
	}
	auth := b.cfg.Web
	if b.cfg.IntroAuth == "none" {
		auth = nil
	}
	return func(w int) (step, error) {
		br := b.newBrowser(w)
		t, err := br.flow(b.cfg.Web, b.cfg.AuthParams)
		if err != nil {
			return nil, err
		}
		return func() error {
			var a struct {
				Active bool `json:"active"`
			}
			_, err := b.post(b.ep.Introspection, url.Values{"token": {t.Access}}, auth, &a)
			if err == nil && !a.Active {
				err = errors.New("token not active")
			}
			return err
		}, nil
	}, nil
}

func (b *bench) userinfoMaker() (maker, error) {
	if b.cfg.Web == nil {
		return nil, errNotConfigured
	}
	return func(w int) (step, error) {
		br := b.newBrowser(w)
		t, err := br.flow(b.cfg.Web, b.cfg.AuthParams)
		if err != nil {
			return nil, err
		}
		return func() error { return b.plainGet(b.ep.Userinfo, t.Access) }, nil
	}, nil
}

func (b *bench) ssoMaker(kind string) (maker, error) {
	if b.cfg.Web == nil {
		return nil, errNotConfigured
	}
	return func(w int) (step, error) {
		br := b.newBrowser(w)
		if _, err := br.flow(b.cfg.Web, b.cfg.AuthParams); err != nil {
			return nil, err
		}
		br.noForms = b.cfg.Driver != "hydra"
		return func() error {
			if kind == "authorize" {
				_, _, err := br.authorize(b.cfg.Web, b.cfg.AuthParams)
				return err
			}
			t, err := br.flow(b.cfg.Web, b.cfg.AuthParams)
			if err != nil {
				return err
			}
			if kind == "sso-code" {
				return nil
			}
			return b.plainGet(b.ep.Userinfo, t.Access)
		}, nil
	}, nil
}

func (b *bench) loginMaker(full bool) (maker, error) {
	if b.cfg.Web == nil {
		return nil, errNotConfigured
	}
	return func(w int) (step, error) {
		return func() error {
			br := b.newBrowser(w)
			t, err := br.flow(b.cfg.Web, b.cfg.AuthParams)
			if err != nil || !full {
				return err
			}
			return b.plainGet(b.ep.Userinfo, t.Access)
		}, nil
	}, nil
}
