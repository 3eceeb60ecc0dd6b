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

// passwordLink sends the links that set a password (login.SendLink). Links hold the configured issuer, never what a request
// said its host was (docs/security.md G04).
func (s *messages) passwordLink(ctx context.Context, db storage.Records, l login.PasswordLink) error {
	c := s.cfg()
	first := l.Mailbox.Accounts[0].Person
	until := l.Now.Add(c.Lifetimes.Reset)
	if l.Kind == user.LinkInvitation {
		until = l.Now.Add(c.Invitation.TTL)
	}
	m := templates.LinkMessage{
		Lang: s.lang(l.By.Lang, first), Kind: l.Kind,
		Minutes: int((c.Lifetimes.Reset + time.Minute - 1) / time.Minute), Until: until, Zone: s.zone(first),
		Browser: session.Agent(l.By.UserAgent), IP: l.By.IP, At: l.Now,
	}
	for _, a := range l.Mailbox.Accounts {
		account := templates.LinkAccount{Username: a.Person.Username}
		if a.Link != "" {
			account.URL = c.Issuer + "/password/reset?t=" + url.QueryEscape(a.Link)
		}
		for _, i := range a.Person.Identities {
			account.Providers = append(account.Providers, s.title(i.Provider))
		}
		m.Accounts = append(m.Accounts, account)
	}
	to := notify.Message{
		Person: first.ID, Channel: string(acr.Email), Kind: "link", To: l.Mailbox.Address, Created: l.Now, NotAfter: until,
	}
	err := s.put(ctx, db, to, m)
	if err == nil {
		s.wake()
	}
	return err
}

// title is a provider as its button names it; one that was taken out of the configuration keeps its bare name.
func (s *messages) title(provider string) string {
	if known := s.cfg().Provider(provider); known != nil {
		return known.Title
	}
	return provider
}

// invite mails a person whose account somebody else made the link for the first password (people.Options.Invite).
func (s *messages) invite(ctx context.Context, db storage.Records, person *storage.Person, now time.Time) error {
	box, err := s.resets.Invite(ctx, db, person, now)
	if err != nil {
		return err
	}
	return s.passwordLink(ctx, db, login.PasswordLink{Kind: user.LinkInvitation, Mailbox: box, Now: now})
}
