package servertest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// byText lets codes leave by text message too, and the operator be told of limits that shut.
func byText(f *config.File) {
	f.Channels.SMS = []config.FileGateway{{Driver: "outbox", Name: "sms"}}
	f.Factors.Codes.Channels = []string{"sms", "email"}
	f.Acr[1].Second = append(f.Acr[1].Second, "sms")
	f.Alerts.Email = "noc@example.test"
}

// caller is somebody with a number on file and, where one is given, a mail address.
func caller(w *servertest.World, name, number, email string) *servertest.Person {
	return w.Create(&servertest.Person{Username: name, Password: "una lanterna sul molo", Email: email, Phone: number})
}

// texts are the text messages to numbers that begin so.
func texts(w *servertest.World, prefix string) (n int) {
	w.Deliver()
	for _, m := range w.Memory.All() {
		if m.Channel == "sms" && strings.HasPrefix(m.To, prefix) {
			n++
		}
	}
	return n
}

// The run of issue 12: 50 numbers of one prefix abroad and as many at home, one number on 30 accounts, 200 who want their code
// again, all at once on two instances with one database. Caps and breaker hold; a customer of the same minute gets the code.
func TestF07TollFraudCapsAndBreakerHoldOverTwoInstances(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		alternate(w)
		type asker struct {
			b *servertest.Browser
			p *servertest.Person
		}
		var all []asker
		add := func(name, number string) {
			b := w.Browser(name)
			b.IP = fmt.Sprintf("198.51.100.%d", len(all)%250)
			all = append(all, asker{b, caller(w, name, number, "")})
		}
		for i := range 50 {
			add(fmt.Sprint("abroad", i), fmt.Sprintf("+417912%05d", i))
			add(fmt.Sprint("home", i), fmt.Sprintf("+393331%06d", i))
		}
		for i := range 30 {
			add(fmt.Sprint("shared", i), "+393401234567")
		}
		honest := caller(w, "gina", "+393479876543", "")
		gina := w.Browser("gina")
		all = slices.Insert(all, len(all)/2, asker{gina, honest})
		for _, a := range all { // one after the other: passwords have a queue of their own
			w.SignedIn(a.b, w.RP1, a.p)
		}
		var asking sync.WaitGroup
		for _, a := range all {
			asking.Go(func() { a.b.Open(w.RP1.Login("acr_values", "mfa")) })
		}
		asking.Wait()
		want(t, "abroad", texts(w, "+417912"), 20)
		want(t, "at home", texts(w, "+393331"), 40)
		want(t, "the one number", texts(w, "+393401234567"), 5)
		want(t, "the customer", texts(w, honest.Phone), 1)

		for i := range 200 {
			a := all[i%len(all)]
			asking.Go(func() {
				again := a.b.Tab("again")
				again.Open(a.b.URL().String()).WantStep("otp")
				if again.Submit("resend"); again.Status() != 429 {
					t.Errorf("another code for %s: %d", a.p.Username, again.Status())
				}
			})
		}
		asking.Wait()
		want(t, "text messages in all", texts(w, "+"), 66)

		gina.GiveCode(w.Code(honest.Phone))
		want(t, "the customer", w.RP1.Last().Acr(), "mfa")
		rules := map[string]int{}
		for _, ev := range w.Records("limit.hit") {
			rules[ev.Reason]++
			if strings.Contains(string(ev.Detail), "+41791200") || strings.Contains(string(ev.Detail), "+39333100") {
				t.Errorf("a whole number: %s", ev.Detail)
			}
		}
		for _, rule := range []string{"sms_prefix_hour", "sms_breaker", "sms_accounts"} {
			want(t, rule, rules[rule], 1)
		}
		want(t, "rules that were hit", len(rules), 3)
		mails := w.Mails("noc@example.test")
		want(t, "mails to the operator", len(mails), 2)
		for _, m := range mails {
			if !strings.Contains(m.Text, "Non ne partono altri fino al 1 gennaio 2000 alle 02:00 (CET)") {
				t.Errorf("%s\n%s", m.Subject, m.Text)
			}
		}
	}, servertest.OnPostgres(), servertest.With(byText))
}

// Who meets a limit that others used up is offered the other ways, in neutral words. An hour later it is over.
func TestF07TollFraudThePageOffersTheOtherWays(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		first := caller(w, "first", "+41791200000", "")
		w.Browser("first").Open(w.RP1.Login("acr_values", "mfa")).SignIn(first).WantStep("otp")
		nora := caller(w, "nora", "+41791200001", "nora@rossi.test")
		b := w.Browser("nora")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(nora).WantStep("otp").WantText("We cannot send a code this way for now.").WantText("or use another method")
		b.Submit("resend").WantStatus(429).WantText("We cannot send a code this way for now. Try again in")
		for _, word := range []string{"fraud", "asked for many"} {
			if strings.Contains(b.Text(), word) {
				t.Errorf("the page says %q", word)
			}
		}
		want(t, "text messages", texts(w, "+417912"), 1)
		b.Click("Send the code to n•••@r•••.test").WantStep("otp")
		b.GiveCode(w.Code(nora.Email))
		want(t, "by mail", w.RP1.Last().Acr(), "mfa")
		want(t, "metric", number(t, w.Server, `soglia_rate_limited_total{rule="sms_prefix_hour"}`), "1")
		time.Sleep(time.Hour)
		w.Browser("later").Open(w.RP1.Login("acr_values", "mfa")).SignIn(first).WantStep("otp")
		want(t, "text messages an hour later", texts(w, "+417912"), 2)
	}, servertest.With(byText), servertest.With(func(f *config.File) { f.Limits.Toll.SMS.PrefixPerHour = 1 }))
}

// Asking for a code, from the form to the page: one transaction that writes, whatever it is counted against.
func TestAskingForACodeIsOneTransaction(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for name, p := range map[string]*servertest.Person{"by mail": w.U2, "by text message": caller(w, "nora", "+393331000001", "")} {
			b := w.Browser(name)
			b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p).WantStep("otp")
			time.Sleep(time.Minute)
			spent := w.Store.Count(func() { b.Submit("resend").WantStep("otp").WantStatus(200) })
			want(t, "commits "+name, spent.Commits, 1)
			// The code itself (mfa), its message and its record; six more are what form and page look up.
			want(t, "statements "+name, spent.Statements, map[string]int{"by mail": 5, "by text message": 7}[name]+2+6)
		}
	}, servertest.OnPostgres(), servertest.With(byText))
}
