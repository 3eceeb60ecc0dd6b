package acr

import (
	"slices"
	"testing"
)

// What lifts "it was not me", said an hour ago of an act of two hours ago, at the mailbox X.
func TestLiftsFreeze(t *testing.T) {
	frozen := disowned(-2*h, -1*h, "X")
	both := p0.but(contact(Email, "Y"), frozen)
	tests := []struct {
		n        string
		policy   *Policy
		evidence Evidence
		person   Person
		want     bool
	}{
		{"owner: the older app", std, saw(pwd(-5*m), totp(-1*m)), p1.but(frozen), true},
		{"owner: an older reserve code", std, saw(pwd(-5*m), code(-1*m)), p1.but(reserveMade(-9*h, 0), frozen), true},
		{"owner: an older passkey alone", std, saw(verified(-1 * m)), person(key, frozen), true},
		{"owner: another settled contact", std, saw(pwd(-5*m), mail(-1*m, "Y")), both, true},
		{"owner: another settled contact, in quarantine", std, quarantine(google(-5*m, "X"), mail(-1*m, "Y")), both.but(unproved("google")), true},
		{"owner: another settled contact beside the thief's app", std, saw(pwd(-5*m), mail(-1*m, "Y")), both.but(added(-90*m, app)), true},
		{"the password alone", std, saw(pwd(-1 * m)), p1.but(frozen), false},
		{"an older passkey, touched only", std, saw(passkey(-1 * m)), person(key, frozen), false},
		{"thief: the mailbox of the link", std, saw(pwd(-5*m), mail(-1*m, "X")), both, false},
		{"thief: the same, preferred", preferred, saw(pwd(-5*m), mail(-1*m, "X")), both, false},
		{"thief: an app added since", std, saw(pwd(-5*m), totp(-1*m)), p0.but(added(-90*m, app), frozen), false},
		{"thief: an app that was there, and rests", std, saw(pwd(-5*m), totp(-1*m)), p0.but(weakApp, frozen), false},
		{"thief: the same, preferred", preferred, saw(pwd(-5*m), totp(-1*m)), p0.but(weakApp, frozen), false},
		{"thief: a contact beside the owner's app", std, saw(pwd(-5*m), mail(-1*m, "Y")), both.but(app), false},
		{"thief: a contact added since", std, saw(pwd(-5*m), mail(-1*m, "Z")), p0.but(added(-90*m, contact(Email, "Z")), frozen), false},
		{"thief: where codes to contacts count for nothing", policy(codes(Never)), saw(pwd(-5*m), mail(-1*m, "Y")), both, false},
		{"thief: a step of before it was said", std, saw(pwd(-3*h), totp(-2*h)), p1.but(frozen), false},
		{"thief: a provider's word", std, saw(partner(-1*m, "up2")), person(linked("partner"), frozen), false},
		{"it was lifted before", std, saw(pwd(-5*m), totp(-1*m)), p1.but(frozen, lifted(-9*m)), false},
		{"it is over", std, saw(pwd(-5*m), totp(-1*m)), p1.but(disowned(-26*h, -25*h, "X")), false},
		{"it never was", std, saw(pwd(-5*m), totp(-1*m)), p1, false},
		{"nobody", std, saw(pwd(-5*m), totp(-1*m)), Person{Freeze: p1.but(frozen).Freeze}, false},
	}
	for _, tt := range tests {
		if got := LiftsFreeze(tt.policy, tt.person, tt.evidence, now); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.n, got, tt.want)
		}
	}
}

func TestWaysBack(t *testing.T) {
	frozen := disowned(-2*h, -1*h, "X")
	tests := []struct {
		n      string
		policy *Policy
		person Person
		want   []string
	}{
		{"an older app", std, p1.but(contact(Email, "Y"), frozen), []string{"totp:app"}},
		{"an older app with reserve codes", std, p1.but(reserveMade(-9*h, 0), frozen), []string{"totp:app", "recovery:"}},
		{"another contact", std, p0.but(contact(Email, "Y"), frozen), []string{"email:email:Y"}},
		{"another contact beside the thief's app", std, p0.but(contact(Email, "Y"), added(-90*m, app), frozen), []string{"email:email:Y"}},
		{"only what the provider reports", std, person(ever(linked("google"), "Y"), contact(Email, "X"), contact(Email, "Y"), frozen), nil},
		{"the same, preferred", preferred, person(ever(linked("google"), "Y"), contact(Email, "X"), contact(Email, "Y"), frozen), nil},
		{"only the mailbox of the link", std, p0.but(frozen), nil},
		{"no way in at all", std, person(contact(Email, "Y"), frozen), nil},
	}
	for _, tt := range tests {
		var got []string
		for _, o := range WaysBack(tt.policy, tt.person, now) {
			got = append(got, o.Way())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.n, got, tt.want)
		}
	}
}

// What a panel was granted on a step that a freeze lets count for nothing is not renewed.
func TestAFreezeReachesGrants(t *testing.T) {
	d := Decide(std, ask(openid, billing), p1, saw(pwd(-2*m), totp(-1*m)), now)
	frozen := d.Granted.Freeze(ask(openid, billing))
	for n, tt := range map[string]struct {
		person Person
		want   string
	}{
		"owner, a step of after it by an older app": {p1.but(disowned(-2*h, -5*m, "X")), "openid billing, unchanged"},
		"thief, a step of before it":                {p1.but(disowned(-2*h, -30*1e9, "X")), "openid, no acr"},
		"thief, a step by an app added since":       {p0.but(added(-h, app), disowned(-2*h, -5*m, "X")), "openid, no acr"},
		"thief, the same after it was lifted":       {p0.but(added(-h, app), disowned(-2*h, -5*m, "X"), lifted(0)), "openid, no acr"},
	} {
		if got := renewed(Renew(std, frozen, terms(ask(openid, billing)), tt.person, now)); got != tt.want {
			t.Errorf("%s: got %s, want %s", n, got, tt.want)
		}
	}
}

func TestExplainSaysWhatAFreezeKeepsOut(t *testing.T) {
	w := p0.but(added(-90*m, app), contact(Email, "Y"), disowned(-2*h, -1*h, "X"))
	x := Explain(std, ask(billing), w, saw(pwd(-1*m)), now)
	if len(x.Ways) != 1 || x.Ways[0].Address != "Y" {
		t.Errorf("ways: %v", x.Ways)
	}
	got := map[string]bool{}
	for _, o := range x.Withheld {
		got[o.Way()] = o.Why == FlawFrozen && o.Until.Equal(now.Add(23*h))
	}
	if !got["totp:app"] || !got["email:email:X"] || len(got) != 2 {
		t.Errorf("withheld: %+v", x.Withheld)
	}
	x = Explain(std, ask(billing), p0.but(disowned(-2*h, -1*h, "X")), saw(pwd(-1*m)), now)
	if x.Decision.Reason != ReasonFrozen || !slices.ContainsFunc(x.Rules, func(r Rule) bool { return r.Reason == ReasonFrozen && r.Because }) {
		t.Errorf("%s: %+v", told(x.Decision), x.Rules)
	}
}
