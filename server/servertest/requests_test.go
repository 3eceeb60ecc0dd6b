package servertest

import (
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
