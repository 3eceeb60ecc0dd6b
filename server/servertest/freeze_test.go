package servertest_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

const spare = "dora@altrove.test"

// withSpare gives U2 a second mailbox, long ago.
func withSpare(t *testing.T, w *servertest.World) {
	t.Helper()
	then := time.Now().Add(-20 * 24 * time.Hour)
	err := w.Store.PutContact(t.Context(), &storage.Contact{
		ID: secret.NewID(), PersonID: w.U2.ID, Channel: "email", Address: spare, Canonical: spare, VerifiedAt: then, Created: then,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// broken is what the stories begin with: the owner has signed in once, the thief, who has the password and reads the first
// mailbox, gets to mfa by a code to it. The link is that of the notice in the mailbox.
func broken(t *testing.T, w *servertest.World, mailbox string) (thief *servertest.Browser, link string) {
	t.Helper()
	w.SignedIn(w.Browser("dora"), w.RP1, w.U2)
	time.Sleep(time.Hour)
	thief = w.Browser("thief")
	thief.IP, thief.UserAgent = "198.51.100.4", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
	w.SignedIn(thief, w.RP1, w.U2, "acr_values", "mfa")
	want(t, "the thief", w.RP1.Last().Acr(), "mfa")
	time.Sleep(time.Minute)
	return thief, links(t, w, mailbox, notMeLink)[0]
}

// tap says "it was not me".
func tap(b *servertest.Browser, link string) *servertest.Browser {
	b.Open(link).WantStep("not_me").Submit("not-me").WantStep("not_me_done")
	time.Sleep(time.Minute)
	return b
}

// wantsMFA signs in and asks for mfa; the browser is where that leads.
func wantsMFA(b *servertest.Browser, w *servertest.World, p *servertest.Person) *servertest.Browser {
	return b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(p)
}

func personOf(t *testing.T, w *servertest.World, p *servertest.Person) *storage.Person {
	t.Helper()
	return must(w.Store.Person(t.Context(), p.ID))(t)
}

func frozen(t *testing.T, w *servertest.World, p *servertest.Person) bool {
	t.Helper()
	return session.Frozen(personOf(t, w, p), w.Store.Now())
}

func TestNotMeOwnerComesBackByAnotherContact(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		withSpare(t, w)
		thief, link := broken(t, w, w.U2.Email)
		b := tap(w.Browser("dora"), link)
		b.WantText("d•••@a•••.test").WantText("contact support").WantText("wait until")
		for _, secretly := range []string{spare, w.U2.Email} {
			if strings.Contains(b.Text(), secretly) {
				t.Errorf("the page shows %s", secretly)
			}
		}
		thief.Open(w.RP1.Login("prompt", "none"))
		want(t, "the thief's session", w.RP1.Last().Error, "login_required")
		want(t, "record", len(w.Records("person.frozen")), 1)

		// The thief knows the password, reads the first mailbox, and sets the password by it.
		codes := w.Codes(w.U2.Email)
		wantsMFA(thief, w, w.U2).WantStep("otp").WantText("d•••@a•••.test")
		want(t, "codes to the mailbox that the thief reads", w.Codes(w.U2.Email), codes)
		forgot(thief, w.U2.Username)
		setPassword(thief, resetOf(t, w, w.U2.Email), newPassword).WantStep("password_set")
		w.U2.Password = newPassword
		wantsMFA(w.Browser("thief again"), w, w.U2).WantStep("otp")
		want(t, "codes after a reset", w.Codes(w.U2.Email), codes)
		want(t, "frozen", frozen(t, w, w.U2), true)

		time.Sleep(2 * time.Minute)
		owner := w.Browser("owner")
		wantsMFA(owner, w, w.U2).WantStep("otp").GiveCode(w.Code(spare))
		want(t, "the owner", w.RP1.Last().Acr(), "mfa")
		want(t, "billing", w.RP1.Last().Scoped("billing"), true)
		want(t, "frozen after it", frozen(t, w, w.U2), false)
		if got := w.Records("person.unfrozen"); len(got) != 1 || got[0].Reason != "email" || got[0].PersonID != w.U2.ID {
			t.Errorf("records of the lifting: %+v", got)
		}
	})
}

func resetOf(t *testing.T, w *servertest.World, address string) string {
	t.Helper()
	return links(t, w, address, resetLink)[0]
}

func TestNotMeOwnerComesBackByAnOlderApp(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.SignedIn(w.Browser("ugo"), w.RP1, w.U1)
		time.Sleep(time.Hour)
		thief := w.Browser("thief")
		wantsMFA(thief, w, w.U1) // gets no further, and is told of by nothing but the sign-in
		time.Sleep(time.Minute)
		b := tap(w.Browser("ugo's mail"), links(t, w, w.U1.Email, notMeLink)[0])
		b.WantText("The authenticator app you had switched on before")
		owner := w.Browser("ugo")
		wantsMFA(owner, w, w.U1).WantStep("otp").GiveCode(w.U1.AppCode())
		want(t, "the owner", w.RP1.Last().Acr(), "mfa")
		want(t, "frozen after it", frozen(t, w, w.U1), false)
		want(t, "record", w.Records("person.unfrozen")[0].Reason, "totp")
	})
}

// The thief's app counts for nothing, does not stand between the owner and the other mailbox, and is not back when the owner is.
func TestNotMeThiefsAppOpensNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		withSpare(t, w)
		thief, link := broken(t, w, w.U2.Email)
		time.Sleep(3 * time.Hour) // AddApp says two hours ago
		w.AddApp(w.U2)
		time.Sleep(time.Minute)
		tap(w.Browser("dora"), link).WantText("d•••@a•••.test")
		wantsMFA(thief, w, w.U2).WantStep("otp").WantText("d•••@a•••.test")
		if thief.Has("way-totp") || strings.Contains(thief.Text(), "app") {
			t.Errorf("the thief's app is offered:\n%s", thief.Text())
		}
		time.Sleep(2 * time.Minute)
		owner := w.Browser("owner")
		wantsMFA(owner, w, w.U2).WantStep("otp").GiveCode(w.Code(spare))
		want(t, "the owner", w.RP1.Last().Acr(), "mfa")
		time.Sleep(2 * time.Minute)
		again := w.Browser("thief again")
		wantsMFA(again, w, w.U2).WantStep("otp")
		if strings.Contains(again.Text(), "Use the Authenticator app") {
			t.Errorf("the thief's app is back:\n%s", again.Text())
		}
		// The owner takes it away. It gives nothing, so it costs no proof of itself.
		id := personOf(t, w, w.U2).Factors[0].ID
		owner.Open(accountURL+"/factors/"+id+"/remove").WantStep("account_remove").FillID("password", w.U2.Password).Submit("remove-submit")
		want(t, "factors", len(personOf(t, w, w.U2).Factors), 0)
	})
}

func TestNotMeWithNothingElseWaits(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief, link := broken(t, w, w.U2.Email)
		tap(w.Browser("dora"), link).WantText("nothing else on the account to recognise you by").WantText("wait until")
		wantsMFA(thief, w, w.U2)
		want(t, "the thief", w.RP1.Last().Error, acr.ErrUnmet)
		want(t, "why", w.RP1.Last().Description, "frozen")
		owner := w.Browser("dora")
		owner.Open(w.RP1.Login()).SignIn(w.U2)
		want(t, "a sign-in without a second step", w.RP1.Last().Acr(), "sfa")
		owner.Open(accountURL + "/factors").WantStep("account_factors")
		time.Sleep(24 * time.Hour)
		again := w.Browser("dora, a day later")
		wantsMFA(again, w, w.U2).WantStep("otp").GiveCode(w.Code(w.U2.Email))
		want(t, "after the cooling time", w.RP1.Last().Acr(), "mfa")
		want(t, "nothing was lifted", len(w.Records("person.unfrozen")), 0)
	})
}

// G09: a link dies with the contact it was mailed to, and lives on in the others.
func TestG09TheLinkOfARemovedContactIsDead(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		withSpare(t, w)
		_, first := broken(t, w, w.U2.Email)
		second := links(t, w, spare, notMeLink)[0]
		if first == second {
			t.Fatal("two mailboxes got one link")
		}
		b := w.Browser("who reads the spare mailbox")
		b.Open(second).WantStep("not_me")
		for _, c := range personOf(t, w, w.U2).Contacts {
			if c.Canonical == spare {
				if err := w.Store.RemoveContact(t.Context(), w.U2.ID, c.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.Submit("not-me").WantStatus(http.StatusGone)
		dead(t, w.Browser("later"), second)
		withSpare(t, w)
		dead(t, w.Browser("put back"), second)
		want(t, "frozen by a dead link", frozen(t, w, w.U2), false)
		w.Browser("dora").Open(first).WantStep("not_me")
	})
}

// Two taps of one link at once, at two instances: one of them says it.
func TestNotMeIsSaidOnce(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		_, link := broken(t, w, w.U2.Email)
		two := w.Second()
		w.Route(func(r *http.Request) *server.Server {
			if strings.HasSuffix(r.UserAgent(), "two") {
				return two
			}
			return w.Server
		})
		var all sync.WaitGroup
		taps := make([]*servertest.Browser, 8)
		for i := range taps {
			taps[i] = w.Browser("tap")
			taps[i].UserAgent = []string{"one", "two"}[i%2]
			taps[i].Open(link).WantStep("not_me")
		}
		for _, b := range taps {
			all.Go(func() { b.Submit("not-me") })
		}
		all.Wait()
		done := 0
		for _, b := range taps {
			if b.Step() == "not_me_done" {
				done++
			}
		}
		want(t, "said", done, 1)
		want(t, "records", len(w.Records("person.frozen")), 1)
		want(t, "frozen", frozen(t, w, w.U2), true)
	})
}

// A later notice says less than an earlier one: what was said first stays.
func TestNotMeOfALaterActDoesNotForgetTheEarlier(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		_, link := broken(t, w, w.U2.Email)
		tap(w.Browser("dora"), link)
		since := personOf(t, w, w.U2).FrozenSince
		time.Sleep(time.Hour)
		w.SignedIn(w.Browser("yet another"), w.RP1, w.U2)
		tap(w.Browser("dora"), links(t, w, w.U2.Email, notMeLink)[0])
		now := personOf(t, w, w.U2)
		want(t, "since", now.FrozenSince.Equal(since), true)
		want(t, "via", strings.Join(now.FrozenVia, " "), w.U2.Email)
	})
}

// The link is read in the mailbox that the thief does not read: the one that he does lifts nothing either.
func TestNotMeKeepsOutTheMailboxThatTheThiefUsed(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		withSpare(t, w)
		thief, link := broken(t, w, spare)
		tap(w.Browser("dora"), link).WantText("nothing else on the account")
		want(t, "via", strings.Join(personOf(t, w, w.U2).FrozenVia, " "), spare+" "+w.U2.Email)
		wantsMFA(thief, w, w.U2)
		want(t, "the thief", w.RP1.Last().Error, acr.ErrUnmet)
	})
}

// A proof that is given in the account area lifts it as well, and only then does what came since stay apart.
func TestNotMeIsLiftedByAProofInTheAccountArea(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.SignedIn(w.Browser("ugo"), w.RP1, w.U1)
		time.Sleep(time.Hour)
		w.SignedIn(w.Browser("thief"), w.RP1, w.U1, "scope", "openid")
		time.Sleep(time.Minute)
		tap(w.Browser("ugo's mail"), links(t, w, w.U1.Email, notMeLink)[0])
		b := w.Browser("ugo")
		b.Open(w.RP1.Login("scope", "openid")).SignIn(w.U1)
		want(t, "the password alone", w.RP1.Last().Acr(), "sfa")
		b.Open(accountURL + "/profile").WantStep("otp").GiveCode(w.U1.AppCode()).WantStep("account_profile")
		want(t, "frozen after it", frozen(t, w, w.U1), false)
		want(t, "record", w.Records("person.unfrozen")[0].Reason, "totp")
		b.Open(accountURL + "/activity").WantText("It wasn’t me”: account on hold").WantText("Recognised again: Authenticator app")
	}, servertest.With(func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" }))
}
