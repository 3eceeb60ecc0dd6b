package servertest_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/mailtest"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// Q25: the mail server refused every code, and the page said that it was sent. In real time, because the mail servers are
// real ones.
func TestQ25ThePageSaysThatTheCodeDoesNotGoOut(t *testing.T) {
	const sent, late, hint = "We have sent the code", "We can’t get the code to", "may arrive late"
	away := func(t *testing.T) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	for name, c := range map[string]struct {
		server  *mailtest.Server
		at      func(t *testing.T) string
		mailbox string
		only    bool // it is this mailbox only, so that nobody else may be told
	}{
		"it takes none of us":   {server: &mailtest.Server{Refuse: mailtest.Refusal(554, 5, 7, 1)}},
		"it takes nothing now":  {server: &mailtest.Server{Refuse: mailtest.Refusal(451, 4, 3, 0)}},
		"there is none":         {at: away},
		"it says nothing":       {at: func(t *testing.T) string { return mailtest.Silent(t) }},
		"it is of ASCII":        {server: &mailtest.Server{ASCII: true}, mailbox: "nicolò@rossi.test", only: true},
		"it knows no such name": {server: &mailtest.Server{Refuse: mailtest.Refusal(550, 5, 1, 1)}, only: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.at == nil {
				c.at = func(t *testing.T) string { return c.server.Start(t) }
			}
			w := servertest.New(t, servertest.MailBy("smtp://"+c.at(t)), servertest.With(func(f *config.File) { f.Factors.Codes.ResendAfter = time.Second }))
			p := w.U2
			if c.mailbox != "" {
				p = w.Create(&servertest.Person{Username: "nicolo", Password: newPassword, Email: c.mailbox})
			}
			b := w.Browser("the page that waits")
			b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p).WantStep("otp").WantText(sent)
			page := b.URL().String()
			w.Deliver()
			b.Open(page).WantStep("otp").WantText(late)
			want(t, "support", b.Has("late"), true)
			if strings.Contains(b.Text(), sent) {
				t.Error("sent, it says all the same")
			}

			// Who comes next is told at once where it is not the mailbox: the same, whoever is asked for.
			next := w.Browser("the next one")
			next.Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.V).WantStep("otp")
			want(t, "the next one is told", strings.Contains(next.Text(), late), !c.only)
			for _, who := range []string{w.U1.Username, "nobody"} {
				forgot(next, who)
				want(t, "forgotten: "+who, strings.Contains(next.Text(), hint), !c.only)
			}
			ready := ask(w.Server, "GET", "/readyz")
			want(t, "ready", ready.Code, 200)
			want(t, "the detail", strings.Contains(ready.Body.String(), "email: smtp has taken nothing since "), !c.only)
			want(t, "the metric", number(t, w.Server, `soglia_channel_failing{channel="email",driver="smtp"}`), map[bool]string{false: "1", true: "0"}[c.only])
			if strings.Contains(ready.Body.String()+ask(w.Server, "GET", "/metrics").Body.String(), p.Email) {
				t.Error("it names the recipient")
			}
			if c.server == nil || c.server.ASCII {
				return
			}

			c.server.SetRefuse(nil)
			time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(2100 * time.Millisecond)))
			b.Open(page).Submit("resend").WantStep("otp")
			w.Deliver()
			b.Open(page).WantText(sent)
			want(t, "ready again", ask(w.Server, "GET", "/readyz").Body.String(), "ready\n")
			want(t, "the metric again", number(t, w.Server, `soglia_channel_failing{channel="email",driver="smtp"}`), "0")
		})
	}
}

// Who has the code reads that it was sent, whatever the mail server does to others afterwards.
func TestQ25ACodeThatWentOutWasSent(t *testing.T) {
	s := new(mailtest.Server)
	w := servertest.New(t, servertest.MailBy("smtp://"+s.Start(t)))
	b := w.Browser("vera")
	b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.V).WantStep("otp")
	page := b.URL().String()
	w.Deliver()
	s.SetRefuse(mailtest.Refusal(554, 5, 7, 1))
	w.Browser("dora").Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.U2).WantStep("otp")
	w.Deliver()
	b.Open(page).WantText("We have sent the code")
	want(t, "codes that went out", len(s.Mails()), 1)
}

// Another way is one more mailbox; it stands first on the page.
func TestQ25TheOtherWaysStandOpen(t *testing.T) {
	refuses := &mailtest.Server{Refuse: mailtest.Refusal(550, 5, 1, 1)}
	w := servertest.New(t, servertest.MailBy("smtp://"+refuses.Start(t)))
	other := &storage.Contact{ID: "other", PersonID: w.V.ID, Channel: "email", Address: "other@bianchi.test", Canonical: "other@bianchi.test", VerifiedAt: time.Now(), Created: time.Now()}
	if err := w.Store.PutContact(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	b := w.Browser("vera")
	b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.V).WantStep("otp")
	page := b.URL().String()
	want(t, "first", b.TextOf("other-first"), "")
	want(t, "folded", b.Value("other", "id")+b.Value("others", "open"), "other")
	w.Deliver()
	b.Open(page)
	want(t, "first", b.TextOf("other-first"), "Send the code to o•••@b•••.test")
	want(t, "folded", b.Has("others"), false)
}

// Q77: at the start of an outage, or where a server puts one mailbox off, the mail to a forgotten account was the first that
// failed, and the page said "late" from then on: so there was an account. What a stranger can cause says nothing to strangers.
func TestQ77AForgottenAccountsMailSaysNothingToStrangers(t *testing.T) {
	for name, refusal := range map[string]error{
		"an outage":        mailtest.Refusal(451, 4, 3, 0),
		"a greylisted one": mailtest.Refusal(450, 4, 7, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &mailtest.Server{Refuse: refusal}
			w := servertest.New(t, servertest.MailBy("smtp://"+s.Start(t)), servertest.With(func(f *config.File) { f.Factors.Codes.ResendAfter = time.Second }))
			told := func(who string) bool {
				b := forgot(w.Browser(who), who)
				w.Deliver()
				return strings.Contains(b.Open(b.URL().String()).Text(), "may arrive late")
			}
			want(t, "nobody", told("nobody"), false)
			want(t, "somebody", told(w.V.Username), false)
			want(t, "operators know", strings.Contains(ask(w.Server, "GET", "/readyz").Body.String(), "email: smtp has taken nothing since "), true)

			b := w.Browser("dora") // who proved something first
			b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.U2).WantStep("otp")
			w.Deliver()
			want(t, "nobody, once a code failed", told("nobody"), name == "an outage")

			s.SetRefuse(nil) // and a mail that gets through says as little
			page := b.URL().String()
			forgot(w.Browser("again"), w.U1.Username)
			w.Deliver()
			want(t, "nobody, once a stranger's mail went out", told("nobody"), name == "an outage")
			time.Sleep(1100 * time.Millisecond)
			b.Open(page).Submit("resend").WantStep("otp")
			w.Deliver()
			want(t, "nobody, once a code went out", told("nobody"), false)
		})
	}
}
