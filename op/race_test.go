package op

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/soglia-sso/soglia/storage/storagetest"
)

// engines runs f on both databases, outside a bubble: PostgreSQL has sockets.
func engines(t *testing.T, f func(t *testing.T, h *house)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newHouse(t, storagetest.SQLite(t), nil)) })
	t.Run("postgres", func(t *testing.T) { f(t, newHouse(t, storagetest.Postgres(t), nil)) })
}

// race calls f n times at once and returns the statuses.
func race(n int, f func() int) (statuses []int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	start := make(chan struct{})
	for range n {
		wg.Go(func() {
			<-start
			s := f()
			mu.Lock()
			defer mu.Unlock()
			statuses = append(statuses, s)
		})
	}
	close(start)
	wg.Wait()
	return statuses
}

// oneWinner checks that one call succeeded and all others were told invalid_grant.
func oneWinner(t *testing.T, statuses []int) {
	t.Helper()
	won := 0
	for _, s := range statuses {
		switch s {
		case http.StatusOK:
			won++
		case http.StatusBadRequest:
		case http.StatusServiceUnavailable: // waited too long for SQLite's one writer, under -race: nothing was done
		default:
			t.Errorf("status %d", s)
		}
	}
	if won != 1 {
		t.Errorf("%d winners", won)
	}
}

func TestOfThirtyTwoRedemptionsOneWinsAndThenNobody(t *testing.T) {
	engines(t, func(t *testing.T, h *house) {
		h.person("anna")
		code := h.signIn("anna", pwd).code()
		oneWinner(t, race(32, func() int { return h.token("rp1", codeForm(code)).Code }))
		if !slices.Contains(h.events(), "token.revoked code_replay") {
			t.Error(h.events())
		}
	})
}

func TestOfThirtyTwoRefreshesOneWinsAndThenNobody(t *testing.T) {
	engines(t, func(t *testing.T, h *house) {
		h.person("anna")
		token := h.redeem(h.signIn("anna", pwd).code()).Refresh
		oneWinner(t, race(32, func() int { return h.token("rp1", refreshForm(token)).Code }))
		if !slices.Contains(h.events(), "token.reuse refresh_reuse") {
			t.Error(h.events())
		}
	})
}

func TestOfThirtyTwoContinuationsOneGetsTheCode(t *testing.T) {
	engines(t, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.browser()
		id := b.authorize().Header().Get("Location")[len("/login/"):]
		h.signInto(b, "anna", pwd)
		got := race(32, func() int {
			one := &browser{h: h, cookies: b.cookies}
			return one.get("/authorize/" + id).Code
		})
		slices.Sort(got)
		if got[0] != http.StatusFound || got[1] == http.StatusFound {
			t.Error(got)
		}
	})
}
