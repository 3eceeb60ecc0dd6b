package session

import (
	"cmp"
	"context"

	"github.com/soglia-sso/soglia/storage"
)

// All ends of sessions and grants come through this file, whoever wants them: the person, a panel, the operator, a rule. Each
// is one transaction with its record, so give these functions the transaction's records. The record says whose session
// ends (PersonID), why (Reason), when (At) and who wanted it; it is session.end or token.revoked, and is written here.
//
// They return which clients must be told that the person's stay there is over; see storage.Sessions.EndSessions for which
// these are. Nobody tells them yet. What will tell them belongs into end and endGrants, where every end comes by, and into
// the same transaction.

// End ends one session and the grants on it that are not offline. storage.ErrUsed: it was over before, and nothing is
// written; storage.ErrNotFound: the person of the record has no such session.
func End(ctx context.Context, db storage.Records, id string, record *storage.Event) ([]storage.ClientSession, error) {
	record.SessionID = id
	return end(ctx, db, storage.SessionEnd{Only: id}, record)
}

// EndOthers ends all sessions of a person but keep ("" = all), every grant on them or on earlier ones, offline ones too,
// and the remembered browsers: which of those belongs to an ended session nobody can tell, and the one that does would
// open it again.
func EndOthers(ctx context.Context, db storage.Records, keep string, record *storage.Event) ([]storage.ClientSession, error) {
	told, err := end(ctx, db, storage.SessionEnd{Except: keep, Offline: true}, record)
	if err != nil {
		return nil, err
	}
	return told, db.DropRemembers(ctx, record.PersonID)
}

// EndAccess ends whatever could still act for a person: what EndOthers ends, with no exception, and mailed links. Known
// devices are forgotten with the password (user/throttle.go).
func EndAccess(ctx context.Context, db storage.Records, record *storage.Event) ([]storage.ClientSession, error) {
	told, err := EndOthers(ctx, db, "", record)
	if err != nil {
		return nil, err
	}
	return told, db.DropLinks(ctx, record.PersonID, record.At)
}

func end(ctx context.Context, db storage.Records, e storage.SessionEnd, record *storage.Event) ([]storage.ClientSession, error) {
	e.PersonID, e.Reason, e.Now = record.PersonID, record.Reason, record.At
	told, err := db.EndSessions(ctx, e)
	if err != nil {
		return nil, err
	}
	return told, db.Append(ctx, record)
}

// EndGrant ends one grant. That it was over before is no error.
func EndGrant(ctx context.Context, db storage.Records, id string, record *storage.Event) ([]storage.ClientSession, error) {
	return endGrants(ctx, db, storage.GrantEnd{ID: id}, record, nil)
}

// EndGrantsAt ends all that the person of the record gave the client of the record, offline grants too.
func EndGrantsAt(ctx context.Context, db storage.Records, record *storage.Event) ([]storage.ClientSession, error) {
	return endGrants(ctx, db, storage.GrantEnd{ClientID: record.ClientID, PersonID: record.PersonID}, record, nil)
}

// EndGrantsOfClient ends all grants of the client of the record, of whomever. count is told how many before the record is
// written. The people's stays there go on: what was wrong is between the client and us. It reads all grants there are: for
// a command, never for a request.
func EndGrantsOfClient(ctx context.Context, db storage.Records, record *storage.Event, count func(ended int)) error {
	_, err := endGrants(ctx, db, storage.GrantEnd{ClientID: record.ClientID}, record, count)
	return err
}

func endGrants(ctx context.Context, db storage.Records, e storage.GrantEnd, record *storage.Event, count func(int)) ([]storage.ClientSession, error) {
	e.Reason, e.Now = cmp.Or(record.Reason, record.Name), record.At
	n, told, err := db.EndGrants(ctx, e)
	if err != nil {
		return nil, err
	}
	if count != nil {
		count(n)
	}
	return told, db.Append(ctx, record)
}
