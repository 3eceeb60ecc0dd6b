package servertest_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/server"
	. "github.com/soglia-sso/soglia/server/servertest"
)

// A code through a whole server with each gateway in each mood. The page's request makes no call and waits for none; the
// worker makes five at most, and none after the code's end; whatever goes out is the one code of the page, twice at most, and
// another channel is offered and not used.
func TestR08ThePageWaitsForNoGatewayAndNobodyGetsASecondCode(t *testing.T) {
	says := map[gatewaytest.Mode]string{ // once the gateway was tried as often as it will be
		gatewaytest.Right: "sent at",
	}
	for _, channel := range []string{"sms", "whatsapp"} {
		for _, mode := range gatewaytest.Modes {
			t.Run(channel+"/"+mode.String(), func(t *testing.T) {
				Run(t, func(t *testing.T, w *World) {
					p := withPhones(t, w)
					f, other, first := p.sms, p.wa, toWhatsApp
					if channel == "whatsapp" {
						f, other, first = p.wa, p.sms, toSMS
					}
					f.Behave(mode)
					begin := time.Now()
					b := p.waiting(w.V, channel)
					if f.Requests() != 0 || time.Since(begin) != 0 {
						t.Errorf("the page made %d requests and took %s", f.Requests(), time.Since(begin))
					}
					end, page := begin.Add(10*time.Minute), b.URL().String()

					ctx, stop := context.WithCancel(context.Background())
					ended := make(chan error, 1)
					go func() { ended <- w.Server.Run(ctx) }()
					for time.Since(begin) < 9*time.Minute {
						time.Sleep(20 * time.Second)
						at := time.Now()
						b.Open(page).WantStep("otp")
						scriptAsks(t, b, b.Value("delivery", "data-poll"))
						if took := time.Since(at); took != 0 {
							t.Errorf("a page took %s", took)
						}
					}
					text := b.TextOf("delivery")
					if want := says[mode]; want == "" && !strings.Contains(text, "we could not send it") || want != "" && !strings.Contains(text, want) {
						t.Errorf("the page says %q", text)
					}
					want(t, "what stands first", b.TextOf("other-first"), first)
					time.Sleep(time.Until(end))
					tries := f.Requests()
					time.Sleep(10 * time.Minute) // longer than between any two tries; the worker looks every two seconds of it
					stop()
					if err := <-ended; err != nil {
						t.Error(err)
					}
					if tries == 0 || tries > 5 || f.Requests() != tries || len(other.Taken()) != 0 || len(f.Mistakes()) > 0 {
						t.Errorf("%d tries, %d after the end, %d by another channel, mistakes %q", tries, f.Requests()-tries, len(other.Taken()), f.Mistakes())
					}
					taken := f.Taken()
					if len(taken) > 2 || slices.ContainsFunc(taken, func(m gatewaytest.Message) bool { return codeOf(m) != codeOf(taken[0]) || m.At.After(end) }) {
						t.Errorf("taken: %+v", taken)
					}
					b.Open(page) // where the code is over, and none was sent for it
					want(t, "codes of another hour", f.Requests(), tries)
				})
			})
		}
	}
}

// The same of mail, in real time, because a mail server is reached by sockets: this one takes connections and says nothing.
func TestR08ThePageWaitsForNoMailServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var calls atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			defer c.Close()
		}
	}()
	w := New(t, MailBy("smtp://"+l.Addr().String()))
	b := w.Browser("vera").Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.V).WantStep("otp")
	page := b.URL().String()
	ask := func(state string) {
		t.Helper()
		b.Open(page).WantStep("otp")
		got, status := scriptAsks(t, b, b.Value("delivery", "data-poll"))
		want(t, "status", status, http.StatusOK)
		want(t, "state", got.State, state)
	}
	ask("queued")
	want(t, "calls of the pages", calls.Load(), 0)
	w.Deliver()
	ask("late")
	want(t, "tries", calls.Load(), 1)
}

// A code that a gateway took and did not say so opens the door all the same, and the other channel's replaces it.
func TestR08ACodeThatWentOutUnnoticedIsGoodUntilAnotherChannelsIsAskedFor(t *testing.T) {
	for _, mode := range []gatewaytest.Mode{gatewaytest.Drip, gatewaytest.Reset, gatewaytest.Malformed} {
		t.Run(mode.String(), func(t *testing.T) {
			Run(t, func(t *testing.T, w *World) {
				p := withPhones(t, w)
				p.sms.Behave(mode)
				b := p.waiting(w.V, "sms")
				w.Deliver()
				b.GiveCode(newest(p.sms))
				want(t, "acr", w.RP1.Last().Acr(), "mfa")

				time.Sleep(2 * time.Minute)
				again := p.waiting(w.V, "sms")
				w.Deliver()
				unnoticed := newest(p.sms)
				p.says(again, "Text message: not sent yet. We’ll keep trying.", toWhatsApp)
				again.Click(toWhatsApp).WantStep("otp")
				w.Deliver()
				again.GiveCode(unnoticed).WantStatus(http.StatusUnprocessableEntity)
				again.GiveCode(newest(p.wa))
				want(t, "acr", w.RP1.Last().Acr(), "mfa")
			})
		})
	}
}

// Two instances on one outbox, codes by all three channels at once: each is handed over once, whichever instance asked for it.
func TestR10TwoInstancesHandTheCodesOfAllChannelsOverOnce(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		pair := []*server.Server{w.Server, w.Second()}
		turn := 0
		w.Route(func(*http.Request) *server.Server { turn++; return pair[turn%2] })
		p := phonesOn(t, w, pair)
		type open struct {
			b    *Browser
			who  *Person
			sent func() string
		}
		var pages []open
		to := func(f account, number string) func() string {
			return func() string {
				code := ""
				for _, m := range f.Taken() {
					if m.To == number {
						if code != "" {
							t.Errorf("%s got two", number)
						}
						code = codeOf(m)
					}
				}
				return code
			}
		}
		for i := range 5 {
			who := w.Create(&Person{Username: fmt.Sprint("p", i), Password: "pioggia sui tetti rossi", Email: fmt.Sprintf("p%d@rossi.test", i), Verified: true})
			number := fmt.Sprintf("+39333123%04d", i)
			p.phone(who, number)
			masked := " ••• ••• " + number[len(number)-3:]
			for _, by := range []struct {
				label string
				sent  func() string
			}{
				{"", func() string {
					want(t, "mails to "+who.Email, w.Codes(who.Email), 1)
					return w.Code(who.Email)
				}},
				{"Send a text message to" + masked, to(p.sms, number)},
				{"Send it by WhatsApp to" + masked, to(p.wa, number)},
			} {
				if by.label == "" {
					b := w.Browser(who.Username).Open(w.RP1.Login("acr_values", "mfa")).SignIn(who).WantStep("otp")
					pages = append(pages, open{b, who, by.sent})
					continue
				}
				b := w.Browser(who.Username + by.label).Open(w.RP1.Login("acr_values", "mfa")).SignIn(who).WantStep("otp")
				pages = append(pages, open{b.Click(by.label).WantStep("otp"), who, by.sent})
			}
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 2)
		for _, s := range pair {
			go func() { ended <- s.Run(ctx) }()
		}
		time.Sleep(time.Minute)
		stop()
		for range pair {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		want(t, "text messages", len(p.sms.Taken()), 5)
		want(t, "by WhatsApp", len(p.wa.Taken()), 5)
		for _, page := range pages {
			page.b.GiveCode(page.sent())
			want(t, page.who.Username, w.RP1.Last().Acr(), "mfa")
		}
	}, OnPostgres())
}
