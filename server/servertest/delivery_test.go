package servertest_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
	. "github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// phones is a world in which codes go out by all three channels, vera has a telephone, and the gateways report.
type phones struct {
	*World
	t        *testing.T
	sms, wa  account
	receipts *http.Client
}

const verasNumber = "+393331234567"

func withPhones(t *testing.T, w *World, more ...func(*config.File)) *phones {
	t.Helper()
	return phonesOn(t, w, []*server.Server{w.Server}, more...)
}

func phonesOn(t *testing.T, w *World, instances []*server.Server, more ...func(*config.File)) *phones {
	t.Helper()
	all := atGateways(w, instances, append([]func(*config.File){func(f *config.File) {
		f.Acr[1].Second = append(f.Acr[1].Second, "sms", "whatsapp")
		f.Factors.Codes.Channels = []string{"email", "sms", "whatsapp"}
		f.Factors.SMS = &config.FileSMSFactor{Countries: []string{"IT"}}
	}}, more...)...)
	p := &phones{World: w, t: t, sms: all[0], wa: all[len(all)-1], receipts: &http.Client{Transport: w.Net}}
	p.phone(w.V, verasNumber)
	return p
}

// phone gives somebody a proved number.
func (p *phones) phone(who *Person, number string) {
	p.t.Helper()
	then := p.Store.Now().Add(-30 * 24 * time.Hour)
	c := &storage.Contact{ID: secret.NewID(), PersonID: who.ID, Channel: "phone", Address: number, Canonical: number, VerifiedAt: then, Created: then}
	if err := p.Store.PutContact(p.t.Context(), c); err != nil {
		p.t.Fatal(err)
	}
}

// waiting is a browser at the page that waits for a code by a channel.
func (p *phones) waiting(who *Person, by string) *Browser {
	p.t.Helper()
	b := p.Browser(who.Username)
	b.Open(p.RP1.Login("acr_values", "mfa")).SignIn(who).WantStep("otp")
	return p.by(b, by)
}

// by goes to the page of another channel.
func (p *phones) by(b *Browser, channel string) *Browser {
	p.t.Helper()
	label := map[string]string{"sms": toSMS, "whatsapp": toWhatsApp}[channel]
	if label != "" && !strings.HasPrefix(b.TextOf("delivery"), map[string]string{"sms": "Text message:", "whatsapp": "WhatsApp:"}[channel]) { // the way of the last time comes first
		b.Click(label).WantStep("otp")
	}
	return b
}

// report lets a gateway say what became of the last message it took.
func (p *phones) report(f account, s gatewaytest.Status) {
	p.t.Helper()
	taken := f.Taken()
	p.tell(f, taken[len(taken)-1], s)
}

func (p *phones) tell(f account, m gatewaytest.Message, s gatewaytest.Status) {
	p.t.Helper()
	if status, err := f.Report(f.at, m, s).Send(p.t.Context(), p.receipts); err != nil || status != http.StatusOK {
		p.t.Fatalf("%s: %d, %v", f.Driver(), status, err)
	}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// codeOf is the code in a message.
func codeOf(m gatewaytest.Message) string { return sixDigits.FindString(m.Text) }

// newest is the code that a gateway took last.
func newest(f account) string {
	taken := f.Taken()
	return codeOf(taken[len(taken)-1])
}

// says reloads the page and compares what it says of the code's way, and which channel stands first.
func (p *phones) says(b *Browser, delivery, first string) {
	p.t.Helper()
	b.Open(b.URL().String()).WantStep("otp")
	want(p.t, "the page says", b.TextOf("delivery"), delivery)
	want(p.t, "what stands first", b.TextOf("other-first"), first)
	main := "main"
	if first != "" {
		main = "second"
	}
	want(p.t, "the button of the code", b.Value("otp-submit", "class"), main)
}

// asked is what the page's script is told.
type asked struct {
	State, Clock string
	Again        int
}

func scriptAsks(t *testing.T, b *Browser, path string) (got asked, status int) {
	t.Helper()
	tab := b.Tab("its script")
	tab.Do("GET", "https://"+SSO+path, nil)
	if tab.Status() == http.StatusOK {
		if err := json.Unmarshal(tab.Body(), &got); err != nil {
			t.Fatalf("%v: %s", err, tab.Body())
		}
	}
	return got, tab.Status()
}

const (
	toSMS      = "Send a text message to ••• ••• 567"
	toWhatsApp = "Send it by WhatsApp to ••• ••• 567"
)

func TestAWhatsAppThatFailsPutsTheTextMessageFirst(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		p := withPhones(t, w)
		b := p.waiting(w.V, "whatsapp")
		p.says(b, "WhatsApp: waiting to be sent.", "")
		w.Deliver()
		clock := w.Store.Now().In(rome(t)).Format("15:04")
		p.says(b, "WhatsApp: sent at "+clock+".", "")
		p.report(p.wa, gatewaytest.Failed)
		p.says(b, "WhatsApp: not delivered. Check that the number is right and uses WhatsApp, or choose another way.", toSMS)
		want(t, "messages by others", len(p.sms.Taken()), 0) // offered, never chosen
		if strings.Contains(b.Text(), "We have sent the code") {
			t.Error("sent, it says all the same")
		}
		old := newest(p.wa)
		b.Click(toSMS).WantStep("otp")
		w.Deliver()
		p.says(b, "Text message: sent at "+clock+".", "")
		p.report(p.sms, gatewaytest.Delivered)
		p.says(b, "Text message: delivered at "+clock+".", "")
		time.Sleep(5 * time.Minute)
		p.says(b, "Text message: delivered at "+clock+".", "")
		b.GiveCode(old).WantStatus(http.StatusUnprocessableEntity)
		b.GiveCode(newest(p.sms))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	})
}

func rome(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Half a minute without a word that the code arrived. A mail server never says so, and nothing is claimed.
func TestHalfAMinuteWithoutAWordPutsTheNextChannelFirst(t *testing.T) {
	for _, c := range []struct{ by, channel, first string }{
		{"email", "E-mail", toSMS}, {"sms", "Text message", toWhatsApp}, {"whatsapp", "WhatsApp", toSMS},
	} {
		t.Run(c.by, func(t *testing.T) {
			Run(t, func(t *testing.T, w *World) {
				p := withPhones(t, w)
				b := p.waiting(w.V, c.by)
				w.Deliver()
				sent := c.channel + ": sent at " + w.Store.Now().In(rome(t)).Format("15:04") + "."
				if c.by != "email" {
					p.report(map[string]account{"sms": p.sms, "whatsapp": p.wa}[c.by], gatewaytest.Sent)
				}
				time.Sleep(29 * time.Second)
				p.says(b, sent, "")
				want(t, "seconds left", b.Value("delivery", "data-other-in"), "1")
				time.Sleep(time.Second)
				p.says(b, sent, c.first)
				b.Click(c.first).WantStep("otp") // and it leaves at once, although the first one was sent half a minute ago
				w.Deliver()
				next := p.sms
				if c.first == toWhatsApp {
					next = p.wa
				}
				b.GiveCode(newest(next))
				want(t, "acr", w.RP1.Last().Acr(), "mfa")
			})
		})
	}
}

// The script of a page asks for one code of its own, and learns what a reload says.
func TestThePageAsksWhatBecameOfItsCode(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		p := withPhones(t, w)
		b := p.waiting(w.V, "sms")
		path := b.Value("delivery", "data-poll")
		want(t, "may ask", b.Header().Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; connect-src 'self'")
		asks := func(state, clock string, again bool) {
			t.Helper()
			got, status := scriptAsks(t, b, path)
			if status != http.StatusOK || got.State != state || got.Clock != clock || (got.Again > 0) != again {
				t.Errorf("%d %+v, want %s %s", status, got, state, clock)
			}
		}
		clock := func() string { return w.Store.Now().In(rome(t)).Format("15:04") }
		asks("queued", "", true)
		w.Deliver()
		asks("sent", clock(), true)
		sent := clock()
		time.Sleep(2 * time.Minute)
		asks("sent", sent, true)
		p.report(p.sms, gatewaytest.Delivered)
		asks("delivered", clock(), false)
		want(t, "asks", b.Open(b.URL().String()).Value("delivery", "data-poll"), "") // nothing more will be known
		if csp := b.Header().Get("Content-Security-Policy"); strings.Contains(csp, "connect-src") {
			t.Errorf("it may still ask: %s", csp)
		}

		spent := w.Store.Count(func() { asks("delivered", clock(), false) })
		want(t, "statements", spent.Statements, 1)
		want(t, "commits", spent.Commits, 0)
		tab := b.Tab("headers").Do("GET", "https://"+SSO+path, nil)
		want(t, "kept", tab.Header().Get("Cache-Control"), "no-store")
		want(t, "cookies", len(tab.Header().Values("Set-Cookie")), 0)

		// Whoever it does not belong to, and whoever asks for nothing, reads the same.
		evil := w.Browser("stranger")
		evil.Open(w.RP1.Login())
		other := strings.Split(evil.URL().Path, "/")[2]
		code, mine := path[strings.LastIndex(path, "/")+1:], strings.Split(path, "/")[2]
		bare := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}|href="[^"]*"`)
		read := func(b *Browser, path string) string {
			t.Helper()
			tab := b.Tab("asks").Do("GET", "https://"+SSO+path, nil)
			return http.StatusText(tab.Status()) + " " + bare.ReplaceAllString(string(tab.Body()), "")
		}
		nothing := read(b, "/login/"+mine+"/delivery/none")
		if !strings.HasPrefix(nothing, "Not Found") {
			t.Error(nothing)
		}
		for what, got := range map[string]string{
			"another browser": read(evil, path), "its own request": read(evil, "/login/"+other+"/delivery/"+code),
			"no browser": read(w.Browser("new"), path), "the account area": read(b, "/account/delivery/"+code),
		} {
			if got != nothing {
				t.Errorf("%s reads something else:\n%s\n%s", what, got, nothing)
			}
		}
		if status := evil.Do("POST", "https://"+SSO+path, nil).Status(); status != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", status)
		}

		b.GiveCode(newest(p.sms))
		if got := read(b, path); got != nothing {
			t.Errorf("the code is used, and the page reads %s", got)
		}
	})
}

// In the account area it hangs on the session, and it is no activity.
func TestAskingWhatBecameOfACodeKeepsNoSessionAlive(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		p := withPhones(t, w, func(f *config.File) { f.Sessions.Idle = 6 * time.Minute })
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		time.Sleep(2 * time.Minute)
		b.Open(accountURL + "/confirm/sessions").WantStep("otp")
		p.by(b, "sms")
		path := b.Value("delivery", "data-poll")
		want(t, "path", path[:strings.LastIndex(path, "/")], "/account/delivery")
		if _, status := scriptAsks(t, w.Browser("stranger"), path); status != http.StatusNotFound {
			t.Errorf("a stranger: %d", status)
		}
		spent := w.Store.Count(func() { scriptAsks(t, b, path) })
		want(t, "statements", spent.Statements, 1)
		want(t, "commits", spent.Commits, 0)
		for range 3 {
			time.Sleep(time.Minute)
			if _, status := scriptAsks(t, b, path); status != http.StatusOK {
				t.Fatalf("%d", status)
			}
		}
		time.Sleep(time.Minute + time.Second)
		if _, status := scriptAsks(t, b, path); status != http.StatusNotFound {
			t.Errorf("the session is over for want of activity, and its page reads %d", status)
		}
	})
}

// Receipts come late, twice, in any order and about other people's messages: they move a line of the page and nothing else.
func TestReceiptsMoveALineOfThePageAndNoCode(t *testing.T) {
	for channel, name := range map[string]string{"sms": "Text message", "whatsapp": "WhatsApp"} {
		t.Run(channel, func(t *testing.T) {
			Run(t, func(t *testing.T, w *World) {
				p := withPhones(t, w)
				p.phone(w.U2, "+393337654321")
				f := map[string]account{"sms": p.sms, "whatsapp": p.wa}[channel]
				last := func() gatewaytest.Message { return f.Taken()[len(f.Taken())-1] }
				clock := func() string { return w.Store.Now().In(rome(t)).Format("15:04") }

				b := p.waiting(w.V, channel)
				w.Deliver()
				mine, sent := last(), name+": sent at "+clock()+"."
				dora := w.Browser("dora").Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.U2).WantStep("otp")
				dora.Click(map[string]string{"sms": "Send a text message to ••• ••• 321", "whatsapp": "Send it by WhatsApp to ••• ••• 321"}[channel])
				w.Deliver()
				hers := last()
				p.tell(f, hers, gatewaytest.Failed)
				p.says(b, sent, "")
				for _, flaw := range f.Flaws() {
					if _, err := f.Report(f.at, mine, gatewaytest.Failed, flaw).Send(t.Context(), p.receipts); err != nil {
						t.Fatal(err)
					}
					p.says(b, sent, "")
				}
				time.Sleep(time.Minute)
				delivered := name + ": delivered at " + clock() + "."
				for _, s := range []gatewaytest.Status{gatewaytest.Delivered, gatewaytest.Delivered, gatewaytest.Sent, gatewaytest.Failed} {
					p.tell(f, mine, s)
					p.says(b, delivered, "")
				}
				time.Sleep(2 * time.Minute)
				p.tell(f, mine, gatewaytest.Read)
				p.says(b, delivered, "")

				// No code was used, replaced or made by any of it, and one that its gateway gave up is as good as any.
				want(t, "messages", len(f.Taken()), 2)
				dora.GiveCode(codeOf(hers))
				want(t, "dora", w.RP1.Last().Acr(), "mfa")
				b.GiveCode("000000").WantStatus(http.StatusUnprocessableEntity)
				b.GiveCode(codeOf(mine))
				want(t, "vera", w.RP1.Last().Acr(), "mfa")
			})
		})
	}
}

// After the code's end a receipt changes nothing: the page says that the code is over, and its script has nothing to ask.
func TestAReceiptAfterTheCodesEndWakesNothing(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		p := withPhones(t, w)
		b := p.waiting(w.V, "whatsapp")
		path := b.Value("delivery", "data-poll")
		w.Deliver()
		time.Sleep(10 * time.Minute)
		for _, s := range []gatewaytest.Status{gatewaytest.Sent, gatewaytest.Delivered, gatewaytest.Read} {
			p.report(p.wa, s)
			if _, status := scriptAsks(t, b, path); status != http.StatusNotFound {
				t.Errorf("%s: its script reads %d", s, status)
			}
		}
		before := w.Dump()
		p.report(p.wa, gatewaytest.Failed)
		want(t, "the database", w.Dump(), before)
		b.GiveCode(newest(p.wa)).WantStatus(http.StatusUnprocessableEntity)
		want(t, "the page", b.Has("delivery"), false)
		want(t, "messages", len(p.wa.Taken()), 1)
	})
}

// The code that switches a number on is followed like any other, in the account area and while signing in.
func TestTheCodeOfANewNumberIsFollowedToo(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		follow := func(b *Browser) {
			t.Helper()
			path := b.WantStep("enrol_code").Value("delivery", "data-poll")
			want(t, "the page says", b.TextOf("delivery"), "Text message: waiting to be sent.")
			got, status := scriptAsks(t, b, path)
			want(t, "answer", status, http.StatusOK)
			want(t, "its script is told", got.State, "queued")
			if _, status := scriptAsks(t, w.Browser("stranger"), path); status != http.StatusNotFound {
				t.Errorf("a stranger: %d", status)
			}
			w.Deliver()
			got, _ = scriptAsks(t, b, path)
			want(t, "its script is told", got.State, "sent")
			time.Sleep(30 * time.Second)
			b.Open(b.URL().String()).WantStep("enrol_code")
			want(t, "what stands first", b.TextOf("other-first"), toWhatsApp)
		}
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/factors/new").GiveCode(w.Code(w.V.Email))
		b.WantStep("account_new").Submit("add-sms").WantStep("enrol_number")
		follow(b.FillID("number", "+39 333 123 4567").Submit("number-submit"))

		b = w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		stepUp(w, b).WantStep("otp").Click(textsOn)
		b.GiveCode(w.Code(w.U2.Email)).WantStep("enrol").Click(textsOn)
		follow(b.WantStep("enrol_number").FillID("number", "+39 333 123 4567").Submit("number-submit"))
	}, ByPhone())
}

// Whoever asks without a pause is sent away before the database is asked.
func TestAskingWithoutAPauseIsBounded(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		p := withPhones(t, w)
		b := p.waiting(w.V, "sms")
		path, answered := b.Value("delivery", "data-poll"), 0
		spent := w.Store.Count(func() {
			for range 400 {
				if _, status := scriptAsks(t, b, path); status == http.StatusOK {
					answered++
				} else if status != http.StatusTooManyRequests {
					t.Fatalf("%d", status)
				}
			}
		})
		if answered >= 400 || spent.Statements != answered || spent.Commits != 0 {
			t.Errorf("%d answers, %+v", answered, spent)
		}
		time.Sleep(10 * time.Second)
		if _, status := scriptAsks(t, b, path); status != http.StatusOK {
			t.Errorf("afterwards: %d", status)
		}
	})
}
