package desk

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// Unlink takes a linked login away and ends whatever could act for the person: whoever came in by it is out at once.
// subject may be "" where the person has one login at the provider. The last way in is not taken away; a mailbox is one,
// by the link for a password. ErrNoLogin, ErrWhich, ErrLastWay.
func (d *Desk) Unlink(ctx context.Context, db storage.Records, p *storage.Person, provider, subject string, now time.Time) (*storage.Identity, error) {
	login, err := meant(p, provider, subject, now)
	if err != nil {
		return nil, err
	}
	if err := db.RemoveIdentity(ctx, p.ID, login.Provider, login.Subject); err != nil {
		return nil, err
	}
	if err := session.EndAccess(ctx, db, d.record(ctx, audit.SessionEnd, "unlinked", p, now)); err != nil {
		return nil, err
	}
	if err := db.Append(ctx, d.record(ctx, audit.IDPUnlink, login.Provider, p, now)); err != nil {
		return nil, err
	}
	return login, d.tell(ctx, db, p, "login_unlinked", now)
}

func meant(p *storage.Person, provider, subject string, now time.Time) (*storage.Identity, error) {
	var found []*storage.Identity
	for _, i := range p.Identities {
		if i.Provider == provider && (subject == "" || i.Subject == subject) {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 0:
		return nil, ErrNoLogin
	case len(found) > 1:
		return nil, ErrWhich
	case len(p.Identities) == 1 && p.PasswordHash == "" && user.MainMailbox(p, now) == nil:
		return nil, ErrLastWay
	}
	return found[0], nil
}
