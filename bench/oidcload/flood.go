package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// floodMaker hammers the password form: each worker opens it once and posts to it names and passwords that nobody has,
// from ever other addresses. Whatever the server answers counts as an answer, refusals for lack of room included.
func (b *bench) floodMaker() (maker, error) {
	if b.cfg.Web == nil {
		return nil, errNotConfigured
	}
	return func(w int) (step, error) {
		br := b.newBrowser(w)
		to, err := br.passwordForm(b.cfg.Web)
		if err != nil {
			return nil, err
		}
		return func() error {
			v := url.Values{"username": {"nobody" + random(6)}, "password": {random(12)}}
			req, err := http.NewRequest(http.MethodPost, to.String(), strings.NewReader(v.Encode()))
			if err != nil {
				return err
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", to.Scheme+"://"+to.Host)
			resp, err := br.c.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable {
				err = fmt.Errorf("POST %s: %s", to, resp.Status)
			}
			return err
		}, nil
	}, nil
}

// passwordForm opens the sign-in page and says where its password form goes.
func (br *browser) passwordForm(c *Client) (*url.URL, error) {
	cur, err := url.Parse(br.b.ep.Authorization + "?" + url.Values{"response_type": {"code"}, "client_id": {c.ID}, "redirect_uri": {c.Redirect}, "scope": {c.Scope},
		"state": {random(16)}, "nonce": {random(16)}, "code_challenge_method": {"S256"}, "code_challenge": {random(32)}}.Encode())
	for range 5 {
		if err != nil {
			return nil, err
		}
		resp, err := br.c.Get(cur.String())
		if err != nil {
			return nil, err
		}
		page, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if to := resp.Header.Get("Location"); to != "" {
			if cur, err = cur.Parse(to); err != nil {
				return nil, err
			}
			continue
		}
		if f, ok := pick(forms(page)); ok && f.has("password") {
			return cur.Parse(f.action)
		}
		return nil, fmt.Errorf("%s: %s: %.200s", cur, resp.Status, words(page))
	}
	return nil, fmt.Errorf("%s: no page comes up", cur)
}
