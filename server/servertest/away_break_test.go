package servertest_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// away is a store whose database is away while off is set.
type away struct {
	storage.Store
	off *atomic.Bool
}

func (a away) Tx(ctx context.Context, f func(storage.Records) error) error {
	if a.off.Load() {
		return storage.ErrAway
	}
	return a.Store.Tx(ctx, f)
}

func (a away) Request(ctx context.Context, h []byte, now time.Time) (*storage.Request, error) {
	if a.off.Load() {
		return nil, errors.Join(storage.ErrAway, errors.New("dial tcp 10.0.0.1:5432: refused"))
	}
	return a.Store.Request(ctx, h, now)
}

func (a away) SessionByHash(ctx context.Context, h []byte, now time.Time) (*storage.Session, *storage.Person, error) {
	if a.off.Load() {
		return nil, nil, storage.ErrAway
	}
	return a.Store.SessionByHash(ctx, h, now)
}

func (a away) IssueCode(ctx context.Context, g *storage.Grant, v int64, ev *storage.Event) error {
	if a.off.Load() {
		return storage.ErrAway
	}
	return a.Store.IssueCode(ctx, g, v, ev)
}

func (a away) CreateRequest(ctx context.Context, r *storage.Request, x, y int) error {
	if a.off.Load() {
		return storage.ErrAway
	}
	return a.Store.CreateRequest(ctx, r, x, y)
}

func (a away) PersonByUsername(ctx context.Context, c string) (*storage.Person, error) {
	if a.off.Load() {
		return nil, storage.ErrAway
	}
	return a.Store.PersonByUsername(ctx, c)
}

func (a away) AccessToken(ctx context.Context, h []byte, now time.Time) (*storage.AccessToken, *storage.Grant, *storage.Person, error) {
	if a.off.Load() {
		return nil, nil, nil, storage.ErrAway
	}
	return a.Store.AccessToken(ctx, h, now)
}

func (a away) LiveGrant(ctx context.Context, id string, now time.Time) (*storage.Grant, *storage.Person, error) {
	if a.off.Load() {
		return nil, nil, storage.ErrAway
	}
	return a.Store.LiveGrant(ctx, id, now)
}

func (a away) GrantByRefresh(ctx context.Context, h []byte, now time.Time) (*storage.Grant, *storage.Person, error) {
	if a.off.Load() {
		return nil, nil, storage.ErrAway
	}
	return a.Store.GrantByRefresh(ctx, h, now)
}

// Away at any step: 503 with Retry-After, nothing half-done, and the same form works afterwards (principle 7).
func TestDatabaseAwayAtEveryStepLosesNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		var off atomic.Bool
		s, err := server.New(context.Background(), server.Options{Config: w.Config, Store: away{w.Store, &off}, Log: slog.New(w.Logs), Memory: w.Memory, Transport: w.Net})
		if err != nil {
			t.Fatal(err)
		}
		w.Route(func(*http.Request) *server.Server { return s })
		b := w.Browser("dora")
		b.Faults = true
		out := func(f func()) {
			t.Helper()
			before := w.Dump()
			off.Store(true)
			f()
			if b.Status() != 503 || b.Header().Get("Retry-After") == "" || strings.Contains(b.Text(), "dial tcp") {
				t.Errorf("%s: %d, Retry-After %q: %s", b.URL(), b.Status(), b.Header().Get("Retry-After"), b.Text())
			}
			off.Store(false)
			if after := w.Dump(); after != before {
				t.Errorf("%s left a trace", b.URL())
			}
		}
		out(func() { b.Open(w.RP1.Login()) })
		b.Open(w.RP1.Login()).WantStep("login")
		page := *b.URL()
		out(func() { b.SignIn(w.U2) })
		b.Open(page.String()).SignIn(w.U2)
		want(t, "acr", w.RP1.Last().Acr(), "sfa")
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		page = *b.URL()
		code := w.Code(w.U2.Email)
		out(func() { b.GiveCode(code) })
		b.Open(page.String()).GiveCode(code)
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		tok := w.RP1.Last().Token
		off.Store(true)
		want(t, "userinfo", w.RP1.UserInfoStatus(tok.AccessToken), 503)
		if _, err := w.RP1.Refresh(tok.RefreshToken); err == nil {
			t.Error("a refresh without a database")
		}
		off.Store(false)
		if _, err = w.RP1.Refresh(tok.RefreshToken); err != nil {
			t.Error(err)
		}
	})
}
