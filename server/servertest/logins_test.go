package servertest_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// linkAt signs in at the provider, where it asks.
func linkAt(b *servertest.Browser, p *servertest.Person) *servertest.Browser {
	if b.URL().Host == servertest.Social && b.Step() == "login" {
		b.SignIn(p)
	}
	return b
}

// A login is linked from inside, behind the account's own fresh step; it then opens the account, with one step more the first
// time, and is unlinked again, which signs everybody out.
func TestALoginIsLinkedAndUnlinkedFromInside(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(accountURL + "/logins").WantStep("account_logins").WantText("You haven’t linked")
		b.Submit("link-social").WantStep("otp").GiveCode(w.Code(w.U2.Email)).WantStep("account_logins")
		b.Submit("link-social")
		linkAt(b, w.Carla).WantStep("account_logins").WantText("Unlink")
		person := must(w.Store.Person(t.Context(), w.U2.ID))(t)
		want(t, "logins", len(person.Identities), 1)
		want(t, "proved", person.Identities[0].ProvedAt.IsZero(), true)
		want(t, "records", len(w.Records("idp.link")), 1)

		time.Sleep(time.Hour)
		carla := viaSocial(w.Browser("by the login").Open(w.RP1.Login()), w.Carla).WantStep("otp")
		carla.GiveCode(w.Code(w.U2.Email))
		want(t, "whose account it opens", w.RP1.Last().IDToken.Subject, w.U2.ID)

		time.Sleep(time.Hour)
		b.Open(accountURL + "/logins").Click("Unlink Social").WantStep("otp").GiveCode(w.Code(w.U2.Email)).WantStep("account_logins")
		b.Click("Unlink Social").WantStep("account_door").WantText("Login unlinked")
		want(t, "logins", len(must(w.Store.Person(t.Context(), w.U2.ID))(t).Identities), 0)
		carla.Open(accountURL).WantStep("login")
	})
}

// T06, K06: a thief with the password links nothing; a login that another account has stays there, and whose it is is not told;
// who signed in as somebody else on the way links nothing to anybody.
func TestT06K06NobodyElsesLoginIsLinkedNorUnlinked(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		logins := func(p *servertest.Person) int { return len(must(w.Store.Person(t.Context(), p.ID))(t).Identities) }
		thief := w.Browser("thief with the password")
		thief.Open(accountURL + "/logins").SignIn(w.U2).WantStep("account_logins")
		thief.Submit("link-social").WantStep("otp")

		owner := w.Browser("carla")
		viaSocial(owner.Open(w.RP1.Login()), w.Carla).WantStep("otp").GiveCode(w.Code(w.Carla.Email))
		has := w.RP1.Last().IDToken.Subject

		b := w.Browser("dora")
		time.Sleep(time.Minute)
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(accountURL + "/logins").Submit("link-social").GiveCode(w.Code(w.U2.Email)).Submit("link-social")
		linkAt(b, w.Carla).WantStatus(403)
		want(t, "dora's logins", logins(w.U2), 0)
		want(t, "the owner's", len(must(w.Store.Person(t.Context(), has))(t).Identities), 1)

		b.Open(accountURL+"/logins").Post(b.URL(), accountURL+"/logins/unlink", url.Values{"login": {"0123456789abcdef01234567"}}).WantStep("account_logins")
		want(t, "the owner's", len(must(w.Store.Person(t.Context(), has))(t).Identities), 1)

		b.Open(accountURL + "/logins").Submit("link-social")
		other := b.Tab("another person signs in here")
		other.Open(w.RP1.Login("prompt", "login")).SignIn(w.V)
		linkAt(b, w.Dario).WantStatus(409)
		want(t, "dora's logins", logins(w.U2), 0)
		want(t, "vera's", logins(w.V), 0)
	})
}

// Whoever had copied the cookie before kept a session on an account to which one more login leads; and a session that was ended
// while the provider's answer came still linked one, after the word that everybody is signed out.
func TestQ84ALinkedLoginGivesTheSessionANewSecretAndNeedsOneThatLives(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, thief := w.Browser("dora"), w.Browser("copy of a cookie")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(accountURL + "/logins").Submit("link-social").GiveCode(w.Code(w.U2.Email)).WantStep("account_logins")
		const cookie = "__Host-soglia_session"
		before := b.Cookie(servertest.SSO, cookie)
		thief.SetCookie(servertest.SSO, &http.Cookie{Name: cookie, Value: before, Path: "/", Secure: true})
		thief.Open(accountURL).WantStep("account")
		b.Submit("link-social")
		linkAt(b, w.Carla).WantStep("account_logins").WantText("Unlink")
		want(t, "logins", len(must(w.Store.Person(t.Context(), w.U2.ID))(t).Identities), 1)
		thief.Open(accountURL).WantStep("login")

		db, now := w.Store, w.Store.Now()
		held := must(session.Load(t.Context(), db, b.Cookie(servertest.SSO, cookie), now))(t)
		_ = must(session.EndOthers(t.Context(), db, "", &storage.Event{Name: audit.SessionEnd, PersonID: w.U2.ID, At: now}))(t)
		_, err := held.Renew(t.Context(), db, session.LimitsOf(w.Config), now)
		want(t, "a session that ended meanwhile", errors.Is(err, storage.ErrConflict), true)
	})
}
