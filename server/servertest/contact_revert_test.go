package servertest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

var revertLink = regexp.MustCompile(`https://\S+/contacts/revert\?t=\S+`)

// reverts are all links to take a change back that went to an address, oldest first.
func reverts(w *servertest.World, address string) (list []string) {
	for _, m := range w.Mails(address) {
		list = append(list, revertLink.FindAllString(m.Text, -1)...)
	}
	return list
}

// takeBack follows such a link.
func takeBack(b *servertest.Browser, link string) *servertest.Browser {
	return b.Open(link).WantStep("contact_revert").Submit("revert")
}

// Who has the password and reads the one mailbox adds an address of their own, waits, takes the owner's away, sets a new password and
// switches an app on. The message of the first change still takes all of it back; what comes back opens nothing for a while.
func TestG09AThiefWithTheMailboxIsTakenBack(t *testing.T) {
	const theirs = "thief@evil.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief := w.Browser("thief")
		w.SignedIn(thief, w.RP1, w.V)
		addEmail(w, thief, theirs, func() string { return w.Code(w.V.Email) })
		w.Deliver()
		time.Sleep(25 * time.Hour)
		w.SignedIn(thief, w.RP1, w.V)
		first := contactOf(t, w, w.V, w.V.Email)
		thief.Open(accountURL + "/contacts/" + first.ID).WantStep("otp")
		thief.GiveCode(w.Code(w.V.Email)).WantStep("account_contact").Submit("remove").WantStep("otp")
		thief.GiveCode(w.Code(theirs)).WantStep("account_contact").Submit("remove").WantStep("account")
		forgot(thief, w.V.Username)
		setPassword(thief, link(t, w, theirs), newPassword).WantStep("password_set")
		time.Sleep(time.Minute)
		stolen := *w.V
		stolen.Password = newPassword
		w.SignedIn(thief, w.RP1, &stolen)
		w.AddApp(&stolen)

		list := reverts(w, w.V.Email)
		want(t, "links to the owner", len(list), 2)
		want(t, "links to the thief", len(reverts(w, theirs)), 0)
		b := w.Browser("vera")
		b.Open(list[0]).WantStep("contact_revert").Open(list[0]).WantStep("contact_revert") // a scanner burns nothing
		b.Submit("revert").WantStep("contact_revert_done").WantText("contact support")
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		c := contactOf(t, w, w.V, w.V.Email)
		if c == nil || !c.Primary || !c.RestsUntil.After(time.Now().Add(23*time.Hour)) || len(row.Contacts) != 1 || len(row.Factors) != 0 {
			t.Fatalf("after it: %+v, %d contacts, %d factors", c, len(row.Contacts), len(row.Factors))
		}
		want(t, "second steps are void", row.SecondSince.After(first.VerifiedAt), true)
		want(t, "records", len(w.Records("contact.reverted")), 1)
		thief.Open(accountURL).WantStep("login")
		dead(t, w.Browser("again"), list[0])

		t.Log("no link for a password goes there, and no code that counts, before it has settled")
		time.Sleep(time.Minute)
		had := len(w.Mails(w.V.Email))
		forgot(w.Browser("owner"), w.V.Username)
		forgot(w.Browser("owner"), w.V.Email)
		want(t, "mails while it rests", len(w.Mails(w.V.Email)), had)
		w.SignedIn(thief, w.RP1, &stolen)
		stepUp(w, thief)
		want(t, "codes while it rests", len(w.Mails(w.V.Email)), had)
		time.Sleep(25 * time.Hour)
		forgot(b, w.V.Username)
		setPassword(b, link(t, w, w.V.Email), "tre gatti sul tetto nuovo").WantStep("password_set")
	})
}

// Two changes wait at once: taking the later one back leaves the link of the earlier one.
func TestG09TwoChangesWaitAtOnce(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief := w.Browser("thief")
		w.SignedIn(thief, w.RP1, w.V)
		addEmail(w, thief, "one@evil.test", func() string { return w.Code(w.V.Email) })
		time.Sleep(2 * time.Minute)
		addEmail(w, thief, "two@evil.test", func() string { return w.Code(w.V.Email) })
		list := reverts(w, w.V.Email)
		want(t, "links", len(list), 2)
		takeBack(w.Browser("vera"), list[1]).WantStep("contact_revert_done")
		if contactOf(t, w, w.V, "two@evil.test") != nil || contactOf(t, w, w.V, "one@evil.test") == nil {
			t.Error("the later change is not what was taken back")
		}
		takeBack(w.Browser("vera"), list[0]).WantStep("contact_revert_done").WantText("choose a new password")
		if contactOf(t, w, w.V, "one@evil.test") != nil {
			t.Error("the earlier change stands")
		}
		if c := contactOf(t, w, w.V, w.V.Email); c == nil || c.PutBack || !c.RestsUntil.IsZero() {
			t.Errorf("it was never away: %+v", c)
		}
	})
}

// The owner who lost a mailbox to somebody is not taken back: what an own factor or another settled contact proved is not undone by
// whoever reads there, nor what they vouched for later.
func TestG09WhatMoreProvedIsNotTakenBack(t *testing.T) {
	const second, fresh = "vera.two@bianchi.test", "vera.new@bianchi.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		time.Sleep(25 * time.Hour) // the app is older than anything rests
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		addEmail(w, b, "ugo.new@rossi.test", w.U1.AppCode)
		want(t, "links beside the app", len(reverts(w, w.U1.Email)), 0)
		mails := w.Mails(w.U1.Email)
		want(t, "it was not me", strings.Contains(mails[len(mails)-1].Text, "/not-me?t="), true)

		t.Log("a code to the other mailbox: only that one takes it back")
		hasMailbox(t, w, w.V, second)
		b = w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		addEmail(w, b, fresh, func() string { return w.Code(w.V.Email) })
		want(t, "links to the one that paid", len(reverts(w, w.V.Email)), 1)
		want(t, "links to the other one", len(reverts(w, second)), 0)
		t.Log("which vouches for the new one: nobody takes that back")
		b.Submit("contact-" + contactOf(t, w, w.V, fresh).ID).WantStep("account_contact").Submit("settle").WantStep("otp")
		b.GiveCode(w.Code(second)).WantStep("account_contact").Submit("settle").WantStep("account_contact")
		lost := w.Browser("who reads the lost mailbox")
		paid := reverts(w, w.V.Email)[0]
		takeBack(lost, paid).WantStep("contact_revert_done")
		if contactOf(t, w, w.V, fresh) == nil {
			t.Error("taken back, though another settled contact vouched for it")
		}

		t.Log("and with the mailbox go its links")
		time.Sleep(25 * time.Hour)
		w.SignedIn(b, w.RP1, w.V)
		addEmail(w, b, "vera.four@bianchi.test", func() string { return w.Code(w.V.Email) })
		list := reverts(w, w.V.Email)
		b.Open(accountURL + "/contacts/" + contactOf(t, w, w.V, w.V.Email).ID).WantStep("account_contact").Submit("remove").WantStep("otp")
		b.GiveCode(w.Code(second)).WantStep("account_contact").Submit("remove").WantStep("account")
		want(t, "links to the one that went", len(reverts(w, w.V.Email)), len(list))
		dead(t, lost, list[len(list)-1])
	})
}

// Links of two accounts in one browser: the form of the one does nothing to the other. A link is good in time only.
func TestG09ARevertIsOneAccountsAndInTime(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		other := w.Create(&servertest.Person{Username: "olga", Password: "sette ponti di legno", Email: "olga@bianchi.test", Verified: true})
		for _, p := range []*servertest.Person{w.V, other} {
			b := w.Browser(p.Username)
			w.SignedIn(b, w.RP1, p)
			addEmail(w, b, p.Username+".new@bianchi.test", func() string { return w.Code(p.Email) })
		}
		veras, olgas := reverts(w, w.V.Email)[0], reverts(w, other.Email)[0]
		b := w.Browser("one browser")
		b.Open(veras).WantStep("contact_revert")
		b.Tab("another tab").Open(olgas).WantStep("contact_revert")
		b.Submit("revert").WantStatus(http.StatusConflict)
		b.Post(b.URL(), origin+"/contacts/revert", url.Values{"shown": {"forged"}})
		for _, p := range []*servertest.Person{w.V, other} {
			if contactOf(t, w, p, p.Username+".new@bianchi.test") == nil {
				t.Errorf("%s: taken back by the form of another", p.Username)
			}
		}
		time.Sleep(73 * time.Hour)
		dead(t, w.Browser("late"), veras)
	})
}
