package user

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Proof is what allowed a password to be set.
type Proof struct {
	OwnFactor bool   // an own factor that lifts a taint was used within the flow (acr.LiftsTaint)
	MailedTo  string // canonical address whose link was followed; "" = none: the old password was given, or an own factor used
	Invited   bool   // that link was an invitation: see storage.Person.BirthAddress
}

// SetPassword stores a new password hash (of Hasher.NewPassword) for p, in the caller's transaction. p is changed too.
// storage.ErrConflict when p moved on.
//
// PasswordVia remembers the mailbox that alone was enough: codes to it are no independent second factor until the
// cooling time is over. An own factor clears it that is older and does not rest. The old password does not: it may be the
// one set through that mailbox. Whether an invitation is a birth is storage's to say (UpdatePerson), in the statement that
// writes the password.
func SetPassword(ctx context.Context, records storage.People, p *storage.Person, hash string, by Proof, cooling time.Duration, now time.Time) error {
	p.PasswordHash, p.PasswordSetAt, p.Updated = hash, now, now
	switch {
	case by.OwnFactor:
		p.PasswordVia, p.PasswordViaUntil = "", time.Time{}
	case by.MailedTo != "":
		p.PasswordVia, p.PasswordViaUntil = by.MailedTo, now.Add(cooling)
		if by.Invited {
			p.BirthAddress, p.BirthUntil = by.MailedTo, now.Add(cooling)
		}
	}
	return records.UpdatePerson(ctx, p)
}
