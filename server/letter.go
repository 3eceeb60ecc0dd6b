package server

import (
	"context"
	"net/url"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/login"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
)

// letter sends the links that set a password (login.LinkMail). Links hold the configured issuer, never what a request
// said its host was (security.md G04).
func (p *post) letter(ctx context.Context, db storage.Records, l login.Letter) error {
	c := p.cfg()
	first := l.Mailbox.Accounts[0].Person
	until := l.Now.Add(c.Lifetimes.Reset)
	if l.Kind == user.LinkInvitation {
		until = l.Now.Add(c.Invitation.TTL)
	}
	m := templates.LinkMail{
		Lang: p.lang(first), Brand: c.Branding.Name, Kind: l.Kind,
		Minutes: int((c.Lifetimes.Reset + time.Minute - 1) / time.Minute), Until: until, Zone: zoneOf(first),
		Browser: session.Agent(l.By.UserAgent), IP: l.By.IP, At: l.Now,
	}
	for _, a := range l.Mailbox.Accounts {
		account := templates.LinkAccount{Username: a.Person.Username}
		if a.Link != "" {
			account.URL = c.Issuer + "/password/reset?t=" + url.QueryEscape(a.Link)
		}
		for _, i := range a.Person.Identities {
			account.Providers = append(account.Providers, p.title(i.Provider))
		}
		m.Accounts = append(m.Accounts, account)
	}
	mail, err := p.pages.Mail(m)
	if err != nil {
		return err
	}
	err = p.outbox.Enqueue(ctx, db, notify.Message{
		Person: first.ID, Channel: string(acr.Email), Kind: "link", To: l.Mailbox.Address,
		Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML, Created: l.Now, NotAfter: until,
	})
	if err == nil {
		p.wake()
	}
	return err
}

// title is a provider as its button names it; one that was taken out of the configuration keeps its bare name.
func (p *post) title(provider string) string {
	if known := p.cfg().Provider(provider); known != nil {
		return known.Title
	}
	return provider
}

// noticed tells a person what only the protocol noticed (op.Options.Notice). There is no browser to name: the request
// came from a panel's back end.
func (p *post) noticed(db storage.Store) func(ctx context.Context, personID, kind string) error {
	return func(ctx context.Context, personID, kind string) error {
		return db.Tx(ctx, func(r storage.Records) error {
			who, err := r.Person(ctx, personID)
			if err != nil {
				return err
			}
			return p.notice(ctx, r, who, kind, session.Client{}, db.Now())
		})
	}
}
