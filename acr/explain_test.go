package acr

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// explained: the explanation is of the very decision. What it names is among the rules, unmet; where everything is granted no
// rule is; and what it says of the events is what the levels were found by.
func explained(c point, d Decision) error {
	x := Explain(c.p, c.r, c.w, c.e, now)
	if !reflect.DeepEqual(x.Decision, d) {
		return fmt.Errorf("explained is another decision: %s", told(x.Decision))
	}
	because, open := 0, 0
	for _, r := range x.Rules {
		if r.Because {
			because++
			if r.Reason != d.Reason {
				return fmt.Errorf("the rule %s stands for the reason", r.Reason)
			}
		}
		if r.State == Missing || r.State == Refuses {
			open++
		}
		if r.State == "" || r.Reason.Words() == "" {
			return fmt.Errorf("the rule %s has no state, or no words", r.Reason)
		}
	}
	switch {
	case d.Outcome == Satisfied && (open > 0 || because > 0):
		return fmt.Errorf("satisfied, and yet unmet: %s", rules(x))
	case d.Outcome != Satisfied && because != 1:
		return fmt.Errorf("the reason %s is not one of the rules: %s", d.Reason, rules(x))
	}
	for _, w := range x.Withheld {
		if w.Why.Words() == "" {
			return fmt.Errorf("%s is withheld without a reason", w.Way())
		}
		if slices.ContainsFunc(d.Options, func(o Option) bool { return o.Way() == w.Way() }) {
			return fmt.Errorf("%s is offered and withheld", w.Way())
		}
	}
	for _, o := range d.Options {
		if d.Outcome != AskEnrol && !slices.ContainsFunc(x.Ways, func(w Option) bool { return w.Way() == o.Way() }) {
			return fmt.Errorf("%s is offered and not explained", o.Way())
		}
	}
	return c.explainsEvents(d, x)
}

func (c point) explainsEvents(d Decision, x Explanation) error {
	for _, w := range x.Events {
		dead := w.Level == "" || c.p.index(w.Level) == 0 && !w.Event.First()
		if dead && w.Flaw == "" && len(x.Levels) > 0 {
			return fmt.Errorf("the event %s is worth nothing for no reason", w.Event.ID)
		}
	}
	if d.Outcome != Satisfied {
		return nil
	}
	for _, e := range d.Granted.events {
		i := slices.IndexFunc(x.Events, func(w Worth) bool { return reflect.DeepEqual(w.Event, e) })
		if i < 0 || slices.Contains([]Flaw{FlawGone, FlawDisabled, FlawNoRepeat, FlawEarlier}, x.Events[i].Flaw) {
			return fmt.Errorf("the answer stands on %s, which is explained as dead", e.ID)
		}
	}
	why, demanded := d.Granted.Because(), func(r Rule) bool { return r.Reason == d.Granted.Because() && r.State == Met && r.Level == d.Target }
	if why != ReasonNone && !slices.ContainsFunc(x.Rules, demanded) || why == ReasonNone && c.p.index(d.Target) > 0 {
		return fmt.Errorf("granted because of %q, which is no rule that demanded %s", why, d.Target)
	}
	at := slices.IndexFunc(x.Levels, func(h Held) bool { return h.Level == d.Granted.level })
	if at < 0 || !x.Levels[at].Good || !x.Levels[at].At.Equal(d.Granted.authTime) {
		return fmt.Errorf("the level %s of the answer is not among those held", d.Granted.level)
	}
	return nil
}

// rules writes the rules as the table below does: reason, whose, level, age, state; a star for the one the decision names.
func rules(x Explanation) string {
	var all []string
	for _, r := range x.Rules {
		words := []string{string(r.Reason)}
		for _, w := range append([]string{r.Of, strings.Join(r.Names, ",")}, r.Level) {
			if w != "" {
				words = append(words, w)
			}
		}
		if r.MaxAge > 0 {
			words = append(words, "in "+short(r.MaxAge))
		}
		if state := string(r.State); r.Because {
			words = append(words, state+"*")
		} else {
			words = append(words, state)
		}
		all = append(all, strings.Join(words, " "))
	}
	return strings.Join(all, "; ")
}

func short(d time.Duration) string { return ago(now.Add(d)) }

// events writes what each event is worth: method, level, end, flaw.
func events(x Explanation) string {
	var all []string
	for _, w := range x.Events {
		line := string(w.Event.Method)
		if w.Level != "" {
			line += " " + w.Level
		}
		if !w.Until.IsZero() {
			line += " until " + ago(w.Until)
		}
		if w.Flaw != "" {
			line += " (" + string(w.Flaw) + ")"
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

// ways writes what serves for the step, with + what may be switched on, and in brackets what does not.
func ways(x Explanation) string {
	all := []string{x.Step + ":"}
	for _, o := range x.Ways {
		all = append(all, string(o.Method))
	}
	for _, m := range x.Enrol {
		if x.Opens {
			all = append(all, "then")
		}
		all = append(all, "+"+string(m))
	}
	for _, w := range x.Withheld {
		line := fmt.Sprintf("(%s %s", w.Method, w.Why)
		if !w.Until.IsZero() {
			line += " until " + ago(w.Until)
		}
		all = append(all, line+")")
	}
	return strings.Join(all, " ")
}

func TestExplain(t *testing.T) {
	hour := func(p *Policy) { p.Levels[1].Lasts = h }
	smsOnly := policy(func(p *Policy) { p.Channels = []Method{Email} })
	for _, c := range []struct {
		n                   string
		policy              *Policy
		evidence            Evidence
		person              Person
		request             Request
		rules, events, ways string
	}{
		{"nobody", std, Evidence{}, nobody, ask(billing), "no_session sfa missing*", "", ""},
		{"the lowest level is enough", std, saw(pwd(-1 * m)), p0, ask(openid),
			"no_session sfa met", "pwd sfa", "mfa: email +totp +passkey"},
		{"client floor", std, saw(pwd(-1 * m)), p1, ask(floor("mfa")),
			"no_session sfa met; client_floor panel mfa missing*", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"scope with a floor and an age, the code is too old", std, saw(pwd(-1*h), totp(-1*h)), p1, ask(payments),
			"no_session sfa met; scope_floor payments mfa met; scope_max_age payments mfa in 15m missing*", "pwd sfa; totp mfa", "mfa: totp (email beside_factor)"},
		{"of two scopes the one that wants more", std, saw(pwd(-1 * m)), p1, ask(billing, scope("keys", "phr", StepUp, 0), floor("mfa")),
			"no_session sfa met; scope_floor billing mfa missing; scope_floor keys phr missing*; client_floor panel mfa missing", "pwd sfa", "phr: totp then +passkey (email level)"},
		{"acr_values", std, saw(pwd(-1 * m)), p1, ask(acr("phr mfa")),
			"no_session sfa met; acr_asked acr_values phr,mfa mfa missing*", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"default_acr_values that nobody can reach", std, saw(pwd(-1 * m)), bare, ask(wishes("mfa"), defaulted),
			"no_session sfa met; acr_asked default_acr_values mfa mfa waived", "pwd sfa", "mfa:"},
		{"an essential level that is unknown", std, saw(pwd(-1 * m)), p1, ask(essential("urn:x")),
			"unknown_acr claims urn:x refuses*", "", ""},
		{"dropped and offered scopes, silently", std, saw(pwd(-1 * m)), p1, ask(openid, dnsDrop, scope("mail", "mfa", Offer, 0), none),
			"no_session sfa met; scope_floor dns mfa waived; scope_floor mail mfa waived", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"an offered scope", std, saw(pwd(-1 * m)), p1, ask(openid, dnsOffer),
			"no_session sfa met; scope_floor dns mfa missing*", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"own choice", std, saw(pwd(-1 * m)), p1.but(choice), ask(),
			"no_session sfa met; own_choice person mfa missing*", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"every sign-in", whenOwn, saw(pwd(-2*m), totp(-1*m)), p1, ask(),
			"no_session sfa met; own_choice every_sign_in mfa met", "pwd sfa; totp mfa", "mfa: totp (email beside_factor)"},
		{"group floors", std, saw(pwd(-2*m), totp(-1*m)), p1.but(in("other", "root", "staff")), ask(),
			"no_session sfa met; group_floor root phr missing*; group_floor staff mfa met", "pwd sfa; totp mfa", "phr: +passkey (totp level) (email level)"},
		{"provider floor", policy(providerFloor("mfa")), saw(google(-1 * m)), person(linked("google"), contact(Email, "Y")), ask(),
			"no_session sfa met; provider_floor google mfa missing*", "social sfa", "mfa: email +totp +passkey"},
		{"the login reported the address", std, saw(google(-2*m, "X"), mail(-1*m, "X")), person(linked("google"), contact(Email, "X")), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing; unreachable refuses*", "social sfa; email (reported)", "mfa: (email reported)"},
		{"prompt=login", std, saw(pwd(-3*h), totp(-3*h)), p1, ask(login, billing),
			"prompt_login sfa missing*; scope_floor billing mfa missing", "pwd (earlier); totp (earlier)", "sfa: pwd"},
		{"max_age", std, saw(pwd(-3*h), totp(-3*h), here(pwd(0))), p1, ask(maxAge(10*m), billing),
			"no_session sfa met; scope_floor billing mfa missing; max_age mfa in 10m missing*", "pwd (too_old); totp (too_old); pwd sfa", "mfa: totp (email beside_factor)"},
		{"a max_age that is kept", std, saw(pwd(-1 * m)), p1, ask(maxAge(10 * m)),
			"no_session sfa met; max_age in 10m met", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"a level of an hour", policy(hour), saw(pwd(-2*h), totp(-2*h), totp(-30*m)), p1, ask(billing),
			"no_session sfa met; scope_floor billing mfa met", "pwd sfa; totp sfa (lapsed); totp mfa until 30m", "mfa: totp (email beside_factor)"},
		{"taken off, disabled, voided", std, saw(pwd(-3*h), mail(-2*h, "Z"), totp(-2*h), own(sms(-2*h, "+39"))), p0.but(offApp, phone, reserve, since(-1*h)), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing*", "pwd sfa; email (gone); totp (disabled); sms (voided)", "mfa: sms whatsapp recovery (totp disabled) (email beside_factor)"},
		{"a factor and an address that rest", std, saw(pwd(-2*m), totp(-1*m)), p0.but(weakApp), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing; cooling refuses*", "pwd sfa; totp (resting)", "mfa: (totp resting until 23h) (email beside_factor)"},
		{"a mailbox tainted by a mailed password, another that is fresh", std, saw(pwd(-2*m), mail(-1*m, "X")), p0.but(freshContact("Y", h), resetBy("X", -1*h)), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing; cooling refuses*", "pwd sfa; email (tainted)", "mfa: (email tainted until 23h) (email resting until 1h)"},
		{"a channel that is not there, and a country that is not served", policy(served("IT")), saw(pwd(-2 * m)), person(password, contact(SMS, "+1"), of("US"), contact(Email, "X")), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing*", "pwd sfa", "mfa: email +totp +passkey (whatsapp country) (sms country)"},
		{"no telephone here", smsOnly, saw(pwd(-2 * m)), person(password, contact(SMS, "+39")), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing; unreachable refuses*", "pwd sfa", "mfa: (sms channel)"},
		{"no contact codes", policy(codes(Never)), saw(pwd(-2*m), mail(-1*m, "X")), p0, ask(),
			"no_session sfa met", "pwd sfa; email (no_contact_code)", "mfa: +totp +passkey (email no_contact_code)"},
		{"a number proved by one channel", std, saw(pwd(-2 * m)), person(password, texts), ask(billing),
			"no_session sfa met; scope_floor billing mfa missing*", "pwd sfa", "mfa: sms"},
		{"another person", std, saw(pwd(-1 * m)), p1, ask(sub("bert")), "other_person refuses*", "", ""},
		{"declined", std, saw(pwd(-1 * m)), p1, ask(billing, declined),
			"no_session sfa met; scope_floor billing mfa missing; declined refuses*", "pwd sfa", "mfa: totp (email beside_factor)"},
		{"quarantine", std, quarantine(google(-1*m, "X")), person(unproved("google"), contact(Email, "X"), contact(Email, "Y")), ask(billing),
			"first_social google mfa missing*", "social sfa", "mfa: email +totp +passkey (email reported)"},
		{"quarantine, silently", std, quarantine(google(-1 * m)), person(unproved("google")), ask(none), "quarantine refuses*", "", ""},
		{"to connect a login", std, saw(pwd(-2*h), totp(-2*h)), p1, ask(connect), "connect mfa missing*", "pwd sfa; totp mfa", "mfa: totp"},
		{"the sign-in is gone", std, saw(pwd(-1 * m)), person(linked("google")), ask(), "no_session sfa missing*", "pwd (gone)", ""},
	} {
		t.Run(c.n, func(t *testing.T) {
			p := point{c.policy, c.request, c.person, c.evidence}
			if err := explained(p, p.decide()); err != nil {
				t.Errorf("%v%v", err, p)
			}
			x := Explain(c.policy, c.request, c.person, c.evidence, now)
			if got := rules(x); got != c.rules {
				t.Errorf("rules\n got %s\nwant %s", got, c.rules)
			}
			if got := events(x); got != c.events {
				t.Errorf("events\n got %s\nwant %s", got, c.events)
			}
			if got := strings.TrimPrefix(ways(x), ":"); got != c.ways {
				t.Errorf("ways\n got %s\nwant %s", got, c.ways)
			}
		})
	}
}
