package server

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
)

// noticeKeeps is how long a security notice is worth sending.
const noticeKeeps = 24 * time.Hour

// notice tells every mailbox of a person, and the numbers that want it, that something happened to the account (step.Notice).
func (s *messages) notice(ctx context.Context, db storage.Records, who *storage.Person, kind string, by session.Client, now time.Time) error {
	return s.tell(ctx, db, who, templates.NoticeMessage{Kind: kind}, by, now)
}

// paused tells of a factor that takes no code until a time (step.Options).
func (s *messages) paused(ctx context.Context, db storage.Records, who *storage.Person, until time.Time, by session.Client, now time.Time) error {
	return s.tell(ctx, db, who, templates.NoticeMessage{Kind: "factor_paused", Until: until}, by, now)
}

// revertible is notice about a change of the contacts, with the links of those who may take it back (contact.By).
func (s *messages) revertible(ctx context.Context, db storage.Records, who *storage.Person, kind string, links map[string]string, by session.Client, now time.Time) error {
	return s.tellWith(ctx, db, who, templates.NoticeMessage{Kind: kind}, links, by, now)
}

// numberAdded tells the contacts of before of a number that was proved (step.Options).
func (s *messages) numberAdded(ctx context.Context, db storage.Records, before *storage.Person, number, origin string, by session.Client, now time.Time) error {
	return contact.TellAdded(ctx, db, before, number, contact.By{Revertible: s.revertible, Revert: s.cfg().Contacts.Revert, Origin: origin, Client: by, Now: now})
}

func (s *messages) tell(ctx context.Context, db storage.Records, who *storage.Person, m templates.NoticeMessage, by session.Client, now time.Time) error {
	return s.tellWith(ctx, db, who, m, nil, by, now)
}

func (s *messages) tellWith(ctx context.Context, db storage.Records, who *storage.Person, m templates.NoticeMessage, reverts map[string]string, by session.Client, now time.Time) error {
	there, err := s.there(ctx, db, who, m.Kind)
	if err != nil {
		return err
	}
	m.Lang, m.Browser, m.IP, m.At, m.Zone = s.lang(by.Lang, who), session.Agent(by.UserAgent), by.IP, now, s.zone(who)
	m.Password = who.PasswordHash != ""
	for _, c := range who.Contacts {
		to := notify.Message{
			Person: who.ID, Channel: c.Channel, Kind: "notice", To: c.Address, Created: now, NotAfter: now.Add(noticeKeeps), Lang: m.Lang,
		}
		if c.Channel == "phone" {
			ok, err := s.tellsNumber(ctx, db, c, now)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			to.Channel, to.To = string(acr.SMS), c.Canonical
		}
		if link := reverts[c.ID]; link != "" {
			m.Revert, m.NotMe = true, s.cfg().Issuer+"/contacts/revert?t="+url.QueryEscape(link)
		} else {
			link, err := s.resets.NotMe(ctx, db, c, !there(c), user.Act{At: now, By: by})
			if err != nil {
				return err
			}
			m.Revert, m.NotMe = false, s.cfg().Issuer+"/not-me?t="+url.QueryEscape(link)
		}
		if err := s.put(ctx, db, to, m); err != nil {
			return err
		}
	}
	return nil
}

// there tells which of the addresses that hear of something are still the account's: a change of them is told to those that went,
// too.
func (s *messages) there(ctx context.Context, db storage.People, who *storage.Person, kind string) (func(*storage.Contact) bool, error) {
	if !strings.HasPrefix(kind, "contact_") {
		return func(*storage.Contact) bool { return true }, nil
	}
	now, err := db.Person(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	return func(c *storage.Contact) bool {
		return slices.ContainsFunc(now.Contacts, func(o *storage.Contact) bool { return o.ID == c.ID && o.Canonical == c.Canonical })
	}, nil
}

// numberNotices is how many security notices a number gets in a day: they cost money, and whoever can cause one must not be able
// to fill a telephone. Mailboxes get them all.
const numberNotices = 5

// accountNotices is how many security notices all numbers of an account get in a day: numbers are added one by one, and each act
// would cost as many text messages as somebody gathered.
const accountNotices = 3 * numberNotices

// tellsNumber reports whether a security notice goes to a number: its owner wants that, a code went there once, it is one that
// messages go to, and neither it nor the account got its share of the day.
func (s *messages) tellsNumber(ctx context.Context, db storage.Limits, c *storage.Contact, now time.Time) (bool, error) {
	if !c.Notices || !contact.TakesNotices(s.cfg(), c) {
		return false, nil
	}
	for _, limit := range []struct {
		of   []string
		most int
	}{{[]string{"notices", c.Canonical}, numberNotices}, {[]string{"notices", "account", c.PersonID}, accountNotices}} {
		mac := s.outbox.Box.MAC(limit.of...)
		today, err := db.Bump(ctx, "notices/"+hex.EncodeToString(mac[:16]), 24*time.Hour, now)
		if err != nil || today.Count > limit.most {
			return false, err
		}
	}
	return true, nil
}

// noticed tells a person what only the protocol noticed (op.Options.Notice). There is no browser to name: the request
// came from a panel's back end.
func (s *messages) noticed(db storage.Store) func(ctx context.Context, personID, kind string) error {
	return func(ctx context.Context, personID, kind string) error {
		return db.Tx(ctx, func(r storage.Records) error {
			who, err := r.Person(ctx, personID)
			if err != nil {
				return err
			}
			return s.notice(ctx, r, who, kind, session.Client{}, db.Now())
		})
	}
}

// NewDesk is the desk of commands on the server itself: what they do is done by actor. Running servers send the messages that
// it puts into the outbox.
func NewDesk(c *config.Config, actor string) (*desk.Desk, error) {
	box, err := secret.NewBox(c.MasterKey)
	if err != nil {
		return nil, err
	}
	pages, err := templates.New(Brand(c))
	if err != nil {
		return nil, fmt.Errorf("server: pages: %w", err)
	}
	say := newMessages(box, pages, func() *config.Config { return c }, func() {})
	return &desk.Desk{By: desk.By{Actor: actor}, Cooling: c.Policy.Cooling, Notice: say.notice, Invite: say.invite}, nil
}
