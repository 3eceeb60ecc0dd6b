package contact

import (
	"context"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// AddPhone leaves a number that was proved (E.164) among a person's contacts, in the transaction of its code, and tells whether it
// was not there. Until rests a new one opens nothing sensitive. Security notices go there, too, until its owner wants none: the page
// on which it was proved says so. The caller tells the other addresses.
//
// provedBy is what its adding stands on (see [Origin]).
func AddPhone(ctx context.Context, db storage.Records, person *storage.Person, number, provedBy string, rests, now time.Time) (bool, error) {
	phone := func(c *storage.Contact) bool { return c.Channel == "phone" }
	at := slices.IndexFunc(person.Contacts, func(c *storage.Contact) bool { return phone(c) && c.Canonical == number })
	switch {
	case at >= 0 && !person.Contacts[at].Notices:
		return false, db.SetNotices(ctx, person.ID, person.Contacts[at].ID, true)
	case at >= 0:
		return false, nil // the code verified it
	}
	return true, db.PutContact(ctx, &storage.Contact{
		ID: secret.NewID(), PersonID: person.ID, Channel: "phone", Address: number, Canonical: number,
		Primary: !slices.ContainsFunc(person.Contacts, phone), VerifiedAt: now, RestsUntil: rests, Notices: true, ProvedBy: provedBy, Created: now,
	})
}

// TakesNotices reports whether security notices can go to a contact that is a number: a code came back from there, text messages
// leave here, and that number takes them. Mailboxes get them all.
func TakesNotices(cfg *config.Config, c *storage.Contact) bool {
	return c.Channel == "phone" && !c.VerifiedAt.IsZero() && len(cfg.Channels[string(acr.SMS)]) > 0 && cfg.TakesCodes(c.Canonical)
}
