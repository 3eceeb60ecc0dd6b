package login

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// PasswordLink is a message with the links that set a password, to one mailbox.
type PasswordLink struct {
	Kind    string // forgotten, change, invitation
	Mailbox user.Mailbox
	By      session.Client
	Now     time.Time
}

// SendLink puts one into the outbox, in the transaction that made its links.
type SendLink func(ctx context.Context, db storage.Records, l PasswordLink) error
