package server

import (
	"context"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

// alarm tells the operator by mail of a limit that shut (mfa.Alarm), in the language most people speak there.
func (s *messages) alarm(ctx context.Context, db storage.Records, shut mfa.Shut) error {
	c := s.cfg()
	if c.Alerts.Email == "" {
		return nil
	}
	kind, _, _ := strings.Cut(shut.Rule, "_")
	now := shut.At
	to := notify.Message{
		Channel: string(acr.Email), Kind: "alert", To: c.Alerts.Email, Lang: c.Locales.Default, Created: now, NotAfter: now.Add(noticeKeeps),
	}
	err := s.put(ctx, db, to, templates.AlertMessage{
		Lang: c.Locales.Default, Kind: kind, Channel: channelName(shut.Channel), Where: shut.Where,
		Sent: shut.Sent, Entered: shut.Entered, Until: shut.Until, Zone: c.Locales.Zone,
	})
	if err == nil {
		s.wake()
	}
	return err
}

// channelName is what everybody calls a channel.
func channelName(m acr.Method) string {
	if m == acr.WhatsApp {
		return "WhatsApp"
	}
	return strings.ToUpper(string(m))
}
