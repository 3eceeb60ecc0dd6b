package user

import (
	"context"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// RemoveFactor takes a factor of p away, as loaded in the caller's transaction or a moment before it. With the last usable
// one goes what stood on it: reserve codes, which stand in for one, what linked logins were proved by (Q67), and the wish for
// a code at every sign-in, which was a wish for this one.
// Sessions are the caller's to judge. storage.ErrNotFound, storage.ErrConflict.
func RemoveFactor(ctx context.Context, records storage.Records, p *storage.Person, id string, now time.Time) error {
	last, err := removeFactor(ctx, records, p, id, now)
	if err != nil || !last || !p.EverySignIn {
		return err
	}
	row := *p
	row.EverySignIn, row.Updated = false, now
	return records.UpdatePerson(ctx, &row)
}

func removeFactor(ctx context.Context, records storage.Records, p *storage.Person, id string, now time.Time) (last bool, err error) {
	if err := records.RemoveFactor(ctx, p.ID, id); err != nil {
		return false, err
	}
	if slices.ContainsFunc(p.Factors, func(o *storage.Factor) bool { return o.ID != id && !o.Disabled }) {
		return false, nil
	}
	return true, dropWhatStoodOnFactors(ctx, records, p.ID, now)
}

func dropWhatStoodOnFactors(ctx context.Context, records storage.Records, personID string, now time.Time) error {
	if err := records.PutRecoveryCodes(ctx, personID, nil, now); err != nil {
		return err
	}
	return records.UnproveIdentities(ctx, personID)
}

// Recover takes factors away from somebody whom the help desk believed, and ends whatever could act for the person. From
// then on the account rests for the cooling time: no code to a contact opens anything, because whoever talked the help
// desk into it may hold the mailbox too. Factors that stay serve as before. No ids: all factors, and the reserve codes. The
// record is of the end of the sessions. It returns what it took; storage.ErrNotFound when there was nothing.
func Recover(ctx context.Context, records storage.Records, ids []string, cooling time.Duration, record *storage.Event) ([]*storage.Factor, error) {
	now := record.At
	p, err := records.Person(ctx, record.PersonID)
	if err != nil {
		return nil, err
	}
	var gone []*storage.Factor
	for _, f := range p.Factors {
		if len(ids) == 0 || slices.Contains(ids, f.ID) {
			gone = append(gone, f)
		}
	}
	if len(gone) == 0 && (len(ids) > 0 || p.RecoveryCodes == 0) {
		return nil, storage.ErrNotFound
	}
	left := *p
	for _, f := range gone {
		last, err := removeFactor(ctx, records, &left, f.ID, now)
		if err != nil {
			return nil, err
		}
		left.EverySignIn = left.EverySignIn && !last
		left.Factors = slices.DeleteFunc(slices.Clone(left.Factors), func(o *storage.Factor) bool { return o.ID == f.ID })
	}
	if len(ids) == 0 {
		if err := dropWhatStoodOnFactors(ctx, records, p.ID, now); err != nil {
			return nil, err
		}
	}
	left.RestsUntil, left.Updated = now.Add(cooling), now
	if err := records.UpdatePerson(ctx, &left); err != nil {
		return nil, err
	}
	err = session.EndAccess(ctx, records, record)
	return gone, err
}

// WaiveRest lets the contacts of a recovered account count at once, and lifts a freeze. It reports whether there was either.
func WaiveRest(ctx context.Context, records storage.Records, personID string, now time.Time) (bool, error) {
	lifted, err := records.Unfreeze(ctx, personID, now)
	if err != nil {
		return false, err
	}
	p, err := records.Person(ctx, personID)
	if err != nil || !now.Before(p.RestsUntil) {
		return lifted, err
	}
	p.RestsUntil, p.Updated = time.Time{}, now
	return true, records.UpdatePerson(ctx, p)
}
