package server

import (
	"context"
	"net/url"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
)

// post joins those who have something to say (mfa, login) with those who say it (templates, notify): neither knows the
// other. A message is written in the transaction of the act it is about.
type post struct {
	outbox *notify.Outbox
	resets *user.Resets
	pages  *templates.Set
	cfg    func() *config.Config
	wake   func() // a fresh code leaves at once
}

func newPost(box *secret.Box, pages *templates.Set, cfg func() *config.Config, wake func()) *post {
	return &post{outbox: &notify.Outbox{Box: box}, resets: user.NewResets(box, cfg), pages: pages, cfg: cfg, wake: wake}
}

// noticeKeeps is how long a security notice is worth sending.
const noticeKeeps = 24 * time.Hour

// code sends a one-time code (mfa.Send).
func (p *post) code(ctx context.Context, db storage.Records, d mfa.Delivery) error {
	c := p.cfg()
	mail, err := p.pages.Mail(templates.CodeMail{
		Lang: d.Why.Lang, Brand: c.Branding.Name, Host: host(c), Code: d.Code,
		Minutes: int(d.NotAfter.Sub(d.Created).Round(time.Minute).Minutes()), Until: d.NotAfter, Zone: zone(""),
		Purpose: d.Purpose, Areas: d.Why.Areas, Panel: d.Why.Panel, Browser: d.Why.Browser, IP: d.Why.IP, At: d.Created,
	})
	if err != nil {
		return err
	}
	err = p.outbox.Enqueue(ctx, db, notify.Message{
		Person: d.PersonID, Channel: string(d.Channel), Kind: "code", To: d.Address,
		Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML, Created: d.Created, NotAfter: d.NotAfter,
	})
	if err == nil {
		p.wake()
	}
	return err
}

// notice tells every mailbox of a person that something happened to the account (step.Notice).
func (p *post) notice(ctx context.Context, db storage.Records, who *storage.Person, kind string, by session.Client, now time.Time) error {
	c := p.cfg()
	lang := p.lang(who)
	link, err := p.resets.NotMe(ctx, db, who.ID, now)
	if err != nil {
		return err
	}
	mail, err := p.pages.Mail(templates.NoticeMail{
		Lang: lang, Brand: c.Branding.Name, Kind: kind, Browser: session.Agent(by.UserAgent), IP: by.IP, At: now, Zone: zoneOf(who),
		Support: c.Branding.Support.URL[lang], NotMe: c.Issuer + "/not-me?t=" + url.QueryEscape(link),
	})
	if err != nil {
		return err
	}
	for _, contact := range who.Contacts {
		if contact.Channel != string(acr.Email) {
			continue
		}
		err := p.outbox.Enqueue(ctx, db, notify.Message{
			Person: who.ID, Channel: string(acr.Email), Kind: "notice", To: contact.Address,
			Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML, Created: now, NotAfter: now.Add(noticeKeeps),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lang is the language a person is written to in.
func (p *post) lang(who *storage.Person) string {
	if who.Locale != "" {
		return who.Locale
	}
	return p.cfg().Locales.Default
}

// zoneOf is the time zone of a person's messages.
func zoneOf(who *storage.Person) string {
	if profile, err := user.ParseProfile(who.Profile); err == nil {
		return zone(profile.Zoneinfo)
	}
	return zone("")
}

func host(c *config.Config) string {
	if u, err := url.Parse(c.Issuer); err == nil {
		return u.Hostname()
	}
	return c.Issuer
}

// zone is the time zone of a clock time in a message: the person's, else the provider's country.
func zone(zoneinfo string) string {
	if zoneinfo != "" {
		return zoneinfo
	}
	return "Europe/Rome"
}
