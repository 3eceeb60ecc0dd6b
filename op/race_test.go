package op

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/soglia-sso/soglia/storage/storagetest"
)

// engines runs f on both databases, in a bubble: its clock stands still while anybody works, a server behind a socket
// included, so that whoever waits for SQLite's one writer waits for a turn and never into a time-out.
func engines(t *testing.T, f func(t *testing.T, h *house)) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			url := database(t)
			synctest.Test(t, func(t *testing.T) { f(t, newHouse(t, url, nil)) })
		})
	}
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
		rotating(h.cfg) // without leeway
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
