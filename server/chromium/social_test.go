package chromium_test

import (
	"context"
	"fmt"

	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

// What a panel is told of a first social sign-in: a code to the mailbox that the provider named gives the level and no
// "mfa"; one to an address of the person's own gives both.
const (
	socialLeaned = "mfa: mca otp"
	socialCode   = "mfa: mca mfa otp"
)

// newcomer is a first sign-in: by whom, what the provider says of the address, and whom it is known to here.
type newcomer struct {
	provider string
	address  string // verified, unverified, missing
	account  bool   // one exists, with the address if there is one
	app      bool   // and an authenticator app
	later    string // page of the next sign-in by the provider; "" = not tried
}

// First sign-in by Google and by Facebook: with and without an account of one's own here, and with whatever the provider
// says of the address. Facebook's word for a verified one is worth nothing (its Graph API documents none).
func (j *journey) social() {
	for i, c := range []newcomer{
		{provider: "google", address: "verified", later: "rp-signed-in"},
		{provider: "google", address: "unverified"},
		{provider: "google", address: "missing"},
		{provider: "google", address: "verified", account: true, later: "otp"}, // a login that was connected is proved once
		{provider: "google", address: "verified", account: true, app: true},
		{provider: "google", address: "unverified", account: true},
		{provider: "google", address: "missing", account: true},
		{provider: "facebook", address: "verified"},
		{provider: "facebook", address: "unverified"},
		{provider: "facebook", address: "missing", later: "rp-signed-in"},
		{provider: "facebook", address: "verified", account: true},
		{provider: "facebook", address: "unverified", account: true, app: true},
		{provider: "facebook", address: "missing", account: true},
	} {
		j.run(fmt.Sprintf("%s-%s-account-%t-app-%t", c.provider, c.address, c.account, c.app), func() {
			j.comes(c, fmt.Sprint(10_000+i), fmt.Sprintf("social%d", i))
		})
	}
}

// comes is one first sign-in, by somebody whom the provider knows by subject.
func (j *journey) comes(c newcomer, subject, name string) {
	mine, who := name+"@posta.test", (*servertest.Person)(nil)
	if c.account {
		who = j.person(name)
		mine = who.Email
		if c.app {
			j.w.AddApp(who)
		}
	}
	account := servertest.Account{Subject: subject, Name: "Gaia Verdi", Email: mine, Verified: c.address == "verified"}
	if c.address == "missing" {
		account.Email = ""
	}
	j.google.Now, j.facebook.Now = account, account
	j.facebook.Me = func(me map[string]any) {
		if c.address == "verified" {
			me["verified"], me["email_verified"] = true, true
		}
	}

	p := j.tab()
	j.by(p, c.provider)
	var got *servertest.Result
	switch {
	case c.account:
		got = j.connects(p, c, who, subject)
	case c.address == "verified" && c.provider == "google":
		j.at(p, "otp", c.provider)
		j.back(p, "otp")
		p.Fill("otp", j.w.Code(mine))
		j.twice(p, "otp-submit")
		got = j.arrived(p, j.w.RP1, socialLeaned, nil)
	default:
		want(j.t, "messages to an address nobody verified", len(j.w.Mails(mine)), 0)
		mine = "own." + mine
		got = j.writesTo(p, c.provider, mine)
	}
	want(j.t, "e-mail the panel got", fmt.Sprint(got.UserInfo["email"], got.UserInfo["email_verified"]), fmt.Sprint(mine, true))
	owner, err := j.w.Store.PersonByIdentity(context.Background(), c.provider, subject)
	if err != nil || owner.ID != got.IDToken.Subject || len(owner.Contacts) != 1 {
		j.t.Errorf("the login is not the signed-in person's, or has other contacts: %+v, %v", owner, err)
	}
	j.leave(p)

	if c.later == "" {
		return
	}
	again := j.tab()
	j.by(again, c.provider)
	again.Arrive(c.later)
	if c.later == "otp" {
		j.submit(again, "otp-submit", "otp", j.w.Code(mine))
	}
	want(j.t, "next time", j.answered(again, j.w.RP1, "rp-signed-in").IDToken.Subject, got.IDToken.Subject)
}

// by goes from the panel to a provider and back.
func (j *journey) by(p *chromium.Tab, provider string) {
	j.t.Helper()
	p.Open(j.w.RP1.Login())
	j.at(p, "login")
	p.Click("button[name=provider][value=" + provider + "]")
}

// writesTo gives an address of one's own, and its code.
func (j *journey) writesTo(p *chromium.Tab, provider, address string) *servertest.Result {
	j.t.Helper()
	j.at(p, "contact", provider)
	j.submit(p, "contact-submit", "email", address)
	j.at(p, "otp", "contact")
	if !j.seen["otp-contact-refused"] { // one mistake is enough
		j.back(p, "otp")
		j.submit(p, "otp-submit", "otp", "000000")
		j.refused(p, "otp", "contact")
	}
	p.Fill("otp", j.w.Code(address))
	j.twice(p, "otp-submit")
	return j.arrived(p, j.w.RP1, socialCode, nil)
}

// connects proves the account that was there, by its password and its app, or a code where it has none. Whether there is
// an account, the pages before it do not tell: they are those of whoever has none.
func (j *journey) connects(p *chromium.Tab, c newcomer, who *servertest.Person, subject string) *servertest.Result {
	j.t.Helper()
	if c.provider == "google" && c.address == "verified" {
		j.at(p, "otp", c.provider)
		want(j.t, "codes to the address the provider vouches for", j.w.Codes(who.Email), 1)
	} else {
		j.at(p, "contact", c.provider)
		want(j.t, "messages before the account was proved", len(j.w.Mails(who.Email)), 0)
	}
	j.reveal(p, "#connect")
	j.at(p, "connect", c.provider)
	if !c.app {
		j.submit(p, "login-submit", "username", who.Username, "password", who.Password)
		j.at(p, "otp", "connect", c.provider)
		p.Fill("otp", j.w.Code(who.Email))
		j.twice(p, "otp-submit")
		got := j.arrived(p, j.w.RP1, passwordCode, who)
		j.told(who.Email, "login_linked")
		return got
	}
	j.submit(p, "login-submit", "username", who.Username, "password", "not the password at all")
	j.refused(p, "connect")
	j.submit(p, "login-submit", "password", who.Password)
	j.at(p, "otp", "connect", c.provider)
	j.says(p, map[string]string{"google": "Google", "facebook": "Facebook"}[c.provider])
	j.submit(p, "otp-submit", "otp", "000000")
	j.refused(p, "otp", "connect")
	if owner, err := j.w.Store.PersonByIdentity(context.Background(), c.provider, subject); err != nil || owner.ID == who.ID {
		j.t.Errorf("connected before the app had its say: %v", err)
	}
	p.Fill("otp", who.AppCode())
	j.twice(p, "otp-submit")
	got := j.arrived(p, j.w.RP1, passwordApp, who)
	j.told(who.Email, "login_linked")
	return got
}
