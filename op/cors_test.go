package op

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// brokenStore finds no access token, for a reason of its own.
type brokenStore struct {
	storage.Store
	err error
}

func (s brokenStore) AccessToken(context.Context, []byte, time.Time) (*storage.AccessToken, *storage.Grant, *storage.Person, error) {
	if s.err == nil {
		panic("on purpose")
	}
	return nil, nil, nil, s.err
}

// Also what went wrong on our side can be read, so that a panel's script knows to try again.
func TestQ28_OurOwnTroubleCanBeRead(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		for status, err := range map[int]error{503: storage.ErrAway, 500: errors.New("odd"), -500: nil} {
			h.op.Store = brokenStore{h.store, err}
			r := httptest.NewRequest("GET", issuer+"/userinfo", nil)
			r.Header.Set("Authorization", "Bearer "+prefixAccess+"x")
			r.Header.Set("Origin", "https://spa.example")
			w := h.send(r)
			if w.Code != max(status, -status) || w.Header().Get("Access-Control-Allow-Origin") != "https://spa.example" || w.Header().Get("Vary") != "Origin" {
				t.Errorf("%d: %d %v", status, w.Code, w.Header())
			}
		}
	})
}
