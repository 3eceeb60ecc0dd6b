package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// F07: the pace hangs on the contact, over all sessions and both engines.
func TestF07TenSessionsAskAtOnceAndOneCodeLeaves(t *testing.T) {
	for name, o := range map[string][]servertest.Option{"sqlite": nil, "postgres": {servertest.OnPostgres()}} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				var bs []*servertest.Browser
				for i := range 10 {
					b := w.Browser("dora")
					b.IP = "203.0.113." + string(rune('0'+i))
					w.SignedIn(b, w.RP1, w.U2)
					bs = append(bs, b)
				}
				var wg sync.WaitGroup
				for _, b := range bs {
					wg.Go(func() { b.Open(w.RP1.Login("acr_values", "mfa")) })
				}
				wg.Wait()
				want(t, "codes", w.Codes(w.U2.Email), 1)
				for _, b := range bs {
					if b.Step() == "otp" && b.Has("resend") {
						b.Do("POST", b.URL().Path+"/send", url.Values{})
						if b.Status() != 429 {
							t.Errorf("resend within the minute: %d", b.Status())
						}
					}
				}
				want(t, "codes", w.Codes(w.U2.Email), 1)
				for range 12 {
					time.Sleep(61 * time.Second)
					w.Deliver()
					for _, b := range bs {
						b.Do("POST", "/login/"+strings.Split(b.URL().Path, "/")[2]+"/send", url.Values{})
					}
				}
				want(t, "codes in 13 minutes", w.Codes(w.U2.Email), 10)
				want(t, "records of codes sent", len(w.Records("mfa.sent")), 10)
			}, o...)
		})
	}
}

// One code, one winner; whoever comes second gets no session.
func TestOf32RightCodesAtOnceOneWins(t *testing.T) {
	for name, o := range map[string][]servertest.Option{"sqlite": nil, "postgres": {servertest.OnPostgres()}} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("dora")
				w.SignedIn(b, w.RP1, w.U2)
				b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
				page := *b.URL()
				code := w.Code(w.U2.Email)
				var wg sync.WaitGroup
				var won atomic.Int64
				cookies := b.Cookies(servertest.SSO)
				for range 32 {
					wg.Go(func() {
						x := w.Browser("x")
						for _, c := range cookies {
							x.SetCookie(servertest.SSO, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/", Secure: true})
						}
						x.Do("POST", page.String()+"/code", url.Values{"otp": {code}, "shown": {b.Tag()}})
						if x.Status() == 303 && x.Header().Get("Set-Cookie") != "" {
							won.Add(1)
						}
					})
				}
				wg.Wait()
				if won.Load() != 1 || len(w.Records("mfa.ok")) != 1 {
					t.Errorf("%d won, %d records of success", won.Load(), len(w.Records("mfa.ok")))
				}
			}, o...)
		})
	}
}
