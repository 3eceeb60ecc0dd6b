package servertest_test

import (
	"net/http"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Q01: one mailbox, two accounts, both links opened in one browser. The browser has one cookie for mailed links, so the
// older tab speaks of one account and would act on the other.
func TestQ01AMailedLinkChangesTheAccountItsPageShowedOrNone(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		people := map[string]*servertest.Person{
			"anna.studio": w.Create(&servertest.Person{Username: "anna.studio", Password: "quattro ruote di scorta", Email: "studio@rossi.test", Verified: true}),
			"bob.studio":  w.Create(&servertest.Person{Username: "bob.studio", Password: "sette secchi di vernice", Email: "studio@rossi.test", Verified: true}),
		}
		forgot(w.Browser("desk"), "studio@rossi.test")
		both := links(t, w, "studio@rossi.test", resetLink)
		want(t, "links", len(both), 2)
		b := w.Browser("studio")
		one, two := b.Tab("one"), b.Tab("two")
		one.Open(both[0]).WantStep("set_password")
		two.Open(both[1]).WantStep("set_password")
		first, second := people[one.Value("username", "value")], people[two.Value("username", "value")]
		if first == nil || second == nil || first == second {
			t.Fatalf("pages of %q and %q", one.Value("username", "value"), two.Value("username", "value"))
		}
		one.FillID("password", newPassword).Submit("password-submit").WantStatus(http.StatusConflict).WantText("Open the link again")
		for _, p := range people {
			w.Browser("as before").Open(w.RP1.Login()).SignIn(p)
			want(t, p.Username+" by the password of before", w.RP1.Last().IDToken.Subject, p.ID)
		}
		// The page that speaks of the link in the cookie does what it says.
		two.FillID("password", newPassword).Submit("password-submit").WantStep("password_set")
		second.Password = newPassword
		for _, p := range people {
			w.Browser("afterwards").Open(w.RP1.Login()).SignIn(p)
			want(t, p.Username, w.RP1.Last().IDToken.Subject, p.ID)
		}
		// Opened again, the first link does it for its own account.
		setPassword(one, both[0], newPassword).WantStep("password_set")
		first.Password = newPassword
		w.Browser("in the end").Open(w.RP1.Login()).SignIn(first)
		want(t, first.Username, w.RP1.Last().IDToken.Subject, first.ID)
	})
}
