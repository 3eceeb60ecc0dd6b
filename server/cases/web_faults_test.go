package cases

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// broken is a database whose reads of requests and sessions end in err, or in a panic.
type broken struct {
	storage.Store
	err error
}

func (b *broken) fails() error {
	if b.err != nil && strings.HasPrefix(b.err.Error(), "panic") {
		panic(b.err)
	}
	return b.err
}

func (b *broken) Request(ctx context.Context, h []byte, now time.Time) (*storage.Request, error) {
	if err := b.fails(); err != nil {
		return nil, err
	}
	return b.Store.Request(ctx, h, now)
}

func (b *broken) RequestInSession(ctx context.Context, h, s []byte, now time.Time) (*storage.Request, *storage.Session, *storage.Person, error) {
	if err := b.fails(); err != nil {
		return nil, nil, nil, err
	}
	return b.Store.RequestInSession(ctx, h, s, now)
}

func (b *broken) SessionByHash(ctx context.Context, h []byte, now time.Time) (*storage.Session, *storage.Person, error) {
	if err := b.fails(); err != nil {
		return nil, nil, err
	}
	return b.Store.SessionByHash(ctx, h, now)
}

func (b *broken) Append(ctx context.Context, events ...*storage.Event) error {
	if err := b.fails(); err != nil {
		return err
	}
	return b.Store.Append(ctx, events...)
}

// W06, W11: faults of ours have the same headers as everything else, and tell a reference number and nothing more.
func TestW11OurFaultsTellAReferenceAndNothingElse(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		by := newOwner(w)
		store := &broken{Store: w.Store}
		s, err := server.New(t.Context(), server.Options{Config: w.Config, Store: store, Memory: w.Memory, Transport: w.Net, Log: slog.New(w.Logs)})
		if err != nil {
			t.Fatal(err)
		}
		w.Net.Handle(servertest.SSO, s.Handler())
		p := &prober{t: t, w: w}
		for _, fault := range []struct {
			err    error
			status int
			code   string
		}{
			{errors.New(`pq: syntax error at or near "SELECT hash FROM sessions" (SQLSTATE 42601) in /srv/soglia/storage.go:17`), 500, "server_error"},
			{errors.New("panic: runtime error: index out of range [3] with length 3"), 500, "server_error"},
			{fmt.Errorf("%w: dial tcp 10.0.0.1:5432: connect: connection refused", storage.ErrAway), 503, "temporarily_unavailable"},
			{context.DeadlineExceeded, 503, "temporarily_unavailable"},
		} {
			store.err = fault.err
			for _, q := range []probe{
				{"GET", "/login/" + by.id, "", nil}, {"POST", "/login/" + by.id + "/password", by.form, nil}, {"GET", "/authorize/" + by.id, "", nil},
				{"GET", "/account", "", nil}, {"POST", "/account/sessions/everywhere", "", nil}, {"GET", "/end_session", "", nil},
				{"HEAD", "/account", "", nil},
			} {
				q.header = head("Cookie", by.cookies, "Sec-Fetch-Site", "same-origin")
				a := p.send(q)
				want := fmt.Sprintf("%d %s", fault.status, fault.code)
				if q.method == http.MethodHead {
					want = fmt.Sprint(fault.status)
				}
				if a.says() != want {
					t.Errorf("%v: %s: %s", fault.err, a, a.says())
				}
				for _, m := range a.manners(web.Page) {
					if m != ofOurs {
						t.Errorf("%v: %s lacks %s", fault.err, a, m)
					}
				}
				for _, leak := range []string{"pq:", "syntax", "sessions (", "index out", "10.0.0.1", "refused", "deadline", "storage:"} {
					if strings.Contains(a.body, leak) {
						t.Errorf("%s tells %q", a, leak)
					}
				}
				if ref := a.header.Get("X-Request-Id"); q.method != http.MethodHead && !strings.Contains(a.body, ref) || !strings.Contains(w.Logs.String(), ref) {
					t.Errorf("%s: its reference %s is not on the page and in the log", a, ref)
				}
				if (a.header.Get("Retry-After") != "") != (fault.status == 503) {
					t.Errorf("%s: Retry-After %q", a, a.header.Get("Retry-After"))
				}
				if len(a.cookies) > 0 {
					t.Errorf("%s: a fault changed the cookies: %v", a, a.cookies)
				}
			}
		}
		store.err = nil
		if a := p.send(probe{"GET", "/account", "", head("Cookie", by.cookies)}); a.status != 200 {
			t.Errorf("afterwards: %s", a.says())
		}
	}, servertest.With(throughProxy))
}

// W11: what is not there says so, and nothing of what is.
func TestW11WhatIsNotThereTellsNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &prober{t: t, w: w}
		for path, method := range map[string]string{
			"/nowhere": "GET", "/account/": "POST", "/api/x": "GET", "/static/": "GET", "/static/../soglia.yaml": "GET", "/.git/config": "GET", "/.env": "GET",
			"/token/x": "POST", "/jwks": "DELETE", "/authorize": "PUT", "/support": "TRACE", "/server-status": "GET", "/favicon.ico": "GET",
		} {
			a := p.send(probe{method, path, "", head("X-Secret", "came-back", "Sec-Fetch-Site", "same-origin")})
			if a.status != 404 && a.status != 405 {
				t.Errorf("%s: %s", a, a.says())
			}
			for _, m := range a.manners(web.Page) {
				t.Errorf("%s lacks %s", a, m)
			}
			if strings.Contains(a.body, "came-back") {
				t.Errorf("%s repeats the request", a)
			}
		}
	}, servertest.With(throughProxy))
}

// W06: too many requests are told in the same form.
func TestW06ARefusedFloodHasItsHeadersToo(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &prober{t: t, w: w}
		seen := map[int]int{}
		for range 250 {
			a := p.send(probe{"GET", "/support", "", nil})
			seen[a.status]++
			for _, m := range a.manners(web.Page) {
				t.Errorf("%s lacks %s", a.says(), m)
			}
			if a.status == 429 && (a.says() != "429 too_many_requests" || a.header.Get("Retry-After") == "") {
				t.Errorf("%s, Retry-After %q", a.says(), a.header.Get("Retry-After"))
			}
		}
		if seen[429] == 0 || seen[200] != 200 {
			t.Errorf("answers: %v", seen)
		}
	}) // everything comes from one address
}
