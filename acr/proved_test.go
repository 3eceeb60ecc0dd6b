package acr

import (
	"slices"
	"testing"
)

// Where nobody is signed in, each way in is explained as if it had just been taken. A login that never proved a second step waits.
func TestFirstStepsAreThoseThatThePersonHas(t *testing.T) {
	p := policy(func(p *Policy) { delete(p.Providers, "partner") })
	w := person(password, key, unproved("google"), linked("partner"), contact(Email, "X"))
	var got []string
	for _, e := range FirstSteps(p, w, thisRequest, now) {
		line := string(e.Events[0].Method)
		if e.Quarantine {
			line += " waits"
		}
		got = append(got, line+": "+told(Decide(p, ask(), w, e, now)))
	}
	want := []string{
		"pwd: ok sfa [pwd] t=0",
		"social waits: second passkey because first_social",
		"passkey: ok phr [mfa pop user] t=0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	for _, c := range []struct {
		p    *Policy
		w    Person
		want bool
	}{
		{std, person(unproved("google")), true}, {std, person(linked("google")), false}, {std, person(), true},
		{policy(social(SocialNever)), person(unproved("google")), false}, {policy(social(SocialAlways)), person(linked("google")), false},
	} {
		if got := WaitsForProof(c.p, c.w, "google/1"); got != c.want {
			t.Errorf("%+v under %s waits: %v", c.w.Identities, c.p.Social, got)
		}
	}
}

func TestProved(t *testing.T) {
	first := person(unproved("google"), contact(Email, "X"), contact(Email, "Y"))
	tests := []struct {
		n        string
		policy   *Policy
		evidence Evidence
		person   Person
		want     bool
	}{
		{"google alone", std, quarantine(google(0, "X")), first, false},
		{"code to its mailbox", std, quarantine(google(0, "X"), mail(0, "X")), first, false},
		{"code to its mailbox, preferred", preferred, quarantine(google(0, "X"), mail(0, "X")), first, true},
		{"code to another", std, quarantine(google(0, "X"), mail(0, "Y")), first, true},
		{"a factor switched on", std, quarantine(google(0, "X"), totp(0)), first.but(app), true},
		{"a factor that rests", std, quarantine(google(0, "X"), totp(0)), first.but(weakApp), false},
		{"an acr YAML trusts", std, quarantine(partner(0, "up2")), person(unproved("partner")), true},
		{"social: never", policy(social(SocialNever)), quarantine(google(0)), first, true},
		{"Q64 thief: a code from before the login was unlinked and linked again", std, quarantine(google(-2*m, "X"), mail(-2*m, "Y")), first.but(since(-1 * m)), false},
		{"Q64 owner: a code from after it", std, quarantine(google(-2*m, "X"), mail(0, "Y")), first.but(since(-1 * m)), true},
		{"another person's code", std, quarantine(mail(0, "Y")), first, false},
		{"nobody", std, quarantine(google(0), mail(0, "Y")), nobody, false},
	}
	for _, tt := range tests {
		if got := Proved(tt.policy, tt.person, tt.evidence, now); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.n, got, tt.want)
		}
	}
}

func TestNewFactorRests(t *testing.T) {
	tests := []struct {
		n        string
		policy   *Policy
		evidence Evidence
		person   Person
		want     bool
	}{
		{"account born here", std, quarantine(google(0)), person(unproved("google"), bornHere), false},
		{"born here, but for the second factor the first is the proof", std, saw(google(0)), person(linked("google"), bornHere, app), true},
		{"password alone", std, saw(pwd(0)), p0, true},
		{"behind a contact code", std, saw(pwd(0), mail(0, "X")), p0, false},
		{"behind the mailbox that reset the password", std, saw(pwd(0), mail(0, "X")), p0.but(resetBy("X", -1*h)), true},
		{"Q61 behind the mailbox of the invitation", std, saw(pwd(0), mail(0, "X")), p0.but(born("X", -1*h)), false},
		{"Q61 the same, preferred", preferred, saw(pwd(0), mail(0, "X")), p0.but(born("X", -1*h)), false},
		{"Q61 invited, but without its code", preferred, saw(pwd(0)), p0.but(born("X", -1*h)), true},
		{"Q61 invited to X, a code to Y that set the password since", std, saw(pwd(0), mail(0, "Y")), p0.but(contact(Email, "Y"), born("X", -1*h), resetBy("Y", 0)), true},
		{"the same, preferred", preferred, saw(pwd(0), mail(0, "X")), p0.but(resetBy("X", -1*h)), true},
		{"behind the app", std, saw(pwd(0), totp(0)), p1, false},
		{"behind the mailbox, beside an app that rests", std, saw(pwd(0), mail(0, "X")), p0.but(weakApp), true},
		{"Q64 thief: behind an app used before another factor went", std, saw(pwd(0), totp(-2*m)), p1.but(since(-1 * m)), true},
		{"Q64 owner: behind an app used after it", std, saw(pwd(0), totp(0)), p1.but(since(-1 * m)), false},
		{"behind an app that rests", std, saw(pwd(0), totp(0)), p0.but(weakApp), true},
	}
	for _, tt := range tests {
		if got := NewFactorRests(tt.policy, tt.person, tt.evidence, now); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.n, got, tt.want)
		}
	}
}

// The owner's app is older than the reset, the thief's was switched on after it.
func TestLiftsTaint(t *testing.T) {
	reset := p0.but(resetBy("X", -1*h))
	old, young := begun(-2*h), begun(-30*m)
	rests := func(f *Factor) { f.RestsUntil = now.Add(23 * h) }
	rested := func(f *Factor) { f.RestsUntil = now.Add(-10 * m) }
	tests := []struct {
		n        string
		policy   *Policy
		evidence Evidence
		person   Person
		want     bool
	}{
		{"Q63 owner: the app of before the reset", std, saw(pwd(-5*m), totp(-1*m)), reset.but(made(old)), true},
		{"Q63 owner: a reserve code of before the reset", std, saw(pwd(-5*m), code(-1*m)), reset.but(made(old), reserveMade(-2*h, 0)), true},
		{"Q63 owner: no reset, an app that does not rest", std, saw(pwd(-5*m), totp(-1*m)), p0.but(made(young)), true},
		{"Q63 owner: the reset has cooled", std, saw(pwd(-5*m), totp(-1*m)), p0.but(resetBy("X", -25*h), made(young)), true},
		{"Q63 thief: the password alone", std, saw(pwd(-5 * m)), reset.but(made(old)), false},
		{"Q63 thief: a code to another mailbox is no own factor", std, saw(pwd(-5*m), mail(-1*m, "Y")), reset.but(contact(Email, "Y")), false},
		{"Q63 thief: an app that rests", std, saw(pwd(-5*m), totp(-1*m)), reset.but(made(young, rests)), false},
		{"Q63 thief: the same, preferred", preferred, saw(pwd(-5*m), totp(-1*m)), reset.but(made(young, rests)), false},
		{"Q63 thief: an app that rests, without a reset before", std, saw(pwd(-5*m), totp(-1*m)), p0.but(made(young, rests)), false},
		{"Q63 thief: used while it rested", std, saw(pwd(-50*m), totp(-20*m)), reset.but(made(old, rested)), false},
		{"Q63 thief: an app that does not rest, but came after the reset", std, saw(pwd(-5*m), totp(-1*m)), reset.but(made(young)), false},
		{"Q63 thief: its reserve code", std, saw(pwd(-5*m), code(-1*m)), reset.but(made(young), reserveMade(-30*m, 0)), false},
		{"Q63 thief: reserve codes that rest beside the owner's app", std, saw(pwd(-5*m), code(-1*m)), reset.but(made(old), reserveMade(-2*h, 23*h)), false},
		{"Q63 thief: reserve codes nobody keeps", std, saw(pwd(-5*m), code(-1*m)), reset.but(made(old)), false},
		{"Q63 thief: the app of before another factor went", std, saw(pwd(-5*m), totp(-2*m)), reset.but(made(old), since(-1*m)), false},
		{"Q63 thief: a quarantine", std, quarantine(google(-5*m), totp(-1*m)), reset.but(made(old), unproved("google")), false},
	}
	for _, tt := range tests {
		if got := LiftsTaint(tt.policy, tt.person, tt.evidence, now); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.n, got, tt.want)
		}
	}
}

func TestInvitationToEnrolIsNoShortcut(t *testing.T) {
	d := Decide(std, ask(acr("mfa")), p0, saw(pwd(0)), now)
	if len(d.Enrol) != 0 || len(d.EnrolAfter) != 2 {
		t.Errorf("someone with a contact: at once %v, behind a code %v; want none, both", d.Enrol, d.EnrolAfter)
	}
	d = Decide(std, ask(acr("mfa")), p1, saw(pwd(0)), now)
	if len(d.Enrol) != 0 || len(d.EnrolAfter) != 0 {
		t.Errorf("someone with a factor: at once %v, behind a code %v; want none", d.Enrol, d.EnrolAfter)
	}
}
