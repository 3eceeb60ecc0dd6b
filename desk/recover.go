package desk

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// ResetFactor takes factors away (no ids: all, and the reserve codes) from somebody whom the help desk believed; see
// user.Recover for what ends and what then rests. It returns what it took.
func (d *Desk) ResetFactor(ctx context.Context, db storage.Records, p *storage.Person, ids []string, now time.Time) ([]*storage.Factor, error) {
	gone, err := user.Recover(ctx, db, ids, d.Cooling, d.record(ctx, audit.SessionEnd, "factor_reset", p, now))
	if errors.Is(err, storage.ErrNotFound) {
		return nil, ErrNoFactor
	}
	if err != nil {
		return nil, err
	}
	for _, f := range gone {
		if err := db.Append(ctx, d.record(ctx, audit.FactorRemoved, f.Method, p, now)); err != nil {
			return nil, err
		}
	}
	return gone, d.tell(ctx, db, p, "factor_removed", now)
}

// WaiveRest lets the contacts of a recovered account count at once. why stands in the record: who was recognised, and how.
func (d *Desk) WaiveRest(ctx context.Context, db storage.Records, p *storage.Person, why string, now time.Time) error {
	why = strings.TrimSpace(why)
	if n := utf8.RuneCountInString(why); n == 0 || n > 500 || !utf8.ValidString(why) {
		return ErrReason
	}
	rested, err := user.WaiveRest(ctx, db, p.ID, now)
	if err != nil {
		return err
	}
	if !rested {
		return ErrNoRest
	}
	record := d.record(ctx, audit.RestWaived, "", p, now)
	if record.Detail, err = json.Marshal(map[string]string{"reason": why}); err != nil {
		return err
	}
	if err := db.Append(ctx, record); err != nil {
		return err
	}
	return d.tell(ctx, db, p, "rest_waived", now)
}

// Create makes an account. Its errors are those of user.Create.
func (d *Desk) Create(ctx context.Context, db storage.Records, n user.New) (*storage.Person, error) {
	p, err := user.Create(ctx, db, n)
	if err != nil {
		return nil, err
	}
	record := d.record(ctx, audit.PersonCreated, "", p, n.Now)
	record.Detail = GroupsDetail(nil, p.Groups)
	return p, db.Append(ctx, record)
}

// Invites mails a person who has no password the link to choose one; a newer link takes the place of an older one.
// ErrLocked, user.ErrHasPassword, user.ErrNoMailbox.
func (d *Desk) Invites(ctx context.Context, db storage.Records, p *storage.Person, now time.Time) error {
	if p.Disabled {
		return ErrLocked
	}
	if err := d.Invite(ctx, db, p, now); err != nil {
		return err
	}
	return db.Append(ctx, d.record(ctx, audit.PersonInvited, "", p, now))
}
