package server

import (
	"context"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

// Notices lets a command on the server itself tell a person what was done to the account. Running servers send what it
// puts into the outbox.
type Notices struct{ post *post }

// NewNotices prepares the mails of a configuration.
func NewNotices(c *config.Config) (*Notices, error) {
	box, err := secret.NewBox(c.MasterKey)
	if err != nil {
		return nil, err
	}
	pages, err := templates.New(brand(c))
	if err != nil {
		return nil, fmt.Errorf("server: pages: %w", err)
	}
	return &Notices{newPost(box, pages, func() *config.Config { return c }, func() {})}, nil
}

// Invite mails the invitation by which the person sets the first password. Run it in the transaction of the act.
// user.ErrHasPassword, user.ErrNoMailbox.
func (n *Notices) Invite(ctx context.Context, db storage.Records, who *storage.Person, now time.Time) error {
	return n.post.invite(ctx, db, who, now)
}

// Send tells every mailbox of a person; kind is one of templates.NoticeMail. Run it in the transaction of the act.
func (n *Notices) Send(ctx context.Context, db storage.Records, who *storage.Person, kind string, now time.Time) error {
	return n.post.notice(ctx, db, who, kind, session.Client{}, now)
}
