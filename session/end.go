package session

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// All ends of sessions and grants come through this file, whoever wants them: the person, a panel, the operator, a rule. Each
// is one transaction with its record, so give these functions the transaction's records. The record says whose session
// ends (PersonID), why (Reason), when (At) and who wanted it; it is session.end or token.revoked, and is written here.
//
// The clients at which a stay is over by that are told, through the outbox (OIDC Back-Channel Logout 1.0); see
// storage.Sessions.EndSessions for which these are. Not told is a client that ended its own grant: it knows. Ends that storage
// makes by itself, because a code or a refresh token came a second time, end a grant and no stay.

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
func EndAccess(ctx context.Context, db storage.Records, record *storage.Event) error {
	if _, err := EndOthers(ctx, db, "", record); err != nil {
		return err
	}
	return db.DropLinks(ctx, record.PersonID, record.At)
}

func end(ctx context.Context, db storage.Records, e storage.SessionEnd, record *storage.Event) ([]storage.ClientSession, error) {
	e.PersonID, e.Reason, e.Now = record.PersonID, record.Reason, record.At
	told, err := db.EndSessions(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := tell(ctx, db, told, record.At); err != nil {
		return nil, err
	}
	return told, db.Append(ctx, record)
}

// tellFor is how long a panel that is down is tried: five tries, the last one after some hours (package notify).
const tellFor = 12 * time.Hour

// tell queues a word to each client. Whether one has an address for it is the worker's to know, when it comes to it.
func tell(ctx context.Context, db storage.Outbox, told []storage.ClientSession, now time.Time) error {
	for _, stay := range told {
		err := db.Enqueue(ctx, &storage.Message{
			ID: secret.NewID(), PersonID: stay.PersonID, Channel: storage.ChannelLogout, Kind: storage.ChannelLogout, Stay: stay,
			Created: now, NotAfter: now.Add(tellFor),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EndOverdue ends a session whose limit is over, which nothing else will do. It is no act of anybody's.
func EndOverdue(ctx context.Context, db storage.Records, s *storage.Session, record *storage.Event) error {
	record.Reason = "idle"
	if !s.Expires.After(record.At) {
		record.Reason = "expired"
	}
	record.PersonID = s.PersonID
	_, err := End(ctx, db, s.ID, record)
	if errors.Is(err, storage.ErrUsed) {
		return nil // somebody was faster
	}
	return err
}

// EndGrant ends one grant. That it was over before is no error.
func EndGrant(ctx context.Context, db storage.Records, id string, record *storage.Event) error {
	_, err := endGrants(ctx, db, storage.GrantEnd{ID: id}, record, nil)
	return err
}

// EndGrantsAt ends all that the person of the record gave the client of the record, offline grants too.
func EndGrantsAt(ctx context.Context, db storage.Records, record *storage.Event) error {
	told, err := endGrants(ctx, db, storage.GrantEnd{ClientID: record.ClientID, PersonID: record.PersonID}, record, nil)
	if err != nil {
		return err
	}
	return tell(ctx, db, told, record.At)
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
