package cases

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

const sessionCookie = "__Host-soglia_session"

// carry puts a browser's cookie into another one, as a thief or an attacker with a foothold would.
func carry(from, to *servertest.Browser, name string) {
	to.SetCookie(servertest.SSO, &http.Cookie{Name: name, Value: from.Cookie(servertest.SSO, name), Path: "/", Secure: true})
}

// A session that the attacker knows never becomes the victim's: neither one that nobody is signed in to, nor a live one of
// the attacker's own.
func TestL01ASessionThatSomebodyPlantedIsNeverTheVictims(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		attacker, victim := w.Browser("attacker"), w.Browser("victim")
		w.SignedIn(attacker, w.RP1, w.V)
		carry(attacker, victim, sessionCookie)
		carry(attacker, victim, "__Host-soglia_browser")
		got := w.SignedIn(victim, w.RP1, w.U2, "prompt", "login")
		want(t, "who signed in", got.IDToken.Subject, w.U2.ID)
		if victim.Cookie(servertest.SSO, sessionCookie) == attacker.Cookie(servertest.SSO, sessionCookie) {
			t.Error("the planted session id was kept")
		}
		attacker.Open(w.RP1.Login("prompt", "none"))
		want(t, "the attacker's copy", w.RP1.Last().Error, "login_required")
		attacker.Open(here + "/account").WantStep("login")
		news, ends := w.Records("session.new"), w.Records("session.end")
		want(t, "sessions begun, ended", [2]int{len(news), len(ends)}, [2]int{2, 1})
		want(t, "whose ended", ends[0].PersonID, w.V.ID)

		// The request of the attacker's is bound to a browser too, and a session does not unbind it.
		half := w.Browser("half way").Open(w.RP2.Login()).WantStep("login")
		step := half.URL().String()
		victim.Tab("lured").Open(step).WantStatus(http.StatusForbidden)
		want(t, "answers to the other panel", w.RP2.Answers(), 0)
	})
}

// With a factor every session ends, under whatever id, and the next one is another.
func TestL01NoIDOutlivesAFactorThatGoes(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, thief := w.Browser("ugo"), w.Browser("thief")
		w.SignedIn(b, w.RP1, w.U1)
		carry(b, thief, sessionCookie)
		time.Sleep(time.Minute)
		person, err := w.Store.Person(t.Context(), w.U1.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.Open(here + "/account/factors/" + person.Factors[0].ID + "/remove").WantStep("account_remove")
		b.FillID("password", w.U1.Password).Submit("remove-submit").WantStep("account_door")
		want(t, "the owner's id", b.Cookie(servertest.SSO, sessionCookie), "")
		time.Sleep(time.Second) // what happens in the same microsecond counts as before
		thief.Open(here + "/account").WantStep("login")
		thief.Open(w.RP1.Login("prompt", "none"))
		want(t, "the id from before", w.RP1.Last().Error, "login_required")
		want(t, "the owner", w.SignedIn(b, w.RP1, w.U1).Acr(), "sfa")
		if b.Cookie(servertest.SSO, sessionCookie) == thief.Cookie(servertest.SSO, sessionCookie) {
			t.Error("the session id is the one from before")
		}
		want(t, "factor.removed", len(w.Records("factor.removed")), 1)
	})
}

// What a session was is dead on the server when it is over, whatever cookie comes.
func TestL01AnEndedSessionsIDStaysDead(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, thief := w.Browser("dora"), w.Browser("thief")
		got := w.SignedIn(b, w.RP1, w.U2)
		carry(b, thief, sessionCookie)
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken()))
		want(t, "the cookie", b.Cookie(servertest.SSO, sessionCookie), "")
		w.SignedIn(b, w.RP1, w.U2)
		thief.Open(w.RP1.Login("prompt", "none"))
		want(t, "the id from before the sign-out", w.RP1.Last().Error, "login_required")
	})
}
