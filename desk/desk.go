// Package desk is what somebody other than its owner does to an account: create, lock and unlock it, end sessions, take a factor
// or a linked login away, lift a rest, invite. The commands (`soglia user …`) and the people API stand on it; whoever comes
// next parses, calls a verb and shows what came of it.
//
// Each verb does the whole of it in the caller's transaction: the change, the end of what could act for the person, the
// record, and the message to the person, who must not learn of it from somebody else. Addresses are package contact's. It
// leaves the rules to user, the ends to session, and the wording of refusals to the callers.
//
// Easy to get wrong: who is told, and where. Messages go to the addresses as they were before; what a verb is asked to do
// was asked by somebody who may have been talked into it.
package desk

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// Why a verb does nothing.
var (
	ErrNoFactor  = errors.New("desk: the person has no such factor")
	ErrNoLogin   = errors.New("desk: the person has no such login")
	ErrWhich     = errors.New("desk: the person has several such logins")
	ErrLastWay   = errors.New("desk: the person has no other way in")
	ErrNoRest    = errors.New("desk: the account does not rest")
	ErrReason    = errors.New("desk: a reason has 1 to 500 characters")
	ErrLocked    = errors.New("desk: the account is locked")
	ErrNoSession = errors.New("desk: the person has no such session")
)

// By is who acts.
type By struct {
	Actor  string // of the records
	Client string // … where a client's service does it
}

// Desk does the verbs.
type Desk struct {
	By      By
	Cooling time.Duration // contacts.cooling
	// Notice tells every mailbox of a person; kind is one of templates.NoticeMail.
	Notice func(ctx context.Context, db storage.Records, person *storage.Person, kind string, by session.Client, now time.Time) error
	// Invite mails the link for the first password. user.ErrHasPassword, user.ErrNoMailbox.
	Invite func(ctx context.Context, db storage.Records, person *storage.Person, now time.Time) error
}

func (d *Desk) record(ctx context.Context, name, reason string, p *storage.Person, now time.Time) *storage.Event {
	ev := audit.From(ctx).Event(name, audit.OK, reason)
	ev.At, ev.Actor, ev.ClientID, ev.PersonID = now, d.By.Actor, d.By.Client, p.ID
	return ev
}

func (d *Desk) tell(ctx context.Context, db storage.Records, p *storage.Person, kind string, now time.Time) error {
	return d.Notice(ctx, db, p, kind, session.Client{}, now)
}
