package servertest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

// flood has n visitors begin a sign-in and go away. Those who follow come as far as the page, with a cookie.
func flood(w *World, rp *RP, n int, follow bool) {
	w.T.Helper()
	for i := range n {
		if i%8 == 0 {
			time.Sleep(time.Second) // below the limit of requests in a second, which is another matter
		}
		b := w.Browser("flooder")
		if follow {
			b.Open(rp.Login()).WantStep("login")
			continue
		}
		b.Do(http.MethodGet, rp.Authorize(nil), nil).WantStatus(http.StatusFound)
	}
}

// narrow makes the limits small enough for a test.
func narrow(change func(l *config.FileLimits)) Option {
	return With(func(f *config.File) { change(&f.Limits) })
}

// Q74: all of them share an address, as behind the NAT of an office. Nobody there can keep the others out, whatever he
// opens, with cookies or without.
func TestQ74NobodyShutsTheOthersBehindAnAddressOut(t *testing.T) {
	for name, follow := range map[string]bool{"without cookies": false, "with a cookie each": true} {
		for engine, opts := range map[string][]Option{"SQLite": nil, "PostgreSQL": {OnPostgres()}} {
			t.Run(name+", "+engine, func(t *testing.T) {
				opts := append(opts, narrow(func(l *config.FileLimits) { l.RequestsPerIP = 100 }))
				Run(t, func(t *testing.T, w *World) {
					inside := w.Browser("signed in")
					w.SignedIn(inside, w.RP1, w.V)
					before := w.Browser("before").Open(w.RP1.Login()).WantStep("login")
					halfway := w.Browser("halfway").Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
					asked := inside.Tab("step-up").Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")

					flood(w, w.RP1, 250, follow)

					// Whoever sits at a page goes on where it is.
					before.SignIn(w.U2)
					if got := w.RP1.Last(); got.Error != "" || got.IDToken.Subject != w.U2.ID {
						t.Errorf("who came before: %+v", got)
					}
					halfway.GiveCode(w.U1.AppCode())
					if got := w.RP1.Last(); got.Error != "" || got.IDToken.Subject != w.U1.ID {
						t.Errorf("who had proved something: %+v", got)
					}
					asked.GiveCode(w.Code(w.V.Email))
					if got := w.RP1.Last(); got.Error != "" || got.Claims["acr"] != "mfa" {
						t.Errorf("a step-up: %+v", got)
					}
					// And whoever comes now gets in.
					w.SignedIn(w.Browser("newcomer"), w.RP2, w.V)
					inside.Tab("another").Open(w.RP1.Login("prompt", "login")).WantStep("login")
				}, opts...)
			})
		}
	}
}

// Q74: a person with many tabs loses none: the oldest that nothing was proved in makes room, and opens again when it is
// come back to.
func TestQ74ATabTooManyClosesTheOldestUntilItIsComeBackTo(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		b := w.Browser("many tabs")
		var tabs []*Browser
		for i := range 6 {
			time.Sleep(time.Second)
			tabs = append(tabs, b.Tab(fmt.Sprint(i)).Open(w.RP1.Login()).WantStep("login"))
			if n, err := w.Store.OpenRequests(t.Context(), time.Now()); err != nil || n > 3 {
				t.Errorf("tab %d: %d open, %v", i+1, n, err)
			}
		}
		tabs[0].Open(tabs[0].URL().String()).WantStep("login") // reloaded
		tabs[1].SignIn(w.V)                                    // posted into
		if got := w.RP1.Last(); got.Error != "" || got.IDToken.Subject != w.V.ID {
			t.Errorf("the second tab: %+v", got)
		}
		for _, tab := range tabs[2:] { // signed in by then: each gets its code
			n := w.RP1.Answers()
			tab.Open(tab.URL().String())
			if w.RP1.Answers() != n+1 || w.RP1.Last().Error != "" {
				t.Errorf("%s: %s", tab.Name, tab.URL())
			}
		}
	}, narrow(func(l *config.FileLimits) { l.RequestsPerBrowser = 3 }))
}

// Q74: when there is no room anywhere, whoever brings no cookie waits, and nobody is put out.
func TestQ74TheCapOverAllTurnsAwayWhoBringsNoCookie(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		known := w.Browser("known")
		w.SignedIn(known, w.RP1, w.V)
		old := w.Browser("old").Open(w.RP1.Login()).WantStep("login")
		flood(w, w.RP1, 4, false)
		late := w.Browser("late").Open(w.RP1.Login()).WantStatus(http.StatusTooManyRequests)
		if s := late.Header().Get("Retry-After"); s == "" || len(s) > 2 {
			t.Errorf("Retry-After %q", s)
		}
		known.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		old.Tab("again").Open(w.RP1.Login()).WantStep("login")
		old.SignIn(w.U2)
		if got := w.RP1.Last(); got.IDToken.Subject != w.U2.ID {
			t.Errorf("who was there before: %+v", got)
		}
		time.Sleep(31 * time.Minute)
		late.Open(w.RP1.Login()).WantStep("login")
	}, narrow(func(l *config.FileLimits) { l.Requests = 5 }))
}
