package servertest

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// ByPhone opens codes by SMS and WhatsApp, to contacts and to own numbers, in the order of examples/hosting.yaml. What is sent
// stays in Memory.
func ByPhone() Option {
	return With(func(f *config.File) {
		outbox := func(name string) config.FileGateway {
			return config.FileGateway{Name: name, Driver: "outbox", For: []string{"*"}, Settings: notify.Drivers().Kinds["outbox"].Settings()}
		}
		whatsapp := outbox("chats")
		f.Channels.SMS, f.Channels.WhatsApp = []config.FileGateway{outbox("texts")}, &whatsapp
		f.Factors.Codes.Channels = []string{"email", "whatsapp", "sms"}
		f.Factors.SMS = &config.FileSMSFactor{Countries: []string{"EU"}}
		f.Acr[1].Second = append(f.Acr[1].Second, "sms", "whatsapp")
	})
}

// OnFile files a number for somebody, which nobody proved.
func (w *World) OnFile(p *Person, number string) {
	w.T.Helper()
	err := w.Store.PutContact(context.Background(), &storage.Contact{
		ID: secret.NewID(), PersonID: p.ID, Channel: "phone", Address: number, Canonical: number, Primary: true, Created: time.Now().Add(-30 * 24 * time.Hour),
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// AddNumber switches a number on as somebody's own factor, two hours ago, by these channels.
func (w *World) AddNumber(p *Person, number string, channels ...string) {
	w.T.Helper()
	err := w.Store.PutFactor(context.Background(), &storage.Factor{
		ID: secret.NewID(), PersonID: p.ID, Method: channels[0], Channels: channels, Address: number, Created: time.Now().Add(-2 * time.Hour),
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Sent delivers and returns the codes that went to a number by a channel, oldest first.
func (w *World) Sent(number, channel string) []string {
	w.T.Helper()
	var out []string
	for _, m := range w.Mails(number) {
		if m.Channel == channel && m.Kind == "code" {
			out = append(out, m.Code)
		}
	}
	return out
}

// CodeTo delivers and returns the newest code that went to a number by a channel.
func (w *World) CodeTo(number, channel string) string {
	w.T.Helper()
	all := w.Sent(number, channel)
	if len(all) == 0 {
		w.T.Fatalf("no code went to %s by %s", number, channel)
	}
	return all[len(all)-1]
}
