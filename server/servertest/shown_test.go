package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
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

// Q01: the same browser, another person's session: whatever a page of the first one posts is done to nobody.
func TestQ01EveryFormActsForTheAccountItsPageShowed(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("shared")
		w.SignedIn(b, w.RP1, w.U2)
		dora := b.Tab("dora")
		dora.Open(accountURL).WantStep("account")
		// Every own form of the account area carries the tag; the pages with a form are enough to have it.
		tag := dora.Open(accountURL + "/sessions").Tag()
		if tag == "" {
			t.Fatal("the form of Dora's page does not say whose it is")
		}
		step := b.Tab("step").Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		id, stepTag := strings.Split(step.URL().Path, "/")[2], step.Tag()
		code := w.Code(w.U2.Email)
		change := b.Tab("change").Open(origin + "/password").WantStep("change_password")
		leaving := b.Tab("leaving").Open(origin + "/end_session").WantStep("logout")

		time.Sleep(time.Minute)
		other := b.Tab("vera").Open(w.RP2.Login("prompt", "login")).WantStep("login")
		other.FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit")
		want(t, "signed in now", w.RP2.Last().IDToken.Subject, w.V.ID)

		change.Submit("change-password").WantStatus(http.StatusConflict)
		want(t, "links to Vera", bySubject(w, w.V.Email, "Your link to change the password"), 0)
		leaving.Submit("logout-confirm")
		other.Open(w.RP2.Login("prompt", "none"))
		want(t, "Vera is signed in still", w.RP2.Last().Error, "")
		before := len(must(w.Store.SessionsOf(t.Context(), w.V.ID, time.Now()))(t))
		dora.Submit("sign-out-everywhere").WantStatus(http.StatusConflict)
		want(t, "Vera's sessions", len(must(w.Store.SessionsOf(t.Context(), w.V.ID, time.Now()))(t)), before)

		// All rows: whoever they take from a cookie, they compare with the tag.
		walked := 0
		for _, row := range w.Server.Routes() {
			if row.Subject != web.FromCookie {
				continue
			}
			walked++
			time.Sleep(time.Second)
			path := strings.NewReplacer("{id}", id, "{factor}", "x", "{action}", "sessions").Replace(row.Pattern)
			for _, shown := range []string{tag, stepTag, "", "x"} {
				form := url.Values{
					"shown": {shown}, "otp": {code}, "way": {"email:x"}, "answer": {"allow"}, "scopes": {"openid"}, "email": {"x@posta.test"},
					"username": {w.V.Username}, "password": {w.V.Password}, "session": {"x"}, "panel": {"panel"}, "ticket": {"x"},
				}
				kept, cookie := w.Dump(), b.Cookie(servertest.SSO, sessionCookie)
				tab := b.Tab(path).Open(origin + "/support")
				tab.Do(http.MethodPost, origin+path, form)
				if s := tab.Status(); s != http.StatusSeeOther && s != http.StatusConflict && s != http.StatusGone && !(path == "/end_session/confirm" && s == http.StatusBadRequest) {
					t.Errorf("POST %s with the tag %.8q: %d\n%s", path, shown, s, tab.Text())
				}
				if c := b.Cookie(servertest.SSO, sessionCookie); c != cookie {
					t.Errorf("POST %s with the tag %.8q: another session", path, shown)
				}
				if strings.Count(w.Dump(), w.V.ID) != strings.Count(kept, w.V.ID) {
					t.Errorf("POST %s with the tag %.8q: something was done to Vera", path, shown)
				}
			}
		}
		if walked < 20 {
			t.Errorf("only %d rows: the table was not walked", walked)
		}
	})
}
