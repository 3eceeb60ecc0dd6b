package servertest_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// contactOf finds one of somebody's contacts; nil = it is none.
func contactOf(t *testing.T, w *servertest.World, p *servertest.Person, canonical string) *storage.Contact {
	t.Helper()
	for _, c := range must(w.Store.Person(t.Context(), p.ID))(t).Contacts {
		if c.Canonical == canonical {
			return c
		}
	}
	return nil
}

// hasMailbox gives somebody a verified address of long ago.
func hasMailbox(t *testing.T, w *servertest.World, p *servertest.Person, address string) {
	t.Helper()
	c := &storage.Contact{ID: "c" + strconv.Itoa(len(address)) + p.Username, PersonID: p.ID, Channel: "email", Address: address, Canonical: address}
	c.VerifiedAt, c.Created = time.Now().Add(-20*24*time.Hour), time.Now().Add(-20*24*time.Hour)
	if err := w.Store.PutContact(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// addEmail adds an address behind a step that code answers.
func addEmail(w *servertest.World, b *servertest.Browser, address string, code func() string) *servertest.Browser {
	b.Open(accountURL + "/email")
	if b.Step() == "otp" {
		b.GiveCode(code())
	}
	b.WantStep("account_email").FillID("email", address).Submit("email-submit").WantStep("otp").WantText(address)
	return b.GiveCode(w.Code(address)).WantStep("account_profile").WantText("The address is verified.")
}

// An address is added behind a fresh second step, verified by a code to itself and told to the old one, which stays in force until
// then. A code that went there proves nothing of the session, and nothing sensitive until it has settled.
func TestG09AnAddressIsAddedBehindAFreshStepAndItsOwnCode(t *testing.T) {
	const fresh = "vera.new@bianchi.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/profile").GiveCode(w.Code(w.V.Email)).WantStep("account_profile")
		time.Sleep(time.Hour / 2)
		before := len(w.Mails(w.V.Email))
		t.Log("the session opened the area, and its step is too old for a change")
		b.Submit("add-contact").WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("account_email")
		b.FillID("email", "nonsense").Submit("email-submit").WantStatus(422)
		b.FillID("email", w.V.Email).Submit("email-submit").WantStatus(422).WantText("among your contacts already")
		b.FillID("email", fresh).Submit("email-submit").WantStep("otp").WantText(fresh)
		code := w.Code(fresh)
		if contactOf(t, w, w.V, fresh) != nil || len(w.Mails(w.V.Email)) != before+1 {
			t.Error("only typed, and something has changed")
		}
		b.FillID("otp", "000000").Submit("otp-submit").WantStatus(422)
		form, at := url.Values{"otp": {code}, "way": {regexp.MustCompile(`name="way" value="([^"]+)"`).FindStringSubmatch(string(b.Body()))[1]}}, b.URL()
		b.GiveCode(code).WantStep("account_profile").WantText("The address is verified.").WantText("cannot be shortened")
		b.Post(at, accountURL+"/email/code", form).WantStep("account_profile") // sent twice
		c := contactOf(t, w, w.V, fresh)
		if c == nil || c.Primary || c.VerifiedAt.IsZero() || !c.RestsUntil.After(time.Now().Add(23*time.Hour)) || c.ProvedBy != w.V.Email {
			t.Fatalf("added: %+v", c)
		}
		mails := w.Mails(w.V.Email)
		want(t, "notices", len(mails)-before-1, 1)
		want(t, "notice", mails[len(mails)-1].Kind, "notice")
		want(t, "to the new one", len(w.Mails(fresh)), 1)
		want(t, "records", len(w.Records("contact.change.done")), 1)

		other := w.Browser("vera elsewhere")
		w.SignedIn(other, w.RP1, w.V)
		if text := stepUp(w, other).WantStep("otp").Text(); strings.Contains(text, "v•••@b•••.test") && strings.Contains(text, "Another way") {
			t.Errorf("offered while it rests: %q", text)
		}
		t.Log("nobody else vouches for it: the wait is the wait")
		b.Open(accountURL+"/contacts/"+c.ID).WantStep("account_contact").Post(b.URL(), accountURL+"/contacts/"+c.ID+"/settle", url.Values{}).WantStatus(422)
		if contactOf(t, w, w.V, fresh).RestsUntil.IsZero() {
			t.Error("the code that paid for the change settled it, too")
		}
	})
}

// Who knows the password and nothing else gets as far as the question for a code. Who has one mailbox besides gets an address that
// rests, and writes to no more than a few strangers in an hour.
func TestG09AThiefAddsNoAddressThatCounts(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief := w.Browser("thief")
		w.SignedIn(thief, w.RP1, w.V)
		for _, path := range []string{"/contacts/new", "/email", "/email/code"} {
			thief.Open(accountURL + path).WantStep("otp")
		}
		thief.Open(accountURL).WantStep("account").Post(thief.URL(), accountURL+"/email", url.Values{"email": {"thief@evil.test"}}).WantStep("otp")
		want(t, "mails to it", len(w.Mails("thief@evil.test")), 0)

		thief.GiveCode(w.Code(w.V.Email)).WantStep("account_email")
		for i := range 6 {
			thief.Open(accountURL+"/email").FillID("email", "victim"+strconv.Itoa(i)+"@evil.test").Submit("email-submit")
		}
		thief.WantStatus(429)
		want(t, "mails to the sixth", len(w.Mails("victim5@evil.test")), 0)
	})
}

// A code says for whom it was asked: one that went to an address in one account proves it in no other.
func TestT06AContactOfSomebodyElseIsUnknown(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		hasMailbox(t, w, w.V, "vera.two@bianchi.test")
		theirs := contactOf(t, w, w.V, w.V.Email).ID
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		b.Open(accountURL + "/profile")
		if b.Step() == "otp" {
			b.GiveCode(w.U1.AppCode())
		}
		b.WantStep("account_profile")
		home := b.URL()
		for _, id := range []string{theirs, "nobody", "new%00"} {
			b.Open(accountURL + "/contacts/" + id).WantStatus(404)
			for verb, form := range map[string]url.Values{"primary": {}, "codes": {"codes": {"off"}}, "remove": {}, "settle": {}} {
				b.Post(home, accountURL+"/contacts/"+id+"/"+verb, form).WantStatus(404)
			}
			for _, action := range []string{"contact.", "besides.", "settle."} {
				b.Open(accountURL + "/confirm/" + action + id).WantStatus(404)
			}
		}
		c := contactOf(t, w, w.V, w.V.Email)
		if c == nil || !c.Primary || c.NoCodes {
			t.Errorf("changed by another: %+v", c)
		}
	})
}

// A contact goes behind a code to another one, never behind its own; all are told, and what stood on it falls.
func TestG09AContactGoesBehindACodeToAnotherOne(t *testing.T) {
	const second = "vera.two@bianchi.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		hasMailbox(t, w, w.V, second)
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/profile").WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("account_profile")
		first := contactOf(t, w, w.V, w.V.Email)
		b.Submit("contact-" + first.ID).WantStep("account_contact").Submit("remove").WantStep("otp")
		want(t, "codes to the one that goes", w.Codes(w.V.Email), 1)
		before := len(w.Mails(w.V.Email))
		b.GiveCode(w.Code(second)).WantStep("account_contact")
		tab := b.Tab("a second tab").Open(accountURL + "/contacts/" + contactOf(t, w, w.V, second).ID).WantStep("account_contact")
		b.Submit("remove").WantStep("account").WantText("The contact was removed.")
		if contactOf(t, w, w.V, w.V.Email) != nil || !contactOf(t, w, w.V, second).Primary {
			t.Error("the contacts are not what they should be")
		}
		want(t, "told at the one that went", len(w.Mails(w.V.Email))-before, 1)
		want(t, "records", len(w.Records("contact.removed")), 1)
		t.Log("the other tab would take the last one away")
		time.Sleep(2 * time.Minute)
		tab.Submit("remove")
		if contactOf(t, w, w.V, second) == nil {
			t.Error("the last contact went")
		}
		tab.Open(accountURL + "/contacts/" + contactOf(t, w, w.V, second).ID)
		if tab.Step() == "otp" { // second steps of before are void
			tab.GiveCode(w.Code(second))
		}
		tab.WantText("the only mailbox").Post(tab.URL(), tab.URL().String()+"/remove", url.Values{}).WantStatus(422).WantText("the only mailbox")
		tab.Post(tab.URL(), tab.URL().String()+"/codes", url.Values{"codes": {"off"}})
		if c := contactOf(t, w, w.V, second); c == nil || c.NoCodes {
			t.Errorf("the last one: %+v", c)
		}
	})
}

// Which address is the account's, and whether codes go to one, is the person's to say; each is on record, and told.
func TestG09PrimaryAndCodesAreChosen(t *testing.T) {
	const second = "vera.two@bianchi.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		hasMailbox(t, w, w.V, second)
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		page := accountURL + "/contacts/" + contactOf(t, w, w.V, second).ID
		b.Open(page).WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("account_contact")
		b.Submit("primary").WantStep("account_contact").WantText("It is now the primary contact.")
		if contactOf(t, w, w.V, w.V.Email).Primary || !contactOf(t, w, w.V, second).Primary {
			t.Error("two primary addresses, or the wrong one")
		}
		b.Submit("codes").WantStep("account_contact").WantText("No verification codes go here.")
		if !contactOf(t, w, w.V, second).NoCodes {
			t.Error("codes still go there")
		}
		want(t, "records", len(w.Records("contact.primary"))+len(w.Records("contact.codes")), 2)
		other := w.Browser("vera elsewhere")
		time.Sleep(2 * time.Minute)
		w.SignedIn(other, w.RP1, w.V)
		stepUp(w, other).WantStep("otp")
		want(t, "codes to the one that gets none", w.Codes(second), 0)
		want(t, "another way", other.Has("others"), false)
		t.Log("now codes go to one only: it keeps them")
		b.Open(accountURL + "/contacts/" + contactOf(t, w, w.V, w.V.Email).ID).WantText("the only contact that codes can go to")
		b.Open(page).Submit("codes").WantStep("account_contact").WantText("can go here")
	})
}

// A new address settles before its time by what was there before and had no part in adding it: an own factor, or a code to a third
// contact. The mailbox that paid for it does not pay twice.
func TestANewAddressSettlesByAnotherContactOrFactor(t *testing.T) {
	const second, fresh = "vera.two@bianchi.test", "vera.new@bianchi.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		hasMailbox(t, w, w.V, second)
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		addEmail(w, b, fresh, func() string { return w.Code(w.V.Email) }).WantText("You can shorten the wait")
		had := w.Codes(w.V.Email)
		b.Submit("contact-" + contactOf(t, w, w.V, fresh).ID).WantStep("account_contact").Submit("settle").WantStep("otp")
		want(t, "codes to the one that paid", w.Codes(w.V.Email), had)
		want(t, "offers of it", b.Has("others"), false)
		b.GiveCode(w.Code(second)).WantStep("account_contact").Submit("settle").WantStep("account_contact").WantText("counts from now on")
		want(t, "rests", contactOf(t, w, w.V, fresh).RestsUntil.IsZero(), true)
		want(t, "records", len(w.Records("contact.settled")), 1)

		const ugos = "ugo.new@rossi.test"
		b = w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		addEmail(w, b, ugos, w.U1.AppCode)
		want(t, "it rests", contactOf(t, w, w.U1, ugos).RestsUntil.IsZero(), false)
		b.Submit("contact-" + contactOf(t, w, w.U1, ugos).ID).Submit("settle").WantText("counts from now on")
		want(t, "settled by the app", contactOf(t, w, w.U1, ugos).RestsUntil.IsZero(), true)
	})
}

// A second witness is not made of the first: an address that came on the word of one mailbox does not vouch for a third.
func TestG09AnAddedAddressIsNoSecondWitness(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		addEmail(w, b, "one@evil.test", func() string { return w.Code(w.V.Email) })
		time.Sleep(25 * time.Hour)
		w.SignedIn(b, w.RP1, w.V)
		addEmail(w, b, "two@evil.test", func() string { return w.Code(w.V.Email) }).WantText("cannot be shortened")
		two := contactOf(t, w, w.V, "two@evil.test")
		b.Post(b.URL(), accountURL+"/contacts/"+two.ID+"/settle", url.Values{}).WantStatus(422)
		want(t, "rests", contactOf(t, w, w.V, "two@evil.test").RestsUntil.IsZero(), false)
	})
}

// As many contacts as there may be: the pages say so, and nothing is sent.
func TestContactsHaveAnEnd(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for i := range 9 {
			hasMailbox(t, w, w.V, strings.Repeat("v", i+1)+"@bianchi.test")
		}
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/contacts/new").WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("account_new_contact")
		want(t, "says so", b.Has("full"), true)
		b.Open(accountURL + "/number").WantStep("account_new_contact")
		b.Open(accountURL+"/email").FillID("email", "one.more@bianchi.test").Submit("email-submit").WantStatus(422).WantText("10 contacts at most")
		want(t, "mails there", len(w.Mails("one.more@bianchi.test")), 0)
	}, servertest.ByPhone())
}
