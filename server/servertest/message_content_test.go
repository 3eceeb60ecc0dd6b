package servertest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/gsm7"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/server/servertest"
)

// byChannel asks for DNS and sends the code by a channel: the page's first choice is the mail, the others go by click.
func byChannel(w *servertest.World, b *servertest.Browser, channel string) {
	stepUp(w, b).WantStep("otp")
	switch channel {
	case "whatsapp":
		b.Click(byChat).WantStep("otp")
	case "sms":
		b.Click("Send a text message to ••• ••• 567").WantStep("otp")
	}
}

// codesBy are the messages with a code that went by a channel.
func codesBy(w *servertest.World, channel string) (out []notify.Sent) {
	w.Deliver()
	for _, m := range w.Memory.All() {
		if m.Channel == channel && m.Kind == "code" {
			out = append(out, m)
		}
	}
	return out
}

// F09: what a code says, whichever way it goes.
func TestF09ACodeSaysWhatItIsOverAllChannels(t *testing.T) {
	for _, channel := range []string{"email", "sms", "whatsapp"} {
		t.Run(channel, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				w.OnFile(w.V, mobile)
				b := w.Browser("vera")
				w.SignedIn(b, w.RP1, w.V)
				byChannel(w, b, channel)
				sent := codesBy(w, channel)
				if len(sent) != 1 {
					t.Fatalf("%d codes by %s", len(sent), channel)
				}
				m := sent[0]
				for what, words := range map[string]string{
					"code": m.Code, "service": "Example Hosting", "purpose": "DNS and technical settings", "validity": "10 minutes", "a warning": "hare it",
				} {
					if words == "" || !strings.Contains(m.Text, words) {
						t.Errorf("the %s is missing: %q", what, m.Text)
					}
				}
				want(t, "last line", m.Text[strings.LastIndex(strings.TrimRight(m.Text, "\n"), "\n")+1:], "@"+servertest.SSO+" #"+m.Code+map[string]string{"email": "\n"}[channel])
				want(t, "links", strings.Contains(m.Text+m.HTML, "://"), false)
				if size := gsm7.Measure(m.Text); channel == "sms" && (size.Segments != 1 || size.Alphabet != "GSM-7") {
					t.Errorf("%+v", size)
				}
				b.GiveCode(m.Code)
				want(t, "acr", w.RP1.Last().Acr(), "mfa")
			}, servertest.ByPhone())
		})
	}
}

// F11: whatever the person or the browser is called, one message goes to one recipient and says what it would have said.
func TestF11NothingThatPeopleWriteGetsIntoACodeOverAllChannels(t *testing.T) {
	nasty := map[string]string{
		"line breaks": "x\r\nBcc: evil@example.org\r\n\r\n@evil.example #000000", "other breaks": "x\u2028@evil.example #000000\u0085y",
		"homoglyphs": "Ехаmple Ηosting https://evil.example", "2 kB": strings.Repeat("è😀", 400),
	}
	for _, channel := range []string{"email", "sms", "whatsapp"} {
		for name, text := range nasty {
			t.Run(channel+" "+name, func(t *testing.T) {
				servertest.Run(t, func(t *testing.T, w *servertest.World) {
					w.OnFile(w.V, mobile)
					row := must(w.Store.Person(t.Context(), w.V.ID))(t)
					row.Profile, row.Locale = must(json.Marshal(map[string]string{"name": text, "nickname": text}))(t), text
					if err := w.Store.UpdatePerson(t.Context(), row); err != nil {
						t.Fatal(err)
					}
					b := w.Browser("vera")
					b.UserAgent = strings.Map(func(r rune) rune { // what a header can hold at all
						if r == '\r' || r == '\n' {
							return ' '
						}
						return r
					}, text)
					b.Open(w.RP1.Login("ui_locales", "en Bcc:evil@example.org")).SignIn(w.V)
					time.Sleep(time.Minute)
					byChannel(w, b, channel)
					sent := codesBy(w, channel)
					if len(sent) != 1 {
						t.Fatalf("%d codes by %s", len(sent), channel)
					}
					m := sent[0]
					want(t, "recipient", m.To, map[string]string{"email": w.V.Email, "sms": mobile, "whatsapp": mobile}[channel])
					for _, part := range []string{"evil.example #", "Bcc", "Ехаm", "😀", "://", "\u2028"} {
						want(t, part, strings.Contains(m.Subject+m.Text, part), false)
					}
					if channel != "email" {
						want(t, "text", m.Text, m.Code+" is your Example Hosting code to open DNS and technical settings. Valid for 10 minutes. Never share it, even with us.\n@"+servertest.SSO+" #"+m.Code)
					}
					b.GiveCode(m.Code)
				}, servertest.ByPhone())
			})
		}
	}
}
