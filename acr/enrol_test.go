package acr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMayEnrol(t *testing.T) {
	both := []Method{TOTP, Passkey}
	tests := []struct {
		n        string
		policy   *Policy
		evidence Evidence
		person   Person
		request  Request
		want     []Method
	}{
		{"before the code to a contact", std, saw(pwd(-1 * m)), p0, ask(billing), nil},
		{"after it, although the request is satisfied", std, saw(pwd(-1*m), here(mail(0, "X"))), p0, ask(billing), both},
		{"long after it", std, saw(pwd(-3*h), mail(-3*h, "X")), p0, ask(billing), nil},
		{"after a code that is not independent", std, saw(pwd(-1*m), here(mail(0, "X"))), p0.but(resetBy("X", -1*h)), ask(), nil},
		{"after a code, the password to be repeated first", std, saw(pwd(-3*h), here(mail(0, "X"))), p0, ask(login), nil},
		{"Q61 after a code to the address of the invitation", std, saw(pwd(-1*m), here(mail(0, "X"))), p0.but(born("X", -1*h)), ask(), both},
		{"Q61 before it", std, saw(pwd(-1 * m)), p0.but(born("X", -1*h)), ask(), nil},
		{"with a password alone", std, saw(pwd(0)), p0, ask(), nil},
		{"with an own factor", std, saw(pwd(-1*m), totp(0)), p1, ask(), nil},
		{"with an own factor, and the level asks for another", std, saw(pwd(-1*m), totp(0)), p1, ask(acr("phr")), []Method{Passkey}},
		{"Q64 thief: a code from before a factor went", std, saw(pwd(-3*m), here(mail(-2*m, "X"))), p0.but(since(-1 * m)), ask(), nil},
		{"Q64 owner: a code from after it", std, saw(pwd(-3*m), here(mail(0, "X"))), p0.but(since(-1 * m)), ask(), both},
		{"account born here", std, quarantine(google(0, "X")), person(unproved("google"), bornHere, contact(Email, "Y")), ask(), both},
		{"the same account on a later visit", std, quarantine(google(0, "X")), person(unproved("google"), contact(Email, "Y")), ask(), nil},
		{"refused", std, saw(pwd(-1*m), here(mail(0, "X"))), p0, ask(sub("bruno")), nil},
		{"nobody", std, Evidence{}, nobody, ask(), nil},
		{"no level to enrol for", &Policy{Levels: []Level{{Name: "sfa"}}, Channels: []Method{Email}}, saw(pwd(-1*m), here(mail(0, "X"))), p0, ask(), nil},
	}
	for _, tt := range tests {
		t.Run(tt.n, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, MayEnrol(tt.policy, tt.request, tt.person, tt.evidence, now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
