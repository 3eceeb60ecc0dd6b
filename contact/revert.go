package contact

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// A change of the contacts can be taken back for contacts.revert, by a link that goes to the old mailboxes. Whoever reads one of
// them is not the owner for that: so a link is made for that mailbox only which was all that proved the change, or for each
// settled one where nothing that had settled proved it. What was proved by more (an own factor that was there, another settled
// contact, the operator) is not taken back by anybody: their message has the link of "it was not me", which freezes.

// undo is what a change leaves so that it can be taken back.
type undo struct {
	Holder  *storage.Contact   `json:"holder"`          // to whom the link went, as it was
	Gone    []*storage.Contact `json:"gone,omitempty"`  // what was taken away
	Was     []*storage.Contact `json:"was,omitempty"`   // what was changed, as it was before
	Added   []string           `json:"added,omitempty"` // ids of what came
	Via     []string           `json:"via,omitempty"`   // canonical addresses that whoever made the change had codes from
	Primary []string           `json:"primary"`         // canonical addresses of the primary ones of before
}

// takesBack reports whether the reader of a mailbox may take a change back that stands on this (see [Origin]).
func takesBack(holder *storage.Contact, origin string, now time.Time) bool {
	return isMailbox(holder) && settled(holder, now) && origin != "" && (origin == Rested || acr.SameBox(origin, holder.Canonical))
}

// reverts makes the links of a change, by the id of the contact to which each goes. The links of an address die with it, unless
// it was taken away by what it can take back itself.
func (c *Change) reverts(ctx context.Context, db storage.Reverts, before *storage.Person, by By) (map[string]string, error) {
	links := map[string]string{}
	u := undo{Gone: c.remove, Via: by.Via}
	for _, put := range c.put {
		at := slices.IndexFunc(before.Contacts, func(was *storage.Contact) bool { return was.ID == put.ID })
		if at < 0 {
			u.Added = append(u.Added, put.ID)
			continue
		}
		u.Was = append(u.Was, before.Contacts[at])
	}
	for _, was := range before.Contacts {
		if was.Primary {
			u.Primary = append(u.Primary, was.Canonical)
		}
	}
	for _, holder := range before.Contacts {
		if by.Revert == 0 || !takesBack(holder, by.Origin, by.Now) {
			if slices.Contains(c.remove, holder) {
				if err := db.DropReverts(ctx, before.ID, holder.Canonical, by.Now); err != nil {
					return nil, err
				}
			}
			continue
		}
		u.Holder = holder
		data, err := json.Marshal(u)
		if err != nil {
			return nil, err
		}
		link := secret.New("")
		err = db.PutRevert(ctx, &storage.Revert{
			Hash: secret.Hash(link), PersonID: before.ID, Address: holder.Canonical, Data: data, Created: by.Now, Expires: by.Now.Add(by.Revert),
		})
		if err != nil {
			return nil, err
		}
		links[holder.ID] = link
	}
	return links, nil
}

// tell tells the contacts of before, with the links of those who may take the change back.
func (c *Change) tell(ctx context.Context, db storage.Records, before *storage.Person, kind string, by By) error {
	links, err := c.reverts(ctx, db, before, by)
	if err != nil {
		return err
	}
	if by.Revertible == nil {
		return by.Notice(ctx, db, before, kind, by.Client, by.Now)
	}
	return by.Revertible(ctx, db, before, kind, links, by.Client, by.Now)
}

// TellAdded tells the contacts of before of a number that [AddPhone] left among them.
func TellAdded(ctx context.Context, db storage.Records, before *storage.Person, number string, by By) error {
	now, err := db.Person(ctx, before.ID)
	if err != nil {
		return err
	}
	var c Change
	for _, added := range now.Contacts {
		if added.Channel == "phone" && added.Canonical == number {
			c.put = append(c.put, added)
		}
	}
	return c.tell(ctx, db, before, "contact_changed", by)
}

// FindRevert returns the person whose change a link takes back, and burns nothing. storage.ErrNotFound.
func FindRevert(ctx context.Context, db storage.Records, link string, now time.Time) (*storage.Person, error) {
	r, err := db.Revert(ctx, secret.Hash(link), now)
	if err != nil {
		return nil, err
	}
	return db.Person(ctx, r.PersonID)
}

// TakeBack uses such a link, once. The contacts are as they were, but for what somebody vouched for since who had no part in the
// change; factors, reserve codes and logins that were added since go, as all sessions, grants and mailed links do; and the account
// is frozen from the change on, for whoever made it read that mailbox. An address that comes back rests for the cooling time. ended is
// the record of the end of the sessions; by.Notice tells the contacts of now. It returns the person of afterwards.
// storage.ErrNotFound; storage.ErrConflict: the person moved on, try again.
func TakeBack(ctx context.Context, db storage.Records, cfg *config.Config, link string, ended *storage.Event, by By) (*storage.Person, error) {
	r, err := db.TakeRevert(ctx, secret.Hash(link), by.Now)
	if err != nil {
		return nil, err
	}
	var u undo
	if err := json.Unmarshal(r.Data, &u); err != nil {
		return nil, err
	}
	p, err := db.Person(ctx, r.PersonID)
	if err != nil {
		return nil, err
	}
	row := *p
	row.Updated = by.Now
	if err := db.UpdatePerson(ctx, &row); err != nil {
		return nil, err
	}
	if err := u.contacts(ctx, db, cfg, p, r, by.Now); err != nil {
		return nil, err
	}
	if err := dropSince(ctx, db, p.ID, r.Created, by.Now); err != nil {
		return nil, err
	}
	if err := db.VoidSecondSteps(ctx, p.ID); err != nil {
		return nil, err
	}
	z := storage.Freezing{PersonID: p.ID, Act: r.Created, Mailed: true, Until: by.Now.Add(cfg.Policy.Cooling), Via: slices.Compact(slices.Sorted(slices.Values(append(u.Via, r.Address)))), Now: by.Now}
	if err := db.Freeze(ctx, &z); err != nil {
		return nil, err
	}
	frozen := by.Record(audit.PersonFrozen)
	frozen.PersonID, frozen.Reason = p.ID, "link"
	if frozen.Detail, err = json.Marshal(map[string]time.Time{"since": z.Act, "until": z.Until}); err != nil {
		return nil, err
	}
	if err := db.Append(ctx, frozen); err != nil {
		return nil, err
	}
	ended.PersonID = p.ID
	if err := session.EndAccess(ctx, db, ended); err != nil {
		return nil, err
	}
	done := by.Record(audit.ContactReverted)
	done.PersonID, done.Detail = p.ID, mfa.Detail(r.Address)
	if err := db.Append(ctx, done); err != nil {
		return nil, err
	}
	if p, err = db.Person(ctx, p.ID); err != nil {
		return nil, err
	}
	return p, by.Notice(ctx, db, p, "contact_reverted", by.Client, by.Now)
}

// contacts makes them what they were before the change.
func (u *undo) contacts(ctx context.Context, db storage.Records, cfg *config.Config, p *storage.Person, r *storage.Revert, now time.Time) error {
	doubtful := func(c *storage.Contact) bool { // it came since, on nothing more than the change did
		return !c.Created.Before(r.Created) && c.ProvedBy != "" && (c.ProvedBy == Rested || slices.Contains(u.Added, c.ID) || acr.SameBox(c.ProvedBy, r.Address))
	}
	next := []*storage.Contact{}
	for _, c := range p.Contacts {
		if doubtful(c) {
			if err := db.RemoveContact(ctx, p.ID, c.ID); err != nil {
				return err
			}
			continue
		}
		now := *c
		for _, was := range u.Was {
			if was.ID == c.ID {
				now.NoCodes, now.Notices, now.VerifiedAt = was.NoCodes, was.Notices, was.VerifiedAt
			}
		}
		next = append(next, &now)
	}
	for _, gone := range append(slices.Clip(u.Gone), u.Holder) {
		if slices.ContainsFunc(next, func(c *storage.Contact) bool { return c.Channel == gone.Channel && c.Canonical == gone.Canonical }) {
			continue
		}
		back := *gone
		back.ID, back.RestsUntil, back.PutBack = secret.NewID(), now.Add(cfg.Contacts.Cooling), true
		next = append(next, &back)
	}
	for _, channel := range []string{"email", "phone"} {
		u.primary(next, channel)
	}
	for _, c := range next {
		if err := db.PutContact(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// primary gives a channel back its primary contact; one that has lost it has another.
func (u *undo) primary(list []*storage.Contact, channel string) {
	var best *storage.Contact
	for _, c := range list {
		if c.Channel != channel {
			continue
		}
		was := slices.Contains(u.Primary, c.Canonical)
		if best == nil || was || c.Primary && !slices.Contains(u.Primary, best.Canonical) {
			best = c
		}
	}
	for _, c := range list {
		if c.Channel == channel {
			c.Primary = c == best
		}
	}
}

// dropSince takes factors, reserve codes and logins away that an account got since a time.
func dropSince(ctx context.Context, db storage.Records, personID string, since, now time.Time) error {
	for {
		p, err := db.Person(ctx, personID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(p.Factors, func(f *storage.Factor) bool { return !f.Created.Before(since) })
		if at >= 0 {
			if err := user.RemoveFactor(ctx, db, p, p.Factors[at].ID, now); err != nil {
				return err
			}
			continue
		}
		if !p.RecoveryMade.IsZero() && !p.RecoveryMade.Before(since) {
			if err := db.PutRecoveryCodes(ctx, personID, nil, now); err != nil {
				return err
			}
		}
		for _, i := range p.Identities {
			if i.Created.Before(since) {
				continue
			}
			if err := db.RemoveIdentity(ctx, personID, i.Provider, i.Subject); err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
		}
		return nil
	}
}
