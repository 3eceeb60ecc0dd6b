package chromium_test

import (
	"context"
	"fmt"

	"github.com/soglia-sso/soglia/server/servertest"
)

// First sign-in by Google and by Facebook: with and without an account of one's own here, and with whatever the provider
// says of the address. Facebook never says that one is verified.
func (j *journey) social() {
	for i, c := range []struct {
		provider string
		address  string // verified, unverified, missing
		account  bool   // one exists, with the address if there is one
		app      bool   // and an authenticator app
	}{
		{"google", "verified", false, false},
		{"google", "unverified", false, false},
		{"google", "missing", false, false},
		{"google", "verified", true, true},
		{"google", "unverified", true, false},
		{"google", "missing", true, false},
		{"facebook", "unverified", false, false},
		{"facebook", "missing", false, false},
		{"facebook", "unverified", true, true},
		{"facebook", "missing", true, false},
	} {
		name := fmt.Sprintf("%s, %s address, account %t", c.provider, c.address, c.account)
		subject, mine := fmt.Sprint(10_000+i), fmt.Sprintf("newcomer%d@posta.test", i)
		var who *servertest.Person
		if c.account {
			who = j.person(fmt.Sprintf("social%d", i))
			mine = who.Email
			if c.app {
				j.w.AddApp(who)
			}
		}
		account := servertest.Account{Subject: subject, Name: "Gaia Verdi", Email: mine, Verified: c.address == "verified"}
		if c.address == "missing" {
			account.Email = ""
		}
		if c.provider == "google" {
			j.google.Now = account
		} else {
			j.facebook.Now = account
		}

		p := j.tab()
		p.Open(j.w.RP1.Login())
		j.at(p, "login")
		p.Click("button[name=provider][value=" + c.provider + "]")
		switch {
		case c.account:
			j.at(p, "contact", c.provider)
			j.reveal(p, "#connect")
			j.at(p, "connect", c.provider)
			j.submit(p, "login-submit", "username", who.Username, "password", "not the password at all")
			j.refused(p, "connect")
			j.submit(p, "login-submit", "password", who.Password)
			if c.app {
				j.at(p, "otp", "connect")
				p.Fill("otp", who.AppCode())
				j.twice(p, "otp-submit")
			}
		case c.address == "verified":
			j.at(p, "otp", c.provider)
			j.back(p, "otp")
			p.Fill("otp", j.w.Code(mine))
			j.twice(p, "otp-submit")
		default:
			j.at(p, "contact", c.provider)
			want(j.t, name+": messages to an address nobody verified", len(j.w.Mails(mine)), 0)
			j.submit(p, "contact-submit", "email", "mine."+mine)
			j.at(p, "otp", "contact")
			j.back(p, "otp")
			j.submit(p, "otp-submit", "otp", "000000")
			j.refused(p, "otp", "contact")
			p.Fill("otp", j.w.Code("mine."+mine))
			j.twice(p, "otp-submit")
		}
		p.Arrive("rp-signed-in")
		got := j.w.RP1.Last().IDToken.Subject
		owner, err := j.w.Store.PersonByIdentity(context.Background(), c.provider, subject)
		if err != nil || owner.ID != got {
			j.t.Errorf("%s: the login is not the signed-in person's: %v", name, err)
		}
		if who != nil {
			want(j.t, name+": signed in", got, who.ID)
		}
		j.leave(p)
	}
}
