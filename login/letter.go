package login

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// Letter is a message with the links that set a password, to one mailbox.
type Letter struct {
	Kind    string // forgotten, change, invitation
	Mailbox user.Mailbox
	By      session.Client
	Now     time.Time
}

// LinkMail puts a letter into the outbox, in the transaction that made its links.
type LinkMail func(ctx context.Context, db storage.Records, l Letter) error
