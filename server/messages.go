package server

import (
	"context"
	"net/url"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
)

// messages joins those who have something to say (mfa, step, login, people, op) with those who say it (templates, notify):
// neither knows the other. A message is written in the transaction of the act it is about.
type messages struct {
	outbox *notify.Outbox
	resets *user.Resets
	pages  *templates.Set
	brand  templates.Brand // whose messages they are
	cfg    func() *config.Config
	wake   func() // a fresh code leaves at once
}

func newMessages(box *secret.Box, pages *templates.Set, cfg func() *config.Config, wake func()) *messages {
	return &messages{outbox: &notify.Outbox{Box: box}, resets: user.NewResets(box, cfg), pages: pages, brand: pages.Brand(), cfg: cfg, wake: wake}
}

// put says what m means in the form of the message's channel, and puts it into the outbox.
func (s *messages) put(ctx context.Context, db storage.Records, to notify.Message, m any) error {
	said, err := s.pages.Message(to.Channel, s.brand, m)
	if err != nil {
		return err
	}
	to.Subject, to.Text, to.HTML = said.Subject, said.Text, said.HTML
	return s.outbox.Enqueue(ctx, db, to)
}

// code sends a one-time code (mfa.Send).
func (s *messages) code(ctx context.Context, db storage.Records, d mfa.Delivery) error {
	to := notify.Message{
		ID: d.ID, Person: d.Person.ID, Channel: string(d.Channel), Kind: "code", To: d.Address, Created: d.Created, NotAfter: d.NotAfter,
		Code: d.Code, Lang: s.lang(d.Why.Lang, d.Person),
	}
	err := s.put(ctx, db, to, templates.CodeMessage{
		Lang: s.lang(d.Why.Lang, d.Person), Code: d.Code,
		Minutes: int(d.NotAfter.Sub(d.Created).Round(time.Minute).Minutes()), Until: d.NotAfter, Zone: s.zone(d.Person),
		Purpose: d.Purpose, Areas: d.Why.Areas, Panel: d.Why.Panel, Browser: d.Why.Browser, IP: d.Why.IP, At: d.Created,
		First: string(d.Why.First), Provider: d.Why.Provider,
	})
	if err == nil {
		s.wake()
	}
	return err
}

// lang is the language of every message: that of the page at which it is caused, else the person's own, else the default. A
// program that asks for none gets a page in the default, and its victim's messages stay in the victim's language.
func (s *messages) lang(page string, who *storage.Person) string {
	return s.pages.Match("", page+" "+who.Locale)
}

// zone is the time zone of a person's messages: their own, else the provider's.
func (s *messages) zone(who *storage.Person) string {
	return user.Zone(who.Profile, s.cfg().Locales.Zone)
}

func host(c *config.Config) string {
	if u, err := url.Parse(c.Issuer); err == nil {
		return u.Hostname()
	}
	return c.Issuer
}
