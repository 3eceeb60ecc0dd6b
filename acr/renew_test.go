package acr

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// renewed writes a renewal as the table does: scopes, whether acr, amr and auth_time come along, and the end.
func renewed(r Renewal) string {
	if r.Error != "" {
		return r.Error
	}
	s := strings.Join(r.Scopes, " ")
	if r.AuthStands {
		s += ", unchanged"
	} else {
		s += ", no acr"
	}
	if !r.Until.IsZero() {
		s += fmt.Sprintf(", until=%s", ago(r.Until))
	}
	return s
}

func over(f *Frozen) { f.SessionOver = true }

func TestRenew(t *testing.T) {
	mfa := saw(pwd(-2*m), totp(-1*m))
	removed, disabled := p1.but(func(p *Person) { p.Factors = nil }), p0.but(offApp)
	hour, lateScope := mfaHour, scope("payments", "mfa", StepUp, 30*time.Second)
	tests := []struct {
		n        string
		policy   *Policy
		evidence Evidence
		person   Person // at the grant
		request  Request
		now      Person // at the refresh
		later    time.Duration
		change   func(*Frozen)
		want     string
	}{
		{"25 nothing changed", std, mfa, p1, ask(openid, billing), p1, 2 * h, nil, "openid billing, unchanged"},
		{"25 factor removed", std, mfa, p1, ask(openid, billing), removed, m, nil, "openid, no acr"},
		{"25 factor disabled", std, mfa, p1, ask(openid, billing), disabled, m, nil, "openid, no acr"},
		{"25 session over", std, mfa, p1, ask(openid, billing), p1, m, over, "openid, no acr"},
		{"25 factor removed, client floor", std, mfa, p1, ask(openid, billing, floor("mfa")), removed, m, nil, "invalid_grant"},
		{"25 session over, client floor", std, mfa, p1, ask(openid, floor("mfa")), p1, m, over, "invalid_grant"},
		{"25 nothing left", std, mfa, p1, ask(billing), removed, m, nil, "invalid_grant"},
		{"no scope lost, but the level: nothing is claimed", std, mfa, p1, ask(openid, acr("mfa")), removed, m, nil, "openid, no acr"},
		{"the session of an sfa grant is over: nothing was left out", std, saw(pwd(-1 * m)), p0, ask(openid), p0, 100 * h, over, "openid, unchanged"},
		{"a dropped scope neither comes back nor spoils the rest", std, saw(pwd(-1 * m)), p1, ask(openid, dnsDrop), p1, m, nil, "openid, unchanged"},
		{"the level lasts", hour, mfa, p1, ask(openid, billing), p1, 30 * m, nil, "openid billing, unchanged, until=59m"},
		{"the level lasts beyond the session", hour, mfa, p1, ask(openid, billing), p1, 30 * m, over, "openid billing, unchanged, until=59m"},
		{"the level lapsed", hour, mfa, p1, ask(openid, billing), p1, 59 * m, nil, "openid, no acr"},
		{"a scope's max_age is over", std, mfa, p1, ask(openid, payments), p1, 14 * m, nil, "openid, no acr"},
		{"a scope's max_age is not over", std, mfa, p1, ask(openid, payments), p1, 13 * m, nil, "openid payments, unchanged, until=14m"},
		{"prompt and max_age were for the answer", std, saw(here(pwd(-1*m)), here(totp(0))), p1, ask(openid, login, maxAge(0), acr("mfa")), p1, 5 * h, nil, "openid, unchanged"},
		{"own choice is of sign-ins, not of refreshes", std, saw(pwd(-1 * m)), p0, ask(openid), p1.but(choice), m, nil, "openid, unchanged"},
		{"thief of a password: its owner comes into a group with a floor", std, saw(pwd(-1 * m)), p1, ask(openid), p1.but(in("staff")), m, nil, "invalid_grant"},
		{"thief of a password: of several groups one has a floor", std, saw(pwd(-1 * m)), p1.but(in("other")), ask(openid), p1.but(in("other", "staff")), m, nil, "invalid_grant"},
		{"thief of a password: the group with the floor comes first", std, saw(pwd(-1 * m)), p1, ask(openid), p1.but(in("staff", "other")), m, nil, "invalid_grant"},
		{"thief: in a group, and the app is gone", std, mfa, p1.but(in("staff")), ask(openid), removed.but(in("staff")), m, nil, "invalid_grant"},
		{"thief: in a group, second steps were voided", std, mfa, p1.but(in("staff")), ask(openid), p1.but(in("staff"), since(1*m)), 2 * m, nil, "invalid_grant"},
		{"owner: comes into a group whose floor is held", std, mfa, p1, ask(openid, billing), p1.but(in("staff")), 2 * h, nil, "openid billing, unchanged"},
		{"owner: comes into a group whose floor is higher", std, mfa, p1, ask(openid, billing), p1.but(in("root")), m, nil, "invalid_grant"},
		{"owner: comes into a group without a floor", std, saw(pwd(-1 * m)), p1, ask(openid), p1.but(in("other")), m, nil, "openid, unchanged"},
		{"owner: leaves the group", std, mfa, p1.but(in("staff")), ask(openid), p1, 2 * h, nil, "openid, unchanged"},
		{"owner: in a group whose level lasts as long as the session, which is over", std, mfa, p1.but(in("staff")), ask(openid), p1.but(in("staff")), m, over, "invalid_grant"},
		{"owner: in a group whose level lasts longer", hour, mfa, p1.but(in("staff")), ask(openid), p1.but(in("staff")), m, over, "openid, unchanged, until=59m"},
		{"group whose level is no longer in the YAML", std, mfa, p1, ask(openid), p1.but(in("lost")), m, nil, "invalid_grant"},
		{"own factor switched on since: the mailbox opens nothing", std, saw(pwd(-1*m), mail(0, "X")), p0, ask(openid, billing), p1, m, nil, "openid, no acr"},
		{"contact changed", std, saw(pwd(-1*m), mail(0, "X")), p0, ask(openid, billing), person(password, contact(Email, "Z")), m, nil, "openid, no acr"},
		{"login unlinked", std, saw(google(-1 * m)), person(linked("google")), ask(openid), person(password), m, nil, "invalid_grant"},
		{"Q64 thief: the app came and went, the mailed code stays dead", std, saw(pwd(-2*m), mail(-1*m, "X")), p0, ask(openid, billing), p0.but(since(1 * m)), 2 * m, nil, "openid, no acr"},
		{"Q64 thief: the same, client floor", std, saw(pwd(-2*m), mail(-1*m, "X")), p0, ask(openid, floor("mfa")), p0.but(since(1 * m)), 2 * m, nil, "invalid_grant"},
		{"Q64 thief: passkey", std, saw(verified(-1 * m)), person(key), ask(openid, billing), person(key, since(1*m)), 2 * m, nil, "openid, no acr"},
		{"Q64 thief: trusted upstream acr", std, saw(partner(-1*m, "up2")), person(linked("partner")), ask(openid, billing), person(linked("partner"), since(1*m)), 2 * m, nil, "openid, no acr"},
		{"Q64 thief: the contact was removed and added again", std, saw(pwd(-2*m), mail(-1*m, "X")), p0, ask(openid, billing), person(password, refiled(Email, "X")), 2 * m, nil, "openid, no acr"},
		{"Q64 owner: the grant of the first step goes on", std, saw(pwd(-1 * m)), p0, ask(openid), p0.but(since(1 * m)), 2 * m, nil, "openid, unchanged"},
		{"Q64 owner: a grant from after it", std, saw(pwd(-2*m), totp(-1*m)), p1.but(since(-90 * time.Second)), ask(openid, billing), p1.but(since(-90 * time.Second)), 2 * m, nil, "openid billing, unchanged"},
		{"Q62 thief: the code to X, which google reported since", std, saw(google(-2*m), mail(-1*m, "X")), person(linked("google"), contact(Email, "X")), ask(openid, billing), person(ever(linked("google"), "X"), contact(Email, "X")), m, nil, "openid, no acr"},
		{"Q62 owner: the code to Y", std, saw(google(-2*m), mail(-1*m, "Y")), person(linked("google"), contact(Email, "Y")), ask(openid, billing), person(ever(linked("google"), "X"), contact(Email, "Y")), m, nil, "openid billing, unchanged"},
		{"thief: an answer of the first step told of the app, which is gone", std, mfa, p1, ask(openid, acr("sfa")), removed, m, nil, "openid, no acr"},
		{"thief: it told of the mailbox, which is gone", std, saw(pwd(-2*m), mail(-1*m, "X")), p0, ask(openid, acr("sfa")), person(password, contact(Email, "Z")), m, nil, "openid, no acr"},
		{"thief: it told of the later of two codes, whose mailbox is gone", std, saw(pwd(-3*m), mail(-2*m, "X"), mail(-1*m, "Y")), p0.but(contact(Email, "Y")), ask(openid, billing), p0, m, nil, "openid billing, no acr"},
		{"thief: second steps were voided", std, mfa, p1, ask(openid, acr("sfa")), p1.but(since(1 * m)), 2 * m, nil, "openid, no acr"},
		{"thief: second steps were voided, passkey", std, saw(verified(-1 * m)), person(key), ask(openid, acr("sfa")), person(key, since(1*m)), 2 * m, nil, "openid, no acr"},
		{"thief: second steps were voided, trusted upstream acr", std, saw(partner(-1*m, "up2")), person(linked("partner")), ask(openid, acr("sfa")), person(linked("partner"), since(1*m)), 2 * m, nil, "openid, no acr"},
		{"owner: what it told of is over by time, not dead", hour, mfa, p1, ask(openid, acr("sfa")), p1, 5 * h, nil, "openid, unchanged"},
		{"owner: what it told of ended with the session", std, mfa, p1, ask(openid, acr("sfa")), p1, m, over, "openid, unchanged"},
		{"required, the owner: nothing changed", std, mfa, p1, ask(openid, required(dnsDrop)), p1, 2 * h, nil, "openid dns, unchanged"},
		{"required, the thief: the app is gone", std, mfa, p1, ask(openid, required(dnsDrop)), removed, m, nil, "invalid_grant"},
		{"required, the thief: the session is over", std, mfa, p1, ask(openid, required(dnsDrop)), p1, m, over, "invalid_grant"},
		{"required: its level lapsed", hour, mfa, p1, ask(openid, required(dnsDrop)), p1, 59 * m, nil, "invalid_grant"},
		{"required: its max_age is over", std, mfa, p1, ask(openid, required(payments)), p1, 14 * m, nil, "invalid_grant"},
		{"required: another scope is lost", std, mfa, p1, ask(required(openid), billing), removed, m, nil, "openid, no acr"},
		{"level no longer in the YAML", std, mfa, p1, ask(openid), p1, m, func(f *Frozen) { f.Level = "gone" }, "openid, no acr"},
		{"person gone", std, mfa, p1, ask(openid), nobody, m, nil, "invalid_grant"},
		{"no scopes at all", std, mfa, p1, ask(), p1, m, nil, ", unchanged"},
		{"the end of a scope", std, saw(pwd(-1*m), totp(0)), p1, ask(openid, lateScope), p1, 29 * time.Second, nil, "openid payments, unchanged, until=30s"},
	}
	for _, tt := range tests {
		t.Run(tt.n, func(t *testing.T) {
			d := Decide(tt.policy, tt.request, tt.person, tt.evidence, now)
			if d.Outcome != Satisfied {
				t.Fatalf("no grant to begin with: %s", told(d))
			}
			frozen := d.Granted.Freeze(tt.request)
			if tt.change != nil {
				tt.change(&frozen)
			}
			if got := renewed(Renew(tt.policy, frozen, terms(tt.request), tt.now, now.Add(tt.later))); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Q65: frozen are the events. What they open is today's to say: by the YAML for the scopes and floors, by the policy for
// the levels. Q44: a level that lasts as long as the session is over with it.
func TestRenewByTheTermsOfToday(t *testing.T) {
	mfa, sfa := saw(pwd(-2*m), totp(-1*m)), saw(pwd(-1*m))
	vault := scope("billing", "phr", StepUp, 0)
	plain := scope("billing", "", "", 0)
	for _, tt := range []struct {
		n        string
		evidence Evidence
		person   Person
		then     Request // what was granted
		policy   *Policy // today's
		today    Request // what the client may have today
		change   func(*Frozen)
		want     string
	}{
		{"Q65 owner: nothing changed", mfa, p1, ask(openid, billing), std, ask(openid, billing), nil, "openid billing, unchanged"},
		{"Q65 owner: a scope is taken away", mfa, p1, ask(openid, billing), std, ask(openid), nil, "openid, unchanged"},
		{"Q65 owner: more is allowed than was granted", mfa, p1, ask(openid), std, ask(openid, billing), nil, "openid, unchanged"},
		{"Q65 owner: a floor is let down", mfa, p1, ask(openid, billing), std, ask(openid, plain), nil, "openid billing, unchanged"},
		{"Q65 owner: the client's floor is raised, and held", mfa, p1, ask(openid, billing), std, ask(openid, billing, floor("mfa")), nil, "openid billing, unchanged"},
		{"Q65 thief of a password: its scope gets a floor", sfa, p1, ask(openid, plain), std, ask(openid, billing), nil, "openid, no acr"},
		{"Q65 thief of a password: the client's floor is raised", sfa, p1, ask(openid), std, ask(openid, floor("mfa")), nil, "invalid_grant"},
		{"Q65 thief of a password: an alias of a raised floor", sfa, p1, ask(openid), std, ask(openid, floor(refeds)), nil, "invalid_grant"},
		{"Q65 thief of app and password: the floor is raised to passkeys", mfa, p1, ask(openid, billing), std, ask(openid, vault), nil, "openid, no acr"},
		{"Q65 thief: a max_age comes up", mfa, p1, ask(openid, billing), std, ask(openid, scope("billing", "mfa", StepUp, 30*time.Second)), nil, "openid, no acr"},
		{"Q65 thief: nothing of it is allowed any more", mfa, p1, ask(billing), std, ask(openid), nil, "invalid_grant"},
		{"Q65 thief: the level lasts less", mfa, p1, ask(openid, billing), policy(lasting(1, 30*time.Second)), ask(openid, billing), nil, "openid, no acr"},
		{"Q65 thief: the level takes no app any more", mfa, p1, ask(openid, billing), policy(second(Passkey)), ask(openid, billing), nil, "openid, no acr"},
		{"Q65 owner: the level takes more", mfa, p1, ask(openid, billing), policy(lasting(1, h)), ask(openid, billing), nil, "openid billing, unchanged, until=59m"},
		{"required since today, the owner: it was granted", mfa, p1, ask(openid, dnsDrop), std, ask(openid, required(dnsDrop)), nil, "openid dns, unchanged"},
		{"required since today, the thief: it was dropped", sfa, p1, ask(openid, dnsDrop), std, ask(openid, required(dnsDrop)), nil, "invalid_grant"},
		{"required since today, the thief: it was never asked for", sfa, p1, ask(openid), std, ask(openid, required(dnsDrop)), nil, "invalid_grant"},
		{"required no more", mfa, p1, ask(openid, required(dnsDrop)), std, ask(openid, dnsDrop), nil, "openid dns, unchanged"},
		{"Q65 an alias is no longer known", mfa, p1, ask(openid, acr(refeds)), policy(func(p *Policy) { p.Levels[1].Aliases = nil }), ask(openid), nil, "openid, no acr"},
		{"Q65 an alias stands for more", mfa, p1, ask(openid, acr(refeds)), policy(func(p *Policy) { p.Levels[1].Aliases, p.Levels[2].Aliases = nil, []string{refeds} }), ask(openid), nil, "openid, no acr"},
		{"Q44 owner: lasts a time, the session is over", mfa, p1, ask(openid, billing), mfaHour, ask(openid, billing), over, "openid billing, unchanged, until=59m"},
		{"Q44 thief: lasts: session, and the session is over", mfa, p1, ask(openid, billing), std, ask(openid, billing), over, "openid, no acr"},
		{"Q44 thief: lasts: session since today, and the session is over", mfa, p1, ask(billing), std, ask(billing), over, "invalid_grant"},
	} {
		t.Run(tt.n, func(t *testing.T) {
			d := Decide(std, tt.then, tt.person, tt.evidence, now)
			if d.Outcome != Satisfied {
				t.Fatalf("no grant to begin with: %s", told(d))
			}
			frozen := d.Granted.Freeze(tt.then)
			if tt.change != nil {
				tt.change(&frozen)
			}
			if got := renewed(Renew(tt.policy, frozen, terms(tt.today), tt.person, now)); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestFreezeKeepsWhatWasGranted(t *testing.T) {
	request := ask(openid, billing, scope("vault", "phr", Drop, 0), acr(refeds))
	d := Decide(std, request, p1, saw(pwd(-3*h), totp(-2*m)), now)
	want := Frozen{
		Request:  ask(openid, billing), // acr_values were for the answer, not for refreshes
		Events:   []Event{pwd(-3 * h), totp(-2 * m)},
		Acr:      refeds,
		Level:    "mfa",
		Amr:      []string{"mfa", "otp", "pwd"},
		AuthTime: now.Add(-2 * m),
	}
	if diff := cmp.Diff(want, d.Granted.Freeze(request)); diff != "" {
		t.Error(diff)
	}
	if len(request.Scopes) != 3 {
		t.Error("the request was changed")
	}
}
