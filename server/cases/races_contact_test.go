package cases

import (
	"context"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Of rivals who each take another one of two mailboxes away, one succeeds: an account is never left without one.
func TestRaceG09OfRivalsWhoTakeTheLastMailboxesAwayOneIsLeft(t *testing.T) {
	inArenas(t, func(a *arena) {
		ctx := context.Background()
		long := time.Now().Add(-1000 * time.Hour)
		second := &storage.Contact{ID: "second", PersonID: a.U1.ID, Channel: "email", Address: "two@rossi.test", Canonical: "two@rossi.test", VerifiedAt: long, Created: long}
		if err := a.Store.PutContact(ctx, second); err != nil {
			a.t.Fatal(err)
		}
		mailboxes := func() []*storage.Contact {
			row, err := a.Store.Person(ctx, a.U1.ID)
			if err != nil {
				a.t.Fatal(err)
			}
			return row.Contacts
		}
		ids := []string{mailboxes()[0].ID, mailboxes()[1].ID}
		b := a.Browser("ugo")
		b.Open(a.RP1.Login("scope", "openid", "acr_values", "mfa")).SignIn(a.U1).WantStep("otp").GiveCode(a.U1.AppCode())
		b.Open(here + "/account").WantStep("account")
		answers := a.atOnce(rivals, func(i int, p *prober) *answer {
			return p.send(submitted(b, "/account/contacts/"+ids[i%2]+"/remove"))
		})
		won := 0
		for _, got := range answers {
			if got.says() == "303 /account" {
				won++
			}
		}
		want(a.t, "removals", won, 1)
		want(a.t, "mailboxes left", len(mailboxes()), 1)
		want(a.t, "the primary one", mailboxes()[0].Primary, true)
		want(a.t, "records", len(a.Records("contact.removed")), 1)
	})
}
