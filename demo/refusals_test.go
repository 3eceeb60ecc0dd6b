package demo

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// paper is written by many at once.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

// The page says only that the panel is wrongly set up. Whoever tries a panel of their own looked into the terminal, and
// there was nothing.
func TestQ41WhatIsRefusedToAPanelIsToldInTheTerminal(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	out := &paper{}
	err := Run(ctx, Options{Out: out, Client: "http://localhost:3000/callback", Ready: func(at Running) {
		defer stop()
		c := visitor(t)
		for _, query := range []string{
			"client_id=my-panel&redirect_uri=http://localhost:3000/callbak&response_type=code&scope=openid",
			"client_id=my-pannel&redirect_uri=http://localhost:3000/callback&response_type=code&scope=openid",
			"client_id=" + panelClient + "&redirect_uri=" + url.QueryEscape(at.Panel+"/callback") + "&response_type=code&scope=openid",
		} {
			get(t, c, at.SSO+"/authorize?"+query)
		}
		req, _ := http.NewRequest("POST", at.SSO+"/token", strings.NewReader("grant_type=authorization_code&code=x"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth("my-panel", "wrong")
		if res, err := c.Do(req); err == nil {
			res.Body.Close()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{
		`refused: redirect URI http://localhost:3000/callbak is not registered for client "my-panel"; the nearest one is http://localhost:3000/callback`,
		`refused: there is no client "my-pannel"`,
		`refused: invalid_request of client "` + panelClient + `": `,
		`refused: POST /token: 401 invalid_client`,
	} {
		if !strings.Contains(out.b.String(), wanted) {
			t.Errorf("%q is not told:\n%s", wanted, out.b.String())
		}
	}
}
