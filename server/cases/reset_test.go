package cases

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// asksForLink asks for a new password's link as somebody who forgot it, and gives the link.
func (a *arena) asksForLink(p *servertest.Person) string {
	a.t.Helper()
	a.Browser("forgetful").Open(here+"/forgot").FillID("username", p.Username).Submit("forgot-submit").WantStep("forgot_sent")
	return mailedLink(a.t, a.World, p.Email)
}

// G02: whatever makes a link worthless, it opens the one page, changes nothing, and the attempt to use it is a record.
func TestG02AWorthlessLinkChangesNothingAndIsRecorded(t *testing.T) {
	const newer = "tre mele verdi nel cesto"
	for name, spoil := range map[string]func(a *arena, link string){
		"used":            func(a *arena, link string) { a.uses(link, newer).WantStep("password_set") },
		"a newer request": func(a *arena, link string) { a.asksForLink(a.U2) },
		"a password change": func(a *arena, _ string) {
			b := a.Browser("dora")
			a.SignedIn(b, a.RP1, a.U2)
			b.Open(here + "/password").WantStep("change_password").Submit("change-password")
			a.uses(mailedLink(a.t, a.World, a.U2.Email), newer).WantStep("password_set")
		},
		"another address": func(a *arena, _ string) {
			row, err := a.Store.Person(a.t.Context(), a.U2.ID)
			if err != nil {
				a.t.Fatal(err)
			}
			moved := *row.Contacts[0]
			if err := a.Store.RemoveContact(a.t.Context(), a.U2.ID, moved.ID); err != nil {
				a.t.Fatal(err)
			}
			moved.ID, moved.Address, moved.Canonical = moved.ID+"x", "dora@altrove.test", "dora@altrove.test"
			if err := a.Store.PutContact(a.t.Context(), &moved); err != nil {
				a.t.Fatal(err)
			}
		},
		"time": func(*arena, string) { time.Sleep(30*time.Minute + time.Second) },
		"an account switched off": func(a *arena, _ string) {
			row, err := a.Store.Person(a.t.Context(), a.U2.ID)
			if err != nil {
				a.t.Fatal(err)
			}
			row.Disabled = true
			if err := a.Store.UpdatePerson(a.t.Context(), row); err != nil {
				a.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				link := a.asksForLink(a.U2)
				recorded(t, a.World, "pw.reset.requested", storage.Event{Outcome: "ok", PersonID: a.U2.ID})
				open := a.Browser("with the form open").Open(link).WantStep("set_password")
				time.Sleep(time.Second)
				spoil(a, link)
				row, err := a.Store.Person(t.Context(), a.U2.ID)
				if err != nil {
					t.Fatal(err)
				}
				used := len(a.Records("pw.reset.used"))
				b := a.Browser("late").Open(link).WantStatus(http.StatusGone)
				want(t, "the page", b.TextOf("error-code"), "link_dead")
				want(t, "a GET is no record", len(a.Records("pw.reset.rejected")), 0)
				open.FillID("password", "sei pere gialle sul muro").Submit("password-submit").WantStatus(http.StatusGone)
				want(t, "the page, by the form", open.TextOf("error-code"), "link_dead")
				want(t, "records of the attempt", len(a.Records("pw.reset.rejected")), 1)
				recorded(t, a.World, "pw.reset.rejected", storage.Event{Outcome: "fail", Reason: "link"})
				want(t, "records of a use", len(a.Records("pw.reset.used"))-used, 0)
				after, err := a.Store.Person(t.Context(), a.U2.ID)
				if err != nil {
					t.Fatal(err)
				}
				want(t, "the password", after.PasswordHash, row.PasswordHash)
			})
		})
	}
}

// uses follows a link and sets the password.
func (a *arena) uses(link, password string) *servertest.Browser {
	a.t.Helper()
	return a.Browser("link").Open(link).WantStep("set_password").FillID("password", password).Submit("password-submit")
}

// G05: a reset ends what could act for the person, remembered browsers, offline grants and mailed links included, and
// gives the password and nothing else: the app is asked on every device, the one that was known before too.
func TestG05AResetEndsEveryOtherWayInAndGivesThePasswordAlone(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		desk, phone := a.Browser("desk"), a.Browser("phone")
		desk.Open(a.RP1.Login()).WantStep("login").FillID("username", a.U1.Username).FillID("password", a.U1.Password).FillID("remember", "yes").Submit("login-submit").GiveCode(a.U1.AppCode())
		if desk.Cookie(servertest.SSO, "__Host-soglia_remember") == "" {
			t.Fatal("the desk is not remembered")
		}
		time.Sleep(time.Minute)
		a.SignedIn(phone, a.RP2, a.U1)
		bound, offline := a.granted(desk, a.RP1), a.granted(phone, a.RP2, "scope", "openid offline_access")
		phone.Open(here + "/password").WantStep("change_password").Submit("change-password") // a link of the other kind
		other := mailedLink(t, a.World, a.U1.Email)
		remembered := cookies(desk)
		time.Sleep(time.Minute)

		a.U1.Password = "tre mele verdi nel cesto"
		link := a.asksForLink(a.U1)
		mails := len(a.Mails(a.U1.Email))
		setter := a.uses(link, a.U1.Password).WantStep("password_set")
		want(t, "a session for whoever has the mailbox", setter.Cookie(servertest.SSO, sessionCookie), "")
		recorded(t, a.World, "pw.reset.used", storage.Event{Outcome: "ok", Reason: "reset", PersonID: a.U1.ID})
		told := a.Mails(a.U1.Email)[mails:]
		want(t, "mails", len(told), 1)
		a.dead("the desk's", a.RP1, bound)
		a.dead("offline", a.RP2, offline)
		a.Browser("the other link").Open(other).WantStatus(http.StatusGone)

		for name, b := range map[string]*servertest.Browser{"desk": desk, "phone": phone} {
			b.Open(a.RP1.Login("prompt", "none"))
			want(t, name, a.RP1.Last().Error, "login_required")
			b.Open(here + "/account").WantStep("login")
		}
		replayed := a.prober(0).send(probe{method: http.MethodGet, target: "/account", header: head("Cookie", remembered)})
		want(t, "the remembered browser", replayed.status, http.StatusFound)
		time.Sleep(time.Minute)
		answers := a.RP1.Answers()
		desk.Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
		want(t, "answers for the password alone", a.RP1.Answers(), answers)
		desk.GiveCode(a.U1.AppCode())
		want(t, "with the app", a.RP1.Last().Acr(), "mfa")
		want(t, "factors", len(a.Records("factor.removed")), 0)
	}, servertest.With(func(f *config.File) {
		f.Sessions.RememberMe = config.DurationOrOff(30 * 24 * time.Hour)
	}))
}
